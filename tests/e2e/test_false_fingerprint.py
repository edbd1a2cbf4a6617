"""Whoever sits on the path of a connection needs the key whose fingerprint came in the sealed signal."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from stardust.identity.records import CertifiedDevice
from stardust.link.aiortc_engine import AiortcEngine
from stardust.link.engine import IceConfig
from stardust.link.manager import LinkManager
from stardust.link.port import LinkOpened
from stardust.wire.codec import encode
from stardust.wire.descriptions import ANSWER
from stardust.wire.signals import SignalKind
from tests.e2e.sides import ALICE, BOB, Side
from tests.fakes.signaling import FakeExchange, FakeSignaling


class OtherCertificate(FakeSignaling):
    """Its answers name another DTLS certificate than the one that its side shows."""

    async def send(
        self, to: CertifiedDevice, kind: SignalKind, payload: bytes, *, urgent: bool = False
    ) -> None:
        assert kind is SignalKind.ANSWER
        answer = ANSWER.decode(payload)
        false = bytes(byte ^ 1 for byte in answer.description.fingerprint)
        description = msgspec.structs.replace(answer.description, fingerprint=false)
        await super().send(to, kind, encode(msgspec.structs.replace(answer, description=description)))


@pytest.mark.timeout(90)
async def test_a_certificate_that_was_not_signaled_makes_no_link() -> None:
    exchange = FakeExchange()
    alice = Side(exchange, ALICE)
    other = LinkManager(
        BOB.record.device,
        OtherCertificate(exchange, BOB),
        AiortcEngine(IceConfig()),
        acceptable=lambda account, device: True,
    )
    other.start()
    try:
        await alice.links.want(BOB)
        with pytest.raises(TimeoutError):
            await alice.until(LinkOpened, limit=10)
        assert (BOB.record.device, SignalKind.OFFER) in exchange.sent
        assert (ALICE.record.device, SignalKind.ANSWER) in exchange.sent
        assert not await alice.links.send(BOB.record.device, b"a secret")
    finally:
        await asyncio.gather(alice.links.close(), other.close())
