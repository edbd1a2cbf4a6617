"""What a WebRTC engine has to do for us: one reliable, ordered data channel for each connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from stardust.wire.descriptions import Description


@dataclass(frozen=True, slots=True)
class TurnAccess:
    url: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IceConfig:
    """Without servers only addresses of this machine are offered; no public server is ever asked."""

    stun: str | None = None
    turn: TurnAccess | None = None


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What a connection tells. Called on the event loop; ``lost`` at most once, and nothing after it."""

    opened: Callable[[str], None]
    """``direct`` or ``relay``."""
    message: Callable[[bytes], None]
    lost: Callable[[str], None]


class Connection(Protocol):
    """One attempt. ``offer``, or ``answer``; then ``take_answer`` for the side that offered.
    All raise ``LinkFailedError`` or ``DescriptionError``; all have time limits of their own."""

    async def offer(self) -> Description: ...

    async def answer(self, offer: Description) -> Description: ...

    async def take_answer(self, answer: Description) -> None: ...

    async def send(self, message: bytes) -> None:
        """Waits while too much is buffered; ``LinkFailedError`` when the channel is not open."""
        ...

    async def close(self) -> None: ...


class Engine(Protocol):
    async def prepare(self) -> None:
        """Loads the library off the event loop, if it is not there yet."""
        ...

    def connection(self, callbacks: Callbacks, *, relay_only: bool) -> Connection: ...
