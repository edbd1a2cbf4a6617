from __future__ import annotations

import asyncio

from stardust.daemon.sender import MAX_UNSENT, MAX_UNSENT_FRAMES, Sender
from stardust.wire.ids import DeviceId
from tests.fakes.links import FakeLinks, Switchboard

BOB = DeviceId(bytes([2]) * 32)


class Link(FakeLinks):
    """Takes frames once ``room`` is set."""

    def __init__(self) -> None:
        super().__init__(Switchboard(), DeviceId(bytes([1]) * 32))
        self.room = asyncio.Event()
        self.sent: list[bytes] = []

    async def send(self, device: DeviceId, frame: bytes) -> bool:
        await self.room.wait()
        self.sent.append(frame)
        return True


async def sent_of(frames: list[bytes]) -> list[bytes]:
    """What goes out of ``frames`` when the peer takes nothing until all are there."""
    link = Link()
    sender = Sender(link, BOB)
    await asyncio.sleep(0)
    for frame in frames:
        sender.put(frame)
    link.room.set()
    for _ in frames:
        await asyncio.sleep(0)
    sender.close()
    return link.sent


async def test_frames_go_out_in_order() -> None:
    frames = [bytes([number]) for number in range(100)]
    assert await sent_of(frames) == frames


async def test_acknowledgements_for_a_peer_that_does_not_read_do_not_pile_up() -> None:
    frames = [number.to_bytes(4, "big") for number in range(5000)]
    assert await sent_of(frames) == frames[-MAX_UNSENT_FRAMES:]


async def test_bytes_are_bounded_too() -> None:
    frames = [bytes([number]) * 60_000 for number in range(100)]
    assert await sent_of(frames) == frames[-(MAX_UNSENT // 60_000) :]
