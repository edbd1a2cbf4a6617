"""What can go wrong with the home folder and with what a person asks of the daemon."""

from __future__ import annotations

from typing import Final

from stardust.errors import LocalError, StardustError, UnavailableError, UsageError
from stardust.history.errors import DatabaseDamagedError, DatabaseKeyError


class NoHomeError(UsageError):
    """There is no account in this home folder yet."""

    code = "no_home"


class HomeTakenError(UsageError):
    """This home folder holds an account already."""

    code = "home_taken"


class KeysMissingError(LocalError):
    """The file with this device's keys is missing."""

    code = "keys_missing"


class HomeUnusableError(LocalError):
    """The home folder cannot be used."""

    code = "home_unusable"


class AlreadyRunningError(UsageError):
    """A daemon is running on this home folder already."""

    code = "already_running"


class ConfigError(UsageError):
    """The configuration file is not valid."""

    code = "config"


class VaultDamagedError(LocalError):
    """The file with this device's keys is damaged."""

    code = "vault_damaged"


def while_running(error: StardustError) -> StardustError:
    """The same as a daemon that goes on says it: its home can be moved only when it has ended."""
    if not isinstance(error, DatabaseDamagedError | DatabaseKeyError):
        return error
    return type(error)(str(error), hint=f"stardust down, then {error.hint}")


class UnknownContactError(UsageError):
    """There is no such contact."""

    code = "unknown_contact"


class AmbiguousContactError(UsageError):
    """More than one contact has this name; use the address."""

    code = "ambiguous_contact"


class NotAContactError(UsageError):
    """This person is not a contact yet."""

    code = "not_a_contact"


class ContactBlockedError(UsageError):
    """This contact is blocked; unblock it first."""

    code = "contact_blocked"


class OwnAccountError(UsageError):
    """That is your own account."""

    code = "own_account"


class ForeignInviteError(UsageError):
    """This invite belongs to another network than yours."""

    code = "invite_foreign"


class FalseInviteError(UsageError):
    """This invite was not made by a device of the account that it names."""

    code = "invite_invalid"


class NotOnChainError(UsageError):
    """This account has no device on chain, so nothing can be sent to it."""

    code = "not_on_chain"


class KeysChangedError(UsageError):
    """The devices of this contact have changed; nothing is sent until you accept them."""

    code = "keys_changed"


class NotRegisteredError(UsageError):
    """This device is not registered on chain yet."""

    code = "not_registered"


class DeviceRevokedError(UsageError):
    """This device is not on chain any more: it was revoked, or the chain began anew."""

    code = "device_revoked"


LOGIN_AGAIN: Final = "nothing that is stored here is lost; if nobody revoked it on purpose: stardust login"


class AccountKeyMissingError(UsageError):
    """The account key is not in this home folder."""

    code = "account_key_missing"


class UnknownMessageError(UsageError):
    """There is no such message."""

    code = "unknown_message"


class ItemsMissingError(LocalError):
    """Messages or receipts of a contact are missing here and will not come."""

    code = "items_missing"


class StoppingError(UnavailableError):
    """The daemon is shutting down."""

    code = "stopping"
