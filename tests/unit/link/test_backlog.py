from __future__ import annotations

from stardust.link.backlog import MAX_OF_ALL, MAX_OF_ONE, OVERHEAD, Backlog
from stardust.wire.ids import DeviceId


def device(number: int) -> DeviceId:
    return DeviceId(bytes([number]) * 32)


def fill(backlog: Backlog, whose: DeviceId, frame: bytes) -> int:
    count = 0
    while backlog.put(whose, frame):
        count += 1
    return count


def test_one_device_has_room_for_bytes_not_for_a_number_of_frames() -> None:
    backlog = Backlog()
    assert fill(backlog, device(1), bytes(65536)) == MAX_OF_ONE // (65536 + OVERHEAD)


def test_frames_without_content_count_too() -> None:
    assert fill(Backlog(), device(1), b"") == MAX_OF_ONE // OVERHEAD


def test_what_is_taken_makes_room() -> None:
    backlog = Backlog()
    fill(backlog, device(1), bytes(1000))
    backlog.taken(device(1), bytes(1000))
    assert fill(backlog, device(1), bytes(1000)) == 1


def test_all_together_are_bounded() -> None:
    backlog = Backlog()
    count = sum(fill(backlog, device(number), bytes(65536)) for number in range(40))
    assert count <= MAX_OF_ALL // (65536 + OVERHEAD)
    for _ in range(8):
        backlog.taken(device(0), bytes(65536))
    assert fill(backlog, device(41), bytes(65536)) == 8
