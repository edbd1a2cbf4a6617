"""What can go wrong between two devices that have no connection yet."""

from __future__ import annotations

from stardust.errors import DecodeError, RemoteError, UnavailableError, UsageError


class SignalRefusedError(UsageError):
    """The receiver does not take signals of this account now."""

    code = "signal_refused"


class EnvelopeError(RemoteError):
    """A sealed envelope is not for this device, not from whom it says, or too old."""

    code = "envelope"


class EnvelopeTooLargeError(DecodeError):
    """A signal does not fit one envelope."""

    code = "envelope_size"


class NoStatementStoreError(UnavailableError):
    """The node does not offer a statement store."""

    code = "no_statement_store"
