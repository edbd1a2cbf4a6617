"""``config.toml`` of a home folder: what the person chose. Read strictly, and only at start."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from stardust.daemon.errors import ConfigError
from stardust.signaling.policy import Preference
from stardust.wire.explain import explain


def _text(pattern: str, description: str) -> msgspec.Meta:
    return msgspec.Meta(pattern=pattern, max_length=256, description=description)


NodeUrl = Annotated[str, _text(r"^wss?://[^\s/]+", "an address that begins with ws:// or wss://")]
StunUrl = Annotated[str, _text(r"^stun:[^\s]+$", "an address such as stun:host:3478")]
TurnUrl = Annotated[str, _text(r"^turns?:[^\s]+$", "an address such as turn:host:3478")]
HttpUrl = Annotated[str, _text(r"^https?://[^\s/]+", "an address that begins with http:// or https://")]
Genesis = Annotated[str, _text("^0x[0-9a-f]{64}$", "0x and 64 hex digits")]


Announced = Literal["off", "contacts", "public"]
"""To whom this device announces that it is there."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base: a key that is not known is an error, not ignored."""


class ChainConfig(Section, frozen=True):
    nodes: Annotated[tuple[NodeUrl, ...], msgspec.Meta(min_length=1, max_length=16)] = (
        "ws://127.0.0.1:9944",
    )
    """Tried in this order."""
    genesis: Genesis | None = None
    """None: that of the first chain seen, from then on."""
    spec: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)] | None = None
    """Raw chain spec of a network, for the light client. A relative path lies in the home folder."""
    mode: Literal["auto", "light", "rpc"] = "auto"
    """auto: the light client where a spec with boot nodes is given."""
    compare: bool = False
    """Of nodes: device lists, owners and backup heads are asked of two, and have to agree."""


class SignalingConfig(Section, frozen=True):
    prefer: Preference = "auto"
    """auto: what is free and off chain before what is not."""
    fallback: bool = True
    """Use the others when what is preferred fails."""
    nodes: Annotated[tuple[NodeUrl, ...], msgspec.Meta(max_length=16)] = ()
    """Whose statement stores to use; none: those of ``chain.nodes``."""
    rendezvous: Annotated[tuple[NodeUrl, ...], msgspec.Meta(max_length=4)] = ()
    """In order of preference; up to two are used at once."""


class TurnServer(Section, frozen=True):
    url: TurnUrl
    username: Annotated[str, msgspec.Meta(max_length=256)] = ""
    password: Annotated[str, msgspec.Meta(max_length=256)] = ""

    def __repr__(self) -> str:
        """Without the password."""
        return f"TurnServer(url={self.url!r})"


class NetworkConfig(Section, frozen=True):
    stun: StunUrl | None = None
    turn: TurnServer | None = None
    relay_only_for_strangers: bool = False
    """Links to people who are not verified go through TURN, so that they do not see this address."""


class IpfsConfig(Section, frozen=True):
    api: HttpUrl = "http://127.0.0.1:5001"


class ApiConfig(Section, frozen=True):
    websocket: bool = False
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    """0: any free one."""


class PresenceConfig(Section, frozen=True):
    announce: Announced = "off"
    """contacts: by sealed beats, off chain. public: by heartbeats on chain, which everybody can see."""


class LogConfig(Section, frozen=True):
    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(Section, frozen=True):
    chain: ChainConfig = ChainConfig()
    signaling: SignalingConfig = SignalingConfig()
    network: NetworkConfig = NetworkConfig()
    ipfs: IpfsConfig = IpfsConfig()
    api: ApiConfig = ApiConfig()
    presence: PresenceConfig = PresenceConfig()
    log: LogConfig = LogConfig()

    @property
    def asks_free(self) -> bool:
        """Whether a way off chain was asked for: by name, or by following a chain by its spec, which is a
        network, whose nodes have a statement store; not only where there happens to be one."""
        signaling = self.signaling
        follows = self.chain.spec is not None and self.chain.mode != "rpc"
        expected = bool(signaling.nodes or signaling.rendezvous or follows)
        return signaling.prefer in ("statements", "rendezvous") or (signaling.prefer == "auto" and expected)


def load(path: Path) -> Config:
    """The configuration in ``path``; all defaults without a file. ``ConfigError`` names line or key."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from None
    try:
        read = tomllib.loads(text)
        _refuse_what_was(path, read)
        config = msgspec.convert(read, Config)
    except RecursionError:
        raise ConfigError(f"{path} is not valid TOML: it is nested too deeply.") from None
    except msgspec.ValidationError as error:
        words = explain(error, Config)
        raise ConfigError(f"{path}: {words}.", hint="see docs/configuration.md") from None
    except ValueError as error:  # not TOML; also a number of too many digits
        raise ConfigError(f"{path} is not valid TOML: {error}.") from None
    _check(path, config)
    return config


def _refuse_what_was(path: Path, read: dict[str, Any]) -> None:
    """A value of an earlier version, whose meaning the person shall choose anew."""
    presence = read.get("presence")
    if isinstance(presence, dict) and isinstance(presence.get("announce"), bool):
        raise ConfigError(
            f"{path}: presence.announce is not true or false any more.",
            hint='write "public" for true, "off" for false; "contacts" shows it to contacts only, off chain',
        )


def _check(path: Path, config: Config) -> None:
    """What one key alone does not show."""
    if config.signaling.prefer == "rendezvous" and not config.signaling.rendezvous:
        raise ConfigError(f"{path}: signaling.prefer needs signaling.rendezvous.", hint="name a rendezvous")
    if config.network.relay_only_for_strangers and config.network.turn is None:
        raise ConfigError(
            f"{path}: network.relay_only_for_strangers needs network.turn.", hint="name a TURN server"
        )
    if config.chain.mode == "light" and config.chain.spec is None:
        raise ConfigError(
            f'{path}: chain.mode = "light" needs chain.spec.', hint="the network's operator has the spec"
        )
    if config.chain.compare and len(config.chain.nodes) < 2:
        raise ConfigError(f"{path}: chain.compare needs two nodes in chain.nodes.", hint="name another node")


def render(config: Config) -> str:
    """``config`` as TOML, with only what differs from the defaults."""
    lines: list[str] = []
    for section in msgspec.structs.fields(config):
        chosen, default = getattr(config, section.name), section.default
        changed = [
            (field.name, getattr(chosen, field.name))
            for field in msgspec.structs.fields(chosen)
            if getattr(chosen, field.name) != getattr(default, field.name)
        ]
        if changed:
            lines += [f"[{section.name}]", *(f"{key} = {_toml(value)}" for key, value in changed), ""]
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, msgspec.Struct):
        pairs = msgspec.structs.asdict(value).items()
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in pairs) + " }"
    # JSON's strings, numbers and booleans are TOML's too, but for one character.
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
