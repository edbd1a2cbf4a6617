"""The own profile, and those that contacts sent."""

from __future__ import annotations

from stardust.api import calls
from stardust.api.types import ProfileInfo
from stardust.daemon.api_server import Scope
from stardust.daemon.core import Core
from stardust.daemon.people import Relation
from stardust.delivery.events import Submission
from stardust.identity.address import to_address
from stardust.identity.profiles import sign_profile
from stardust.wire.ids import AccountId
from stardust.wire.items import ContactRequest, Item, Profile, SignedProfile


class ProfileService:
    def __init__(self, core: Core, own: Profile | None) -> None:
        self._core = core
        self._own = own

    @property
    def nickname(self) -> str:
        return self._own.nickname if self._own else ""

    def signed(self) -> list[SignedProfile]:
        """The own profile as others get it, if there is one."""
        return [sign_profile(self._own, self._core.keys)] if self._own else []

    def request(self, secret: bytes = b"", note: str = "") -> list[Item]:
        """First words to somebody new."""
        return [ContactRequest(secret, self.nickname, note), *self.signed()]

    async def get(self, call: calls.IdentityProfileGet, _: Scope) -> ProfileInfo:
        if call.contact is None:
            return _view(self._core.account, self._own)
        person = self._core.people.find(call.contact)
        return _view(person.account, await self._core.thread.run(self._core.records.profile, person.account))

    async def set(self, call: calls.IdentityProfileSet, _: Scope) -> ProfileInfo:
        revision = self._own.revision + 1 if self._own else 1
        profile = Profile(self._core.account, revision, call.nickname.strip(), call.bio, call.avatar)
        signed = sign_profile(profile, self._core.keys)
        submissions = [
            Submission(device.record.device, signed)
            for person in self._core.people.all()
            if person.relation is Relation.ACCEPTED
            for device in person.usable_devices
        ]
        await self._core.runner.submit(submissions, lambda: self._core.records.save_profile(profile))
        self._own = profile
        self._core.link_keeper.look_now()
        return _view(self._core.account, profile)


def _view(account: AccountId, profile: Profile | None) -> ProfileInfo:
    if profile is None:
        return ProfileInfo(to_address(account), "", "", b"", 0)
    return ProfileInfo(to_address(account), profile.nickname, profile.bio, profile.avatar, profile.revision)
