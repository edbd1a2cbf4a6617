from __future__ import annotations

from stardust.daemon.misconduct import AT_ONCE, COOL_DOWN_S, Misconduct
from stardust.wire.ids import DeviceId
from tests.fakes.links import FakeLinks, Switchboard

EVE, BOB = DeviceId(bytes([1]) * 32), DeviceId(bytes([2]) * 32)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Shunning(FakeLinks):
    def __init__(self) -> None:
        super().__init__(Switchboard(), DeviceId(bytes([3]) * 32))
        self.calls: list[tuple[DeviceId, float]] = []

    def shun(self, device: DeviceId, seconds: float) -> None:
        self.calls.append((device, seconds))


def test_a_few_are_tolerated_and_more_cost_the_link() -> None:
    links, clock = Shunning(), Clock()
    misconduct = Misconduct(links, clock)
    for _ in range(AT_ONCE):
        misconduct.note(EVE, "garbage")
    assert links.calls == []
    for _ in range(20):
        misconduct.note(EVE, "garbage")
    misconduct.note(BOB, "a slip")
    assert links.calls == [(EVE, COOL_DOWN_S)]


def test_whoever_goes_on_after_the_rest_loses_the_link_again() -> None:
    links, clock = Shunning(), Clock()
    misconduct = Misconduct(links, clock)
    for _ in range(2):
        for _ in range(50):
            misconduct.note(EVE, "garbage")
        clock.now += COOL_DOWN_S + 1
    assert len(links.calls) == 2


def test_one_slip_a_minute_is_tolerated_for_ever() -> None:
    links, clock = Shunning(), Clock()
    misconduct = Misconduct(links, clock)
    for _ in range(100):
        misconduct.note(EVE, "garbage")
        clock.now += 61.0
    assert links.calls == []
