"""What is known only while the daemon runs: who is there, which links are open, what is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from stardust.api.types import LinkInfo, LinkStateName, Problem
from stardust.daemon import clock
from stardust.daemon.errors import ItemsMissingError, while_running
from stardust.daemon.people import People, Person
from stardust.errors import StardustError
from stardust.identity.address import to_address
from stardust.link.port import LinkClosed, LinkEvent, LinkOpened, Links, LinkStateChanged
from stardust.wire.ids import AccountId, DeviceId

_BEST_FIRST: tuple[LinkStateName, ...] = ("open", "connecting", "waiting", "failed", "idle")


def problem_of(error: StardustError) -> Problem:
    """For people who look at a running daemon."""
    error = while_running(error)
    return Problem(error.code, str(error), error.hint)


@dataclass(slots=True)
class _Link:
    route: str | None = None
    setup_ms: float | None = None
    detail: str = ""


@dataclass(slots=True)
class Live:
    people: People
    links: Links
    online: dict[AccountId, bool] = field(default_factory=dict)
    """By the chain."""
    beating: set[DeviceId] = field(default_factory=set)
    """Devices that are there by their beats."""
    seen_at: dict[AccountId, int] = field(default_factory=dict)
    """Unix milliseconds of the last sign of life that this daemon noticed."""
    problems: dict[str, Problem] = field(default_factory=dict)
    missing: Counter[AccountId] = field(default_factory=Counter)
    """Messages and receipts that will never come."""
    _links: dict[DeviceId, _Link] = field(default_factory=dict)

    def note_problem(self, topic: str, error: StardustError | None) -> None:
        """What stands in the way of ``topic``; None: nothing any more."""
        if error is None:
            self.problems.pop(topic, None)
        else:
            self.problems[topic] = problem_of(error)

    def note_missing(self, account: AccountId, count: int) -> None:
        self.missing[account] += count
        person = self.people.get(account)
        number, name = self.missing[account], person.title if person else to_address(account)
        problem = f"{number} messages or receipts of {name} are missing here and will not come."
        hint = "this home was set back to an earlier state, or they were given up there: ask for them"
        self.note_problem(f"missing {account.hex()}", ItemsMissingError(problem, hint=hint))

    def note_presence(self, account: AccountId, online: bool) -> bool:
        """Whether that is news."""
        changed = self.online.get(account, False) != online
        if changed or online:
            self.seen_at[account] = clock.wall_ms()
        self.online[account] = online
        return changed

    def note_beat(self, device: DeviceId, here: bool) -> AccountId | None:
        """Whose device came or went; None: that is no news."""
        account = self.people.account_of(device)
        if (device in self.beating) == here:
            return None
        if here:
            self.beating.add(device)
        else:
            self.beating.discard(device)
        if account is not None:
            self.seen_at[account] = clock.wall_ms()
        return account

    def note_link(self, event: LinkEvent) -> DeviceId | None:
        """The device whose link changed, if it did."""
        match event:
            case LinkOpened(device, route, setup_ms):
                self._links[device] = _Link(route, setup_ms)
                self._seen(device)
            case LinkClosed(device, reason):
                self._links[device] = _Link(detail=reason)
                self._seen(device)
            case LinkStateChanged(device, _, detail):
                self._links.setdefault(device, _Link()).detail = detail
            case _:
                return None
        return device

    def _seen(self, device: DeviceId) -> None:
        account = self.people.account_of(device)
        if account is not None:
            self.seen_at[account] = clock.wall_ms()

    def is_online(self, person: Person) -> bool:
        """By the chain, by beats, or by an open link."""
        by_beats = not self.beating.isdisjoint(person.known_devices)
        return by_beats or self.online.get(person.account, False) or self.link_state(person) == "open"

    def link_state(self, person: Person) -> LinkStateName:
        """Of the best link to any device of ``person``."""
        states = {self.links.state(device).value for device in person.known_devices}
        return next((state for state in _BEST_FIRST if state in states), "idle")

    def link_info(self, device: DeviceId) -> LinkInfo:
        known = self._links.get(device, _Link())
        account = self.people.account_of(device)
        quality = self.links.quality(device)
        state: LinkStateName = self.links.state(device).value
        return LinkInfo(
            address=to_address(account) if account else "",
            device=device.hex(),
            state=state,
            route="relay" if known.route == "relay" else "direct" if known.route else None,
            setup_ms=known.setup_ms,
            rtt_ms=quality.rtt_ms if quality else None,
            bytes_sent=quality.bytes_sent if quality else 0,
            bytes_received=quality.bytes_received if quality else 0,
            open_for_ms=int(quality.opened_ms_ago) if quality else None,
            detail=known.detail,
        )

    def link_infos(self) -> tuple[LinkInfo, ...]:
        infos = (self.link_info(device) for device in self._links)
        return tuple(info for info in infos if info.state != "idle")
