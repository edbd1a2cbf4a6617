"""What one device tells another inside the end-to-end encryption: items of an ordered stream.

The delivery layer numbers them; applications give them a meaning. An item of a newer
peer that is not understood here is refused by its number (``Ack.refused``), never
skipped in silence; the items beside it are not affected.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from stardust.wire.codec import U63, Decoder, Form, Id16, Key32, Signature64
from stardust.wire.frames import Number, StreamId

MAX_TEXT = 16_384
MAX_ITEM = 48 * 1024
MAX_BUNDLE = 60 * 1024
MAX_BUNDLED = 256


class Text(Form, frozen=True, tag=1):
    """A message a person wrote."""

    hidden = frozenset({"body"})
    id: Id16
    conversation: Key32
    sent_at: U63
    """Unix time in milliseconds, by the sender's clock."""
    body: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT)]
    reply_to: Id16 | None = None


class ReadReceipt(Form, frozen=True, tag=2):
    """The person has seen these messages."""

    conversation: Key32
    ids: Annotated[tuple[Id16, ...], msgspec.Meta(min_length=1, max_length=256)]
    read_at: U63


class SignedProfile(Form, frozen=True, tag=3):
    """A person's own description: the encoding of a ``Profile``, signed by the device."""

    hidden = frozenset({"body"})
    body: Annotated[bytes, msgspec.Meta(max_length=40_000)]
    signature: Signature64


class ContactRequest(Form, frozen=True, tag=4):
    """First words to somebody new; ``secret`` is the invite's, when there was one."""

    hidden = frozenset({"secret", "note"})
    secret: Annotated[bytes, msgspec.Meta(max_length=32)]
    name: Annotated[str, msgspec.Meta(max_length=64)]
    note: Annotated[str, msgspec.Meta(max_length=280)] = ""


class ContactAnswer(Form, frozen=True, tag=5):
    """The request was accepted or declined."""

    accepted: bool
    name: Annotated[str, msgspec.Meta(max_length=64)]


class Void(Form, frozen=True, tag=6):
    """Keeps the number of an item that expired before it could leave."""

    reason: Literal["expired", "withdrawn"]


class PresenceKey(Form, frozen=True, tag=9):
    """The key of this device's beats, by which its contacts see that it is there; it takes the place of
    those of smaller generations."""

    hidden = frozenset({"key"})
    generation: U63
    """Grows with each key of the device: Unix time in milliseconds when it was made, or one more than the
    last."""
    key: Key32 | None
    """None: taken back, there is none any more."""


Item = Text | ReadReceipt | SignedProfile | ContactRequest | ContactAnswer | Void | PresenceKey


class Bundle(Form, frozen=True, tag=7):
    """Plaintext of one Olm message: consecutive items of a stream, the first numbered ``first``."""

    hidden = frozenset({"items"})
    stream: StreamId
    first: Number
    items: Annotated[tuple[msgspec.Raw, ...], msgspec.Meta(min_length=1, max_length=MAX_BUNDLED)]
    """Encoded ``Item``s, each decoded by itself."""


ITEM: Decoder[Item] = Decoder(Item, limit=MAX_ITEM)
BUNDLE: Decoder[Bundle] = Decoder(Bundle, limit=MAX_BUNDLE)


class Profile(Form, frozen=True, tag=8):
    """Nickname, a line about oneself and a small picture (PNG, JPEG or WebP)."""

    hidden = frozenset({"bio", "avatar"})
    account: Key32
    revision: U63
    nickname: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    bio: Annotated[str, msgspec.Meta(max_length=280)]
    avatar: Annotated[bytes, msgspec.Meta(max_length=32_768)]


PROFILE: Decoder[Profile] = Decoder(Profile, limit=40_000)
