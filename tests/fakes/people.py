"""People for tests: an account and a device that stand on a ``FakeLedger``."""

from __future__ import annotations

from dataclasses import dataclass

from stardust.identity.accounts import AccountKey
from stardust.identity.certificates import certify
from stardust.identity.devices import DeviceKeys
from stardust.identity.records import CertifiedDevice
from stardust.identity.work import solve
from tests.fakes.chain import FakeChain
from tests.fakes.ledger import FakeLedger


@dataclass(frozen=True)
class Resident:
    account: AccountKey
    keys: DeviceKeys
    certified: CertifiedDevice
    chain: FakeChain


async def resident(ledger: FakeLedger, name: str) -> Resident:
    """Somebody registered with one device, connected to ``ledger``."""
    account = AccountKey.from_uri(f"//{name}", dev=True)
    keys = DeviceKeys.create()
    record = keys.record(bytes([1]) * 32, bytes([2]) * 32)
    certified = certify(account, keys, record, genesis=ledger.genesis, expires=ledger.number + 100)
    work = solve(ledger.genesis, account.account, keys.device, certified.expires, ledger.difficulty)
    assert work is not None
    chain = FakeChain(ledger, keys)
    await chain.connect()
    await chain.register(certified, work)
    (stored,) = await chain.devices(account.account)
    return Resident(account, keys, stored, chain)
