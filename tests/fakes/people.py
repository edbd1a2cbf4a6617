"""People for tests: account, device, and how they come on a chain."""

from __future__ import annotations

from dataclasses import dataclass

from stardust.chain.port import CallReceipt, Chain
from stardust.identity.accounts import AccountKey
from stardust.identity.certificates import certify
from stardust.identity.devices import DeviceKeys
from stardust.identity.records import CertifiedDevice, Scheme
from stardust.identity.work import solve

CURVE_KEYS = (bytes([1]) * 32, bytes([2]) * 32)
"""Of a session and a backup that no test here opens."""


@dataclass(frozen=True)
class Person:
    """An account and one of its devices."""

    account: AccountKey
    device: DeviceKeys

    @classmethod
    def fresh(cls, scheme: Scheme = Scheme.SR25519) -> Person:
        account, _ = AccountKey.create(scheme=scheme)
        return cls(account, DeviceKeys.create())


async def proof(
    chain: Chain, account: AccountKey, device: DeviceKeys, *, ahead: int = 10
) -> tuple[CertifiedDevice, int]:
    """What ``register`` and ``add_device`` want; it expires ``ahead`` blocks from now. A later proof of
    the same account has to expire later."""
    difficulty, _ = await chain.work()
    expires = await chain.newest() + ahead
    certified = certify(account, device, device.record(*CURVE_KEYS), genesis=chain.genesis, expires=expires)
    work = solve(chain.genesis, certified, difficulty)
    assert work is not None
    return certified, work


async def join(chain: Chain, person: Person, *, ahead: int = 10) -> CallReceipt:
    """Registers ``person``, who has no money."""
    return await chain.register(*await proof(chain, person.account, person.device, ahead=ahead))


@dataclass(frozen=True)
class Resident:
    """Somebody registered with one device, and connected."""

    account: AccountKey
    keys: DeviceKeys
    certified: CertifiedDevice
    chain: Chain


async def settle(chain: Chain, person: Person) -> Resident:
    """Registers ``person`` on a chain that is connected."""
    await join(chain, person)
    (stored,) = await chain.devices(person.account.account)
    return Resident(person.account, person.device, stored, chain)
