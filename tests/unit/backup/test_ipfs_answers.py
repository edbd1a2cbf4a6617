"""What answers in the place of an IPFS node may be anything."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from stardust.backup.blocks import raw_cid
from stardust.backup.errors import BackupTamperedError, IpfsMissingError, IpfsUnavailableError
from stardust.backup.ipfs import IpfsNode


class Something:
    """Answers every request with the same status and bytes."""

    def __init__(self) -> None:
        self.status, self.answer = 200, b""
        something = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.send_response(something.status)
                self.send_header("Content-Length", str(len(something.answer)))
                self.end_headers()
                self.wfile.write(something.answer)

            def log_message(self, format: str, *args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.api = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def something() -> Iterator[Something]:
    made = Something()
    thread = Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def node(something: Something) -> Iterator[IpfsNode]:
    with IpfsNode(something.api, attempts=1) as opened:
        yield opened


def test_a_node_that_is_not_there_is_said_in_a_sentence(something: Something) -> None:
    with IpfsNode("http://127.0.0.1:1", attempts=1) as nobody, pytest.raises(IpfsUnavailableError) as gone:
        nobody.version()
    assert str(gone.value) == "No IPFS node can be reached at http://127.0.0.1:1."
    assert "start kubo" in (gone.value.hint or "")
    assert "[ipfs] in config.toml" in (gone.value.hint or "")


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectTimeout(""),
        httpx.ReadTimeout(""),
        httpx.ReadError(""),
        httpx.WriteError(""),
        httpx.RemoteProtocolError(""),
    ],
)
def test_no_error_of_the_library_is_shown_by_its_name(
    node: IpfsNode, monkeypatch: pytest.MonkeyPatch, error: httpx.HTTPError
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(node._http, "stream", fails)
    with pytest.raises(IpfsUnavailableError) as failed:
        node.version()
    assert type(error).__name__ not in str(failed.value)
    assert str(failed.value).endswith(".")


GARBAGE = [b"", b"<html>", b"[]", b"7", b"{}", b'"Version"', b"\xff\xfe", b"[" * 100_000, b'{"Version"']


def test_the_version_is_told(something: Something, node: IpfsNode) -> None:
    something.answer = b'{"Version":"0.40.0","Commit":""}'
    assert node.version() == "0.40.0"


@pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))
def test_what_is_no_IPFS_node_is_said_to_be_none(something: Something, node: IpfsNode, answer: bytes) -> None:
    something.answer = answer
    with pytest.raises(IpfsUnavailableError, match="not an IPFS node"):
        node.version()


@pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))
def test_a_refusal_that_makes_no_sense_is_still_a_refusal(
    something: Something, node: IpfsNode, answer: bytes
) -> None:
    something.status, something.answer = 500, answer
    with pytest.raises(IpfsUnavailableError, match="refused: HTTP 500"):
        node.version()


def test_a_block_that_is_not_there_is_named(something: Something, node: IpfsNode) -> None:
    something.status, something.answer = 500, b'{"Message":"block was not found locally"}'
    with pytest.raises(IpfsMissingError):
        node.block(raw_cid(b"a block"))


def test_another_block_than_asked_for_is_refused(something: Something, node: IpfsNode) -> None:
    something.answer = b"another block"
    with pytest.raises(BackupTamperedError):
        node.block(raw_cid(b"a block"))


def test_an_answer_without_end_is_not_read_to_its_end(something: Something, node: IpfsNode) -> None:
    something.answer = bytes(1024 * 1024 + 1)
    with pytest.raises(IpfsUnavailableError, match="more than it was asked for"):
        node.block(raw_cid(b"a block"))
