"""Bounds for what aiortc keeps of an SCTP association.

It advertises a receive window of 1 MiB and does not hold anybody to it: pieces of messages that are
never completed pile up, on every stream that the other side cares to name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

MAX_HELD: Final = 2 * 1024 * 1024
"""Bytes of incomplete or early messages; an honest peer has at most 0.6 MiB under way."""
MAX_PIECES: Final = 4096
"""Of the same; each costs half a kilobyte beside its bytes."""


class Guard:
    """Stands before the reassembly of ``sctp`` (an ``RTCSctpTransport``).

    ``channel`` tells the stream of the data channel, None as long as there is none: then the first
    stream that is used is it. Data on any other stream is acknowledged and forgotten. ``end`` is
    called when more is held than an honest peer sends; nothing is taken from then on.
    """

    def __init__(self, sctp: Any, channel: Callable[[], int | None], end: Callable[[str], None]) -> None:
        self._sctp, self._channel, self._end = sctp, channel, end
        self._take, self._skip = sctp._receive_data_chunk, sctp._receive_forward_tsn_chunk
        self._window = sctp._advertised_rwnd  # aiortc counts what it holds from here down
        self._first: int | None = None
        self._ended = False
        sctp._receive_data_chunk = self._data
        sctp._receive_forward_tsn_chunk = self._forward

    async def _data(self, chunk: Any) -> None:
        if self._ended:
            return
        if self._first is None:
            self._first = chunk.stream_id
        if chunk.stream_id != self._stream():
            self._sctp._sack_needed = True
            self._sctp._mark_received(chunk.tsn)
            return
        await self._take(chunk)
        pieces = sum(len(stream.reassembly) for stream in self._sctp._inbound_streams.values())
        if pieces > MAX_PIECES or self._window - self._sctp._advertised_rwnd > MAX_HELD:
            self._ended = True
            self._end("the other side sends messages without end")

    async def _forward(self, chunk: Any) -> None:
        """Names streams too, and aiortc makes each that it hears of."""
        chunk.streams = [(stream, number) for stream, number in chunk.streams if stream == self._stream()]
        await self._skip(chunk)

    def _stream(self) -> int | None:
        channel = self._channel()
        return self._first if channel is None else channel
