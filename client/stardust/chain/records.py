"""From decoded SCALE to the shapes of ``port``; whatever does not fit is the node's fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from stardust.chain.codec import PALLET, EventRecord
from stardust.chain.errors import BadNodeError
from stardust.chain.port import (
    AccountInfo,
    BackupHead,
    ChainEvent,
    ChainSignal,
    EventKind,
    Notice,
    Presence,
)
from stardust.identity.records import CertifiedDevice, DeviceRecord, Scheme
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.signals import SignalKind

Result = TypeVar("Result")

_KINDS: Final = {
    "Offer": SignalKind.OFFER,
    "Answer": SignalKind.ANSWER,
    "IceCandidate": SignalKind.CANDIDATE,
    "Ping": SignalKind.PING,
    "OfflineMessage": SignalKind.OFFLINE_MESSAGE,
}
KIND_NAMES: Final = {kind: name for name, kind in _KINDS.items()}
_EVENTS: Final = {kind.value: kind for kind in EventKind if kind is not EventKind.MISSED}


def shaped(build: Callable[[Any], Result], value: Any) -> Result:
    """``build(value)``; ``BadNodeError`` when the value has another shape."""
    try:
        return build(value)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise BadNodeError(f"The node's answer has an unexpected shape ({error!r}).") from None


def account_info(value: Any) -> AccountInfo | None:
    return value and AccountInfo(value["since"], value["revision"], value["spent_proof"])


def device(account: AccountId, value: Any) -> CertifiedDevice:
    """One ``StoredDevice``; its proofs are not checked here."""
    record, (scheme, certificate) = value["record"], value["certificate"]
    return CertifiedDevice(
        account=account,
        record=DeviceRecord(
            device=DeviceId(record["device"]),
            olm=record["olm"],
            fallback=record["fallback"],
            sealing=record["sealing"],
            suite=record["suite"],
        ),
        expires=value["expires"],
        possession=value["possession"],
        scheme=Scheme(scheme.lower()),
        certificate=certificate,
        added=value["added"],
    )


def device_arguments(device: CertifiedDevice, work: int) -> dict[str, Any]:
    """Arguments of ``register`` and ``add_device``."""
    record = device.record
    return {
        "account": hexed(device.account),
        "record": {
            "suite": record.suite,
            "device": hexed(record.device),
            "olm": hexed(record.olm),
            "fallback": hexed(record.fallback),
            "sealing": hexed(record.sealing),
        },
        "expires": device.expires,
        "possession": hexed(device.possession),
        "certificate": {device.scheme.value.capitalize(): hexed(device.certificate)},
        "work": work,
    }


def presence(value: Any) -> Presence:
    online, last_seen = value
    return Presence(online, last_seen)


def signal(value: Any) -> ChainSignal:
    return ChainSignal(
        value["id"],
        DeviceId(value["from"]),
        AccountId(value["sender"]),
        _KINDS[value["kind"][0]],
        value["payload"],
        value["at"],
        value["expires"],
    )


def notice(value: Any) -> Notice:
    return Notice(
        value["id"],
        DeviceId(value["from"]),
        AccountId(value["sender"]),
        value["cid"],
        value["at"],
        value["expires"],
    )


def backup(value: Any) -> BackupHead | None:
    return value and BackupHead(value["cid"], value["sequence"], value["digest"], value["at"])


def chain_events(block: int, records: tuple[EventRecord, ...]) -> list[ChainEvent]:
    """The pallet's events of a block that the client acts on."""
    return [
        shaped(lambda record: _chain_event(block, record), record)
        for record in records
        if record.pallet == PALLET and record.name in _EVENTS
    ]


def _chain_event(block: int, record: EventRecord) -> ChainEvent:
    kind, fields = _EVENTS[record.name], record.fields
    if kind is EventKind.SIGNAL_SENT:
        return ChainEvent(kind, block, device=DeviceId(fields["to"]), id=fields["id"])
    if kind is EventKind.OFFLINE_MESSAGE_NOTIFIED:
        return ChainEvent(kind, block, account=AccountId(fields["to"]), id=fields["id"])
    return ChainEvent(
        kind, block, account=fields["account"], device=fields.get("device"), id=fields.get("sequence")
    )


def hexed(data: bytes) -> str:
    """The form in which scalecodec takes bytes without guessing."""
    return "0x" + bytes(data).hex()


def unhexed(text: Any) -> bytes:
    """``BadNodeError`` for anything but ``0x…``."""
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except (AttributeError, ValueError):
        raise BadNodeError("The node answered with something that is not hex.") from None
