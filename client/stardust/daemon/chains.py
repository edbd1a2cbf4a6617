"""The chain as the configuration wants it: by nodes, or by the daemon's own light client."""

from __future__ import annotations

from stardust.chain.errors import ChainSpecError
from stardust.chain.light.rpc import LightRpc
from stardust.chain.light.spec import ChainSpec, read_spec
from stardust.chain.port import DeviceSigner
from stardust.chain.rpc import RpcChain
from stardust.daemon.config import Config
from stardust.daemon.home import Home


def open_chain(
    home: Home, config: Config, genesis: bytes | None, signer: DeviceSigner | None = None
) -> RpcChain:
    """Not connected yet. ``ChainSpecError`` when the configured chain spec cannot be used."""
    spec = light_spec(home, config)
    if spec is None:
        nodes, compare = config.chain.nodes, config.chain.compare
        return RpcChain(nodes, signer=signer, genesis=genesis, compare=compare)
    return RpcChain((str(spec.path),), signer=signer, genesis=genesis, opener=LightRpc.open, final=True)


def light_spec(home: Home, config: Config) -> ChainSpec | None:
    """The spec that the light client is to follow; None when nodes are asked. ``ChainSpecError``."""
    chain = config.chain
    if chain.spec is None or chain.mode == "rpc":
        return None
    spec = read_spec(home.path / chain.spec)
    if spec.boot_nodes:
        return spec
    if chain.mode == "light":
        raise ChainSpecError(
            f"The chain spec {spec.path} names no boot nodes.",
            hint="the light client finds the network by them; the operator has a spec with some",
        )
    return None
