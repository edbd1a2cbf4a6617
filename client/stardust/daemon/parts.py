"""The adapters that a daemon runs on: made here for real, replaced by tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from stardust.chain.port import Chain
from stardust.daemon.config import Config
from stardust.daemon.home import Home
from stardust.daemon.vault import Secrets
from stardust.history.store import Store
from stardust.identity.devices import DeviceKeys
from stardust.link.port import Links
from stardust.signaling.port import Signaling
from stardust.wire.ids import AccountId


@dataclass(frozen=True, slots=True)
class Network:
    """The parts that talk to others."""

    chain: Chain
    signaling: Signaling
    links: Links
    close: Callable[[], Awaitable[None]]
    """Ends what carries the signals; links and chain end by themselves."""


class Parts(Protocol):
    def store(self, home: Home, secrets: Secrets) -> Store:
        """Called on the store's thread."""
        ...

    def network(
        self, home: Home, config: Config, account: AccountId, keys: DeviceKeys, store: Store
    ) -> Network:
        """Called on the event loop; nothing is connected yet."""
        ...
