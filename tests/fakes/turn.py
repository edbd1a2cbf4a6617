"""A TURN client that asks for exactly what a test wants, over TCP."""

from __future__ import annotations

import hashlib
import socket
import struct
from typing import Any, Final, Self

from aioice.stun import HEADER_LENGTH, Class, Message, Method, parse_message

from tests.fixtures.coturn import Coturn

UDP: Final = 17 << 24
TCP: Final = 6 << 24
"""REQUESTED-TRANSPORT: the protocol number in the first byte."""
WITHIN_S = 10.0


class RawTurn:
    """A connection to the server, with the name and password that it expects."""

    def __init__(self, server: Coturn) -> None:
        self._access = server.access
        self._socket = socket.create_connection((server.host, server.port), WITHIN_S)
        self._challenge: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def allocate(self, transport: int) -> Message:
        """The answer: with the address that relays, or with the ERROR-CODE."""
        wanted = {"REQUESTED-TRANSPORT": transport}
        challenge = self._ask(Message(Method.ALLOCATE, Class.REQUEST, attributes=dict(wanted)))
        assert challenge.error_code == 401
        self._challenge = {name: challenge.attributes[name] for name in ("REALM", "NONCE")}
        return self._signed(Method.ALLOCATE, wanted)

    def permit(self, host: str) -> Message:
        """Asks to exchange packets with this address."""
        return self._signed(Method.CREATE_PERMISSION, {"XOR-PEER-ADDRESS": (host, 9)})

    def _signed(self, method: Method, attributes: dict[str, Any]) -> Message:
        request = Message(
            method,
            Class.REQUEST,
            attributes={**attributes, "USERNAME": self._access.username, **self._challenge},
        )
        secret = f"{self._access.username}:{self._challenge['REALM']}:{self._access.password}"
        request.add_message_integrity(hashlib.md5(secret.encode(), usedforsecurity=False).digest())
        return self._ask(request)

    def _ask(self, request: Message) -> Message:
        self._socket.sendall(bytes(request))
        head = self._take(HEADER_LENGTH)
        (length,) = struct.unpack_from("!H", head, 2)
        return parse_message(head + self._take(length))

    def _take(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            got = self._socket.recv(count - len(data))
            if not got:
                raise ConnectionError("the TURN server hung up")
            data += got
        return data
