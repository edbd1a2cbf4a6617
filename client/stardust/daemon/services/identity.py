"""Who is signed in, and bringing this device on chain."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Final

from stardust.api import calls
from stardust.api.types import Empty, Login, Whoami
from stardust.chain.port import CallReceipt
from stardust.daemon import views
from stardust.daemon.api_server import Scope
from stardust.daemon.core import Core
from stardust.daemon.services.profile import ProfileService
from stardust.daemon.setup import read_account_key
from stardust.errors import StardustError, UsageError
from stardust.identity.accounts import AccountKey
from stardust.identity.address import to_address
from stardust.identity.certificates import certify
from stardust.identity.errors import OWN_ACCOUNT, DevAccountError
from stardust.identity.records import CertifiedDevice
from stardust.identity.work import solve
from stardust.wire.ids import DeviceId

WHOAMI_PATIENCE: Final = 2.0


class IdentityService:
    """``refresh`` reads this account's devices from the chain again."""

    def __init__(self, core: Core, profiles: ProfileService, refresh: Callable[[], Awaitable[None]]) -> None:
        self._core = core
        self._profiles = profiles
        self._refresh = refresh
        self._one_login = asyncio.Lock()

    async def whoami(self, _: calls.IdentityWhoami, __: Scope) -> Whoami:
        core = self._core
        with contextlib.suppress(StardustError):  # then what was known before is shown
            await core.chain_keeper.wait(WHOAMI_PATIENCE)
            await self._refresh()
        return Whoami(
            address=to_address(core.account),
            account=core.account.hex(),
            scheme="ed25519" if core.scheme == "ed25519" else "sr25519",
            device=core.keys.device.hex(),
            nickname=self._profiles.nickname,
            registered=core.registered,
            revoked=core.revoked,
            devices=tuple(views.device(one, this=core.keys.device) for one in core.own_devices),
            has_account_key=core.home.account.exists(),
        )

    async def login(self, call: calls.IdentityLogin, _: Scope) -> Login:
        async with self._one_login:
            began = time.monotonic()
            await self._core.chain_keeper.wait()
            await self._refresh()
            name, receipt = "none", None
            if not self._core.registered:
                key = await asyncio.to_thread(read_account_key, self._core.home, call.passphrase)
                name, receipt = await self._bring_on_chain(key)
                await self._refresh()
                self._core.chain_keeper.look_again()
            return Login(
                call="register" if name == "register" else "add_device" if receipt else "none",
                address=to_address(self._core.account),
                device=self._core.keys.device.hex(),
                block=receipt.block if receipt else None,
                took_ms=int((time.monotonic() - began) * 1000),
            )

    async def _bring_on_chain(self, key: AccountKey) -> tuple[str, CallReceipt]:
        core = self._core
        if key.account != core.account:
            raise UsageError("The account key in this home is of another account.")
        if key.known and await core.chain.is_live():
            raise DevAccountError(hint=OWN_ACCOUNT)
        info = await core.chain.account(core.account)
        certified, difficulty = await self._certified(key, info.spent_proof if info else 0)
        nonce = await asyncio.to_thread(solve, core.chain.genesis, certified, difficulty)
        assert nonce is not None  # nobody cancels it
        if info is None:
            return "register", await core.chain.register(certified, nonce)
        return "add_device", await core.chain.add_device(certified, nonce)

    async def _certified(self, key: AccountKey, spent: int) -> tuple[CertifiedDevice, int]:
        core = self._core
        difficulty, lifetime = await core.chain.work()
        newest = await core.chain.newest()
        # Half of what is allowed: enough for the work, and room for another login right after.
        expires = max(newest + max(lifetime // 2, 1), spent + 1)
        certified = certify(key, core.keys, core.record, genesis=core.chain.genesis, expires=expires)
        return certified, difficulty

    async def revoke_device(self, call: calls.IdentityRevokeDevice, _: Scope) -> Empty:
        await self._core.chain_keeper.wait()
        device = DeviceId(bytes.fromhex(call.device))
        if device == self._core.keys.device:
            await self._core.chain.revoke_device(device)
        else:
            key = await asyncio.to_thread(read_account_key, self._core.home, call.passphrase or "")
            await self._core.chain.revoke_device(device, key)
        await self._refresh()
        return Empty()
