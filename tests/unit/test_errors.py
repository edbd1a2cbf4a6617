from __future__ import annotations

import socket
import ssl

import pytest

from stardust.errors import why


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(111, "Connect call failed ('127.0.0.1', 9944)"), "connection refused"),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 111] Connect call failed"),
            "connection refused",
        ),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 101] Connect call failed"),
            "connection refused, network is unreachable",
        ),
        (socket.gaierror(-2, "Name or service not known"), "name or service not known"),
        (TimeoutError(), "no answer in time"),
        (ssl.SSLError(1, "[SSL: BAD] IP address mismatch"), "[SSL: BAD] IP address mismatch"),
        (ValueError("one\ntwo"), "one"),
        (ValueError(), "ValueError"),
    ],
)
def test_why_a_connection_failed_is_said_in_words(error: Exception, words: str) -> None:
    assert why(error) == words
