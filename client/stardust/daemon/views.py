"""From what the daemon has to what the API shows. Pure."""

from __future__ import annotations

from stardust.api.types import ChainInfo, Contact, Device, Presence
from stardust.chain.port import ChainStatus
from stardust.daemon.ids import direct_conversation
from stardust.daemon.live import Live
from stardust.daemon.people import Person
from stardust.daemon.records import Summary
from stardust.identity.records import CertifiedDevice
from stardust.identity.trust import Standing, fingerprint
from stardust.wire.ids import AccountId, DeviceId


def contact(own: AccountId, person: Person, live: Live, summary: Summary) -> Contact:
    standing = person.trust.standing
    return Contact(
        address=person.address,
        name=person.title,
        nickname=person.nickname,
        conversation=direct_conversation(own, person.account).hex(),
        state=person.relation.value,
        blocked=person.blocked,
        verified=standing is Standing.VERIFIED,
        keys_changed=standing is Standing.CHANGED,
        online=live.is_online(person),
        last_seen_at=live.seen_at.get(person.account),
        link=live.link_state(person),
        unread=summary.unread,
        waiting=summary.waiting,
        last_message_at=summary.last_message_at,
        note=person.note,
        devices=tuple(
            device(one, trusted=person.trust.accepted.get(one.record.device) == fingerprint(one.record))
            for one in person.devices
        ),
        ticket=person.trust.ticket.hex(),
    )


def device(certified: CertifiedDevice, *, this: DeviceId | None = None, trusted: bool = True) -> Device:
    return Device(
        device=certified.record.device.hex(),
        added=certified.added,
        this=certified.record.device == this,
        trusted=trusted,
    )


def presence(person: Person, live: Live) -> Presence:
    return Presence(
        person.address, live.is_online(person), live.seen_at.get(person.account), live.link_state(person)
    )


def chain(status: ChainStatus) -> ChainInfo:
    return ChainInfo(
        connected=status.connected,
        node=status.node,
        genesis=status.genesis.hex() if status.genesis else None,
        spec_name=status.spec_name,
        spec_version=status.spec_version,
        block=status.head.number if status.head else None,
        problem=status.problem,
    )
