"""What can go wrong with keys, certificates and what people hand each other."""

from __future__ import annotations

from typing import Final

from stardust.errors import DecodeError, UntrustedError, UsageError


class BadPhraseError(UsageError):
    """This is not a recovery phrase: 12 or 24 English words with a valid checksum are needed."""

    code = "bad_phrase"


class DevAccountError(UsageError):
    """Development accounts such as //Alice are known to everybody and only work on a development chain."""

    code = "dev_account"


OWN_ACCOUNT: Final = "make an account of your own in another folder: stardust init --home FOLDER"


class BadAddressError(UsageError):
    """This is not an account address of this network."""

    code = "bad_address"


class KeystoreError(DecodeError):
    """This is not a polkadot-js account file that can be read."""

    code = "keystore"


class DevicesChangedError(UsageError):
    """The devices changed again meanwhile."""

    code = "devices_changed"


class CertificateError(UntrustedError):
    """The chain holds a device key that its account did not sign."""

    code = "certificate"


class WorkTooHardError(UntrustedError):
    """The node asks for more proof of work than any chain of this kind does."""

    code = "work_too_hard"


class InviteError(DecodeError):
    """This is not a valid invite."""

    code = "invite"


class InviteExpiredError(InviteError):
    """This invite has expired; ask for a new one."""

    code = "invite_expired"


class ProfileError(DecodeError):
    """This profile is not valid or not signed by the device it came from."""

    code = "profile"
