"""Frames that were received and not taken by the layer above: how many bytes, and whose."""

from __future__ import annotations

from collections import Counter
from typing import Final

from stardust.wire.ids import DeviceId

MAX_OF_ONE: Final = 2 * 1024 * 1024
"""Bytes; an honest peer has at most 0.6 MiB under way (the window of delivery)."""
MAX_OF_ALL: Final = 16 * 1024 * 1024
OVERHEAD: Final = 512
"""Bytes that a frame costs beside its own."""


class Backlog:
    """Outlives the links that it counts for: who connects anew has no more room than before."""

    def __init__(self) -> None:
        self._waiting: Counter[DeviceId] = Counter()
        self._size = 0

    def put(self, device: DeviceId, frame: bytes) -> bool:
        """Whether there is room for ``frame``, which then counts."""
        cost = len(frame) + OVERHEAD
        if self._waiting[device] + cost > MAX_OF_ONE or self._size + cost > MAX_OF_ALL:
            return False
        self._waiting[device] += cost
        self._size += cost
        return True

    def taken(self, device: DeviceId, frame: bytes) -> None:
        cost = len(frame) + OVERHEAD
        self._size -= cost
        self._waiting[device] -= cost
        if not self._waiting[device]:
            del self._waiting[device]
