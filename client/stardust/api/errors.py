"""What can go wrong between a client and the daemon."""

from __future__ import annotations

from stardust.errors import RemoteError, UnavailableError, UsageError


class NotRunningError(UnavailableError):
    """The daemon is not running."""

    code = "not_running"


class ConnectionLostError(UnavailableError):
    """The connection to the daemon was lost."""

    code = "connection_lost"


class ProtocolMismatchError(RemoteError):
    """The daemon answered something this client does not understand."""

    code = "protocol_mismatch"


class UnknownMethodError(UsageError):
    """The daemon has no such method."""

    code = "unknown_method"


class InvalidParamsError(UsageError):
    """The parameters of the call are not valid."""

    code = "invalid_params"


class InvalidRequestError(UsageError):
    """That is not a JSON-RPC 2.0 request."""

    code = "invalid_request"


class TooManyClientsError(UnavailableError):
    """Too many programs are connected to the daemon."""

    code = "too_many_clients"
