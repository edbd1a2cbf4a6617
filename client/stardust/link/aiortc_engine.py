"""The engine on aiortc. Loaded with the first link: it needs 13 MB and some tenths of a second.

What aiortc leaves to its user is done here: explicit ICE servers (its default asks a public one),
time limits for every step, bounded buffers, and an end that is always told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

from stardust.errors import StardustError
from stardust.link.association import Guard
from stardust.link.engine import Callbacks, Connection, IceConfig
from stardust.link.errors import LinkFailedError
from stardust.link.sdp import from_sdp, to_sdp
from stardust.link.without_media import load_aiortc
from stardust.wire.descriptions import Description

if TYPE_CHECKING:
    from aiortc import RTCDataChannel, RTCPeerConnection

GATHER_S: Final = 8.0
"""A dead STUN server alone costs 5."""
CLOSE_S: Final = 3.0
BUFFER_HIGH: Final = 1024 * 1024
BUFFER_LOW: Final = 256 * 1024
MAX_MESSAGE: Final = 65536 + 1

T = TypeVar("T")
log = structlog.get_logger(__name__)


class AiortcEngine:
    """Keeps the interface ``Engine``."""

    def __init__(self, ice: IceConfig) -> None:
        self._ice = ice

    async def prepare(self) -> None:
        await asyncio.to_thread(load_aiortc)

    def connection(self, callbacks: Callbacks, *, relay_only: bool) -> Connection:
        return AiortcConnection(self._ice, callbacks, relay_only=relay_only)


class AiortcConnection:
    """One RTCPeerConnection with one negotiated-in-band data channel."""

    def __init__(self, ice: IceConfig, callbacks: Callbacks, *, relay_only: bool) -> None:
        self._callbacks = callbacks
        self._peer = _peer_connection(ice, relay_only=relay_only)
        self._channel: RTCDataChannel | None = None
        self._room = asyncio.Event()
        self._room.set()
        self._ended = False
        self._peer.on("connectionstatechange", self._state_changed)
        self._peer.on("datachannel", self._adopt)

    async def offer(self) -> Description:
        return await self._limited(self._offer(), GATHER_S, "No network address was found.")

    async def _offer(self) -> Description:
        self._adopt(self._peer.createDataChannel("stardust", ordered=True))
        self._watch_association()
        return await self._describe(await self._peer.createOffer())

    async def answer(self, offer: Description) -> Description:
        await self._remote(offer, "offer")
        return await self._limited(self._answer(), GATHER_S, "No network address was found.")

    async def _answer(self) -> Description:
        self._watch_association()
        return await self._describe(await self._peer.createAnswer())

    async def take_answer(self, answer: Description) -> None:
        await self._remote(answer, "answer")

    async def send(self, message: bytes) -> None:
        await self._room.wait()
        channel = self._channel
        if self._ended or channel is None or channel.readyState != "open":
            raise LinkFailedError("The connection is closed.")
        channel.send(message)
        if channel.bufferedAmount > BUFFER_HIGH:
            self._room.clear()

    async def close(self) -> None:
        self._end(None)
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._peer.close()
        except TimeoutError:
            log.warning("a connection did not close in time")

    async def _describe(self, local: Any) -> Description:
        await self._peer.setLocalDescription(local)
        return from_sdp(self._peer.localDescription.sdp)

    async def _remote(self, description: Description, kind: str) -> None:
        from aiortc import RTCSessionDescription

        remote = RTCSessionDescription(to_sdp(description), kind)
        await self._limited(
            self._peer.setRemoteDescription(remote), GATHER_S, "The other side's offer is not usable."
        )

    async def _limited(self, work: Awaitable[T], seconds: float, problem: str) -> T:
        """aiortc raises what it likes for descriptions that it dislikes, and for a connection that was
        closed under it; all of it means: no connection."""
        try:
            async with asyncio.timeout(seconds):
                return await work
        except StardustError:
            raise
        except Exception as error:
            raise LinkFailedError(f"{problem} ({type(error).__name__})") from None

    def _watch_association(self) -> None:
        if self._peer.sctp is not None:
            Guard(self._peer.sctp, self._stream, self._end)

    def _stream(self) -> int | None:
        return None if self._channel is None else self._channel.id

    def _adopt(self, channel: RTCDataChannel) -> None:
        if self._channel is not None:  # one channel is all that a peer of ours opens
            channel.close()
            return
        self._channel = channel
        channel.bufferedAmountLowThreshold = BUFFER_LOW
        channel.on("message", self._message)
        channel.on("close", lambda: self._end("the other side closed the connection"))
        channel.on("bufferedamountlow", self._room.set)
        channel.on("open", self._opened)
        if channel.readyState == "open":
            self._opened()

    def _opened(self) -> None:
        if not self._ended:
            self._callbacks.opened(self._route())

    def _message(self, message: bytes | str) -> None:
        if self._ended:
            return
        if isinstance(message, str) or len(message) > MAX_MESSAGE:
            self._end("the other side sent something that is not a frame")
            return
        self._callbacks.message(message)

    def _state_changed(self) -> None:
        state = self._peer.connectionState
        if state in ("failed", "closed"):
            self._end("no path to the other device was found" if state == "failed" else "closed")

    def _end(self, reason: str | None) -> None:
        """Tells the end once; ``reason`` None: it was us, who know."""
        if self._ended:
            return
        self._ended = True
        self._room.set()
        if reason is not None:
            self._callbacks.lost(reason)

    def _route(self) -> str:
        """``relay`` when either end of the selected candidate pair is one."""
        sctp = self._peer.sctp
        ice = sctp.transport.transport if sctp is not None else None
        # aiortc does not tell the selected pair; aioice keeps it by component.
        pair = getattr(getattr(ice, "_connection", None), "_nominated", {}).get(1)
        if pair is None:
            return "direct"
        kinds = {pair.local_candidate.type, pair.remote_candidate.type}
        return "relay" if "relay" in kinds else "direct"


def _peer_connection(ice: IceConfig, *, relay_only: bool) -> RTCPeerConnection:
    load_aiortc()
    from aiortc import RTCConfiguration, RTCIceServer, RTCIceTransportPolicy, RTCPeerConnection

    servers = []
    if ice.stun is not None:
        servers.append(RTCIceServer(urls=ice.stun))
    if ice.turn is not None:
        servers.append(
            RTCIceServer(urls=ice.turn.url, username=ice.turn.username, credential=ice.turn.password)
        )
    policy = RTCIceTransportPolicy.RELAY if relay_only else RTCIceTransportPolicy.ALL
    return RTCPeerConnection(RTCConfiguration(iceServers=servers, iceTransportPolicy=policy))
