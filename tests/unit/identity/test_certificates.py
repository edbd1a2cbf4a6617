from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from stardust.errors import UntrustedError
from stardust.identity.certificates import certify, check, encode_record, possession, statement
from stardust.identity.errors import CertificateError, WorkTooHardError
from stardust.identity.records import CertifiedDevice, DeviceRecord, Scheme
from stardust.identity.work import check_work, solve
from stardust.wire.ids import AccountId
from tests.unit.identity.helpers import GENESIS, account, device, record

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "certificates.json").read_text())


def certified(scheme: Scheme = Scheme.SR25519) -> CertifiedDevice:
    return certify(account(scheme=scheme), device("one"), record("one"), genesis=GENESIS, expires=700)


@pytest.mark.parametrize("scheme", Scheme)
def test_a_certificate_holds(scheme: Scheme) -> None:
    check(certified(scheme), GENESIS)


@pytest.mark.parametrize("scheme", Scheme)
def test_the_form_that_browser_wallets_sign_holds(scheme: Scheme) -> None:
    bare = certified(scheme)
    signed = statement(GENESIS, bare.account, bare.record, bare.expires)
    wrapped = account(scheme=scheme).sign(b"<Bytes>" + signed + b"</Bytes>")
    check(dataclasses.replace(bare, certificate=wrapped), GENESIS)


def other(**fields: Any) -> CertifiedDevice:
    return dataclasses.replace(certified(), **fields)


def altered(**fields: Any) -> CertifiedDevice:
    return other(record=dataclasses.replace(record("one"), **fields))


@pytest.mark.parametrize(
    "false",
    [
        other(expires=701),
        other(account=account("other").account),
        other(scheme=Scheme.ED25519),
        other(certificate=bytes(64)),
        other(certificate=b""),
        other(possession=bytes(64)),
        other(possession=device("two").sign(b"")),
        other(record=record("two")),
        altered(olm=bytes(32)),
        altered(fallback=bytes(32)),
        altered(sealing=record("two").sealing),
        altered(sealing=b""),
        altered(suite=2),
        altered(olm=bytes(31)),
    ],
)
def test_nothing_in_a_certificate_can_be_changed(false: CertifiedDevice) -> None:
    with pytest.raises(UntrustedError):
        check(false, GENESIS)


def test_a_certificate_is_of_one_chain_only() -> None:
    with pytest.raises(CertificateError):
        check(certified(), bytes(32))


def stored(vector: dict[str, Any]) -> CertifiedDevice:
    fields = {name: bytes.fromhex(vector[name]) for name in ("device", "olm", "fallback", "sealing")}
    return CertifiedDevice(
        AccountId(bytes.fromhex(vector["account"])),
        DeviceRecord(**fields),  # type: ignore[arg-type]
        vector["expires"],
        bytes.fromhex(vector["possession"]),
        Scheme(vector["scheme"]),
        bytes.fromhex(vector["certificate"]),
    )


def test_the_bytes_are_those_of_the_golden_vectors() -> None:
    for vector in VECTORS["certificates"]:
        known, genesis = stored(vector), bytes.fromhex(vector["genesis"])
        subject = (genesis, known.account, known.record, known.expires)
        assert encode_record(known.record).hex() == vector["record"]
        assert statement(*subject).hex() == vector["statement"]
        assert possession(*subject).hex() == vector["possessed"]
        check(known, genesis)


def test_work_is_that_of_the_golden_vectors() -> None:
    for vector in VECTORS["work"]:
        certificate = VECTORS["certificates"][vector["certificate"]]
        genesis, subject = bytes.fromhex(certificate["genesis"]), stored(certificate)
        assert solve(genesis, subject, vector["difficulty"]) == vector["nonce"]
        assert check_work(genesis, subject, vector["nonce"], vector["difficulty"])
        if vector["difficulty"]:
            assert not check_work(genesis, subject, vector["nonce"] + 1, vector["difficulty"])


@pytest.mark.parametrize(
    "false",
    [
        other(expires=701),
        other(account=account("other").account),
        other(scheme=Scheme.ED25519),
        other(certificate=bytes(64)),
        other(possession=bytes(64)),
        other(record=record("two")),
        altered(fallback=bytes(32)),
    ],
)
def test_work_is_for_one_call_only(false: CertifiedDevice) -> None:
    nonce = solve(GENESIS, false, 12)
    assert nonce is not None
    assert check_work(GENESIS, false, nonce, 12)
    assert not check_work(GENESIS, certified(), nonce, 12)
    assert not check_work(bytes(32), false, nonce, 12)


def test_no_work_needs_no_search() -> None:
    assert solve(GENESIS, certified(), 0) == 0


def test_an_absurd_demand_for_work_is_refused() -> None:
    with pytest.raises(WorkTooHardError):
        solve(GENESIS, certified(), 25)


def test_work_stops_when_nobody_wants_it_any_more() -> None:
    assert solve(GENESIS, certified(), 24, cancelled=lambda: True) is None
