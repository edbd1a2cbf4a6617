"""Which blocks smoldot holds for us: the events of a ``chainHead_v1_follow`` subscription. Pure.

The JSON-RPC specification (paritytech/json-rpc-interface-spec, chainHead) lets a client ask the state
of *pinned* blocks, whose runtime is at hand; a block is pinned when it is announced, until unpinned.
Asked of any other block, smoldot fetches the runtime anew, a megabyte each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from stardust.chain.errors import BadNodeError

MAX_HELD: Final = 4096
"""Blocks without a finalized one among them; more are a fault."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """``version`` is in the shape of ``state_getRuntimeVersion``, ``apis`` the runtime's APIs by the
    hash of their names (blake2-64, hex)."""

    version: dict[str, Any]
    apis: frozenset[str]


@dataclass(slots=True)
class _Held:
    parent: str | None
    runtime: Runtime | None


@dataclass(slots=True)
class Blocks:
    """Block hashes are as the JSON has them, ``0x`` and hex."""

    finalized: str | None = None
    best: str | None = None
    _held: dict[str, _Held] = field(default_factory=dict)

    @property
    def runtime(self) -> Runtime | None:
        """Of the finalized block."""
        held = self._held.get(self.finalized or "")
        return held.runtime if held else None

    def take(self, event: Any) -> list[str]:
        """``event``: one ``followEvent``. The blocks that are to be unpinned. ``BadNodeError``."""
        try:
            match event["event"]:
                case "initialized":
                    self._begin(event)
                case "newBlock":
                    self._new(event)
                case "bestBlockChanged":
                    self.best = self._known(event["bestBlockHash"])
                case "finalized":
                    return self._finalize(event)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise BadNodeError(f"The light client misreports blocks ({error!r}).") from None
        return []

    def _begin(self, event: Any) -> None:
        runtime = _runtime(event.get("finalizedBlockRuntime"))
        self._held = {hash_: _Held(None, runtime) for hash_ in event["finalizedBlockHashes"]}
        self.finalized = self.best = self._known(event["finalizedBlockHashes"][-1])

    def _new(self, event: Any) -> None:
        if len(self._held) >= MAX_HELD:
            raise BadNodeError("The light client holds too many blocks.")
        parent = self._known(event["parentBlockHash"])
        runtime = _runtime(event.get("newRuntime")) or self._held[parent].runtime
        self._held[event["blockHash"]] = _Held(parent, runtime)

    def _finalize(self, event: Any) -> list[str]:
        self.finalized = self._known(event["finalizedBlockHashes"][-1])
        # smoldot names only the last of several; the others are its ancestors.
        done = [hash_ for hash_ in event["prunedBlockHashes"] if hash_ in self._held]
        older = self._held[self.finalized].parent
        while older is not None and older in self._held:
            done.append(older)
            older = self._held[older].parent
        for hash_ in done:
            self._held.pop(hash_, None)
        if self.best not in self._held:
            self.best = self.finalized
        return list(dict.fromkeys(done))

    def _known(self, hash_: Any) -> str:
        if hash_ not in self._held:
            raise BadNodeError("The light client names a block that it has not told of.")
        return str(hash_)


def _runtime(told: Any) -> Runtime | None:
    """``told``: ``{type: valid, spec}``; None when there is none or smoldot cannot use it."""
    return runtime_of(told["spec"]) if told is not None and told.get("type") == "valid" else None


def runtime_of(version: Any) -> Runtime:
    """``version``: as ``state_getRuntimeVersion`` and ``chainHead_v1`` have it. ``BadNodeError``."""
    try:
        apis = version["apis"]  # {hash: version}, or [[hash, version], …]
        return Runtime(dict(version), frozenset(apis if isinstance(apis, dict) else dict(apis)))
    except (KeyError, TypeError, ValueError) as error:
        raise BadNodeError(f"The light client misreports the runtime ({error!r}).") from None
