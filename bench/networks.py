"""Small networks of real nodes: one validator, and an RPC node beside it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from network import spec
from network.genesis import Times, with_times
from network.local import RPC, Network
from stardust.wire.ids import DeviceId

ALLOWANCE = b":statement_allowance:"
"""Key in the state (docs/chain.md); the device follows."""
ALLOWED = (64).to_bytes(4, "little") + (64 * 1024).to_bytes(4, "little")
"""Statements and bytes that a registration allows a device."""
NEVER = 2**31
"""Blocks of a session: the genesis has more validators, which would come in with the second one."""


def with_allowances(chain: spec.Spec, devices: Iterable[DeviceId]) -> spec.Spec:
    """The same chain with what the store looks at for each device, as if it were registered."""
    raw = chain["genesis"]["raw"]
    allowed = {f"0x{(ALLOWANCE + device).hex()}": f"0x{ALLOWED.hex()}" for device in devices}
    return {**chain, "genesis": {"raw": {**raw, "top": {**raw["top"], **allowed}}}}


@contextlib.contextmanager
def two_nodes(
    folder: Path,
    *,
    slot_millis: int | None = None,
    allowed: Iterable[DeviceId] = (),
    change: Callable[[spec.Spec], spec.Spec] = lambda chain: chain,
    rpc_options: Sequence[str] = (),
) -> Iterator[Network]:
    """The validator ``alice`` and the node ``rpc``, with the chain's own slots when nothing is said;
    ``allowed``: devices that may store statements without being registered; ``change``: what else is
    different in the genesis."""
    alone = spec.with_validators(spec.load(spec.LOCAL), 1)
    alone = with_times(alone, Times(slot_millis=slot_millis, session_blocks=NEVER))
    folder.mkdir(parents=True, exist_ok=True)
    chain = spec.write(change(with_allowances(alone, allowed)), folder / "two.json")
    network = Network(folder, chain=chain, rpc_options=rpc_options)
    try:
        network.start()
        yield network
    finally:
        network.stop()


def final(network: Network, block: int) -> None:
    """Returns when it is, for the RPC node."""
    network.wait(lambda: network[RPC].finalized() >= block, f"block {block} to be final")


def ways(network: Network) -> dict[str, tuple[str, str]]:
    """Addresses of the node of who sends and the node of who receives."""
    rpc = network[RPC].url
    return {"one node": (rpc, rpc), "two nodes": (network["alice"].url, rpc)}
