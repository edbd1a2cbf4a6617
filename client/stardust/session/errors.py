"""What can go wrong between two devices' encryption."""

from __future__ import annotations

from stardust.errors import LocalError, RemoteError, UntrustedError


class DeviceNotTrustedError(UntrustedError):
    """The keys of this device have not been accepted."""

    code = "device_not_trusted"


class NoSessionError(RemoteError):
    """The message belongs to a session that is not known here."""

    code = "no_session"


class UndecryptableError(RemoteError):
    """The message cannot be decrypted."""

    code = "undecryptable"


class KeysDamagedError(LocalError):
    """The stored encryption keys cannot be read."""

    code = "keys_damaged"
