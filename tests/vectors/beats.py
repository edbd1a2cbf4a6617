"""Golden vectors of sealed beats of device one (docs/protocol.md, presence)."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from stardust.identity.devices import DeviceKeys
from stardust.signaling.beats import PADDED, SIGNED, seal_beat
from stardust.signaling.padding import pad
from stardust.signaling.topics import beat_channel, beat_topic
from stardust.wire.codec import encode
from stardust.wire.presence import Beat, SignedBeat
from tests.unit.identity.helpers import GENESIS, device
from tests.vectors.plain import plain
from tests.vectors.topics import EPOCH, STORES

AT = 1_800_000_000_000
KEY = bytes(range(32))
NONCE = bytes(range(12))
BEATS = (Beat(AT, "here"), Beat(AT + 45_000, "gone"))


def sealed_raw(data: bytes, keys: DeviceKeys | None = None, genesis: bytes = GENESIS) -> bytes:
    """Any plaintext, sealed as a beat of device one."""
    bound = SIGNED + genesis + (keys or device("one")).device
    return b"\x01" + NONCE + ChaCha20Poly1305(KEY).encrypt(NONCE, data, bound)


def signed_by(signer: DeviceKeys, beat: Beat) -> bytes:
    """A beat of device one that ``signer`` signed."""
    body = encode(beat)
    signed = SignedBeat(body, signer.sign(SIGNED + GENESIS + body))
    return sealed_raw(pad(encode(signed), (PADDED,)))


def beats() -> dict[str, Any]:
    one, two = device("one"), device("two")
    good = seal_beat(BEATS[0], one, KEY, GENESIS, NONCE)
    refused = {
        "nothing": b"",
        "cut_off": good[:-1],
        "longer": good + b"\x00",
        "another_version": b"\x02" + good[1:],
        "a_changed_byte": good[:40] + bytes([good[40] ^ 1]) + good[41:],
        "sealed_under_another_key": seal_beat(BEATS[0], one, bytes(32), GENESIS, NONCE),
        "sealed_by_another_device": seal_beat(BEATS[0], two, KEY, GENESIS, NONCE),
        "signed_by_another_device": signed_by(two, BEATS[0]),
        "of_another_chain": seal_beat(BEATS[0], one, KEY, bytes(32), NONCE),
        "not_padded": sealed_raw(bytes(PADDED)),
        "padded_to_another_size": sealed_raw(pad(b"x", (64,))),
        "no_form": sealed_raw(pad(b"x", (PADDED,))),
        "of_another_time": seal_beat(Beat(AT - 1_001_000, "here"), one, KEY, GENESIS, NONCE),
        "of_a_time_to_come": seal_beat(Beat(AT + 901_000, "here"), one, KEY, GENESIS, NONCE),
    }
    return {
        "about": "docs/protocol.md, presence: beats of device one (topics.json has its seed) under its"
        " presence key, opened at the time of the first; and what is refused then.",
        "genesis": GENESIS.hex(),
        "device": one.device.hex(),
        "presence_key": KEY.hex(),
        "nonce": NONCE.hex(),
        "opened_at": AT // 1000,
        "epoch": EPOCH,
        "stores": {
            store: {
                "topic": beat_topic(KEY, EPOCH, store).hex(),
                "channel": beat_channel(KEY, EPOCH, store).hex(),
            }
            for store in STORES
        },
        "accepted": [
            {
                "fields": plain(beat),
                "body": encode(beat).hex(),
                "encoded": seal_beat(beat, one, KEY, GENESIS, NONCE).hex(),
            }
            for beat in BEATS
        ],
        "refused": [{"why": why.replace("_", " "), "encoded": data.hex()} for why, data in refused.items()],
    }
