"""The identifiers that all layers share. All are raw bytes; text forms belong to the user interfaces."""

from __future__ import annotations

from typing import NewType

AccountId = NewType("AccountId", bytes)
"""32 bytes: public key of a person's chain account (sr25519 or ed25519)."""

DeviceId = NewType("DeviceId", bytes)
"""32 bytes: ed25519 public key of one device, a chain account of its own."""

MessageId = NewType("MessageId", bytes)
"""16 bytes: UUIDv7 chosen by the sender; unique for ever."""

ConversationId = NewType("ConversationId", bytes)
"""32 bytes: blake2b-256 of ``stardust:direct:v1`` and both account ids in ascending order."""
