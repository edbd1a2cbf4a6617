"""A backup on IPFS, through the RPC API of a kubo node (docs.ipfs.tech/reference/kubo/rpc).

The node keeps blocks and is not believed: everything that it hands out is checked
against its CID. Uploading is idempotent, so what broke off is simply tried again, and
blocks that arrived are not sent a second time.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from stardust.backup import car
from stardust.backup.blocks import MAX_BLOCK, Cid, check, cid_text
from stardust.backup.errors import BackupFileError, IpfsMissingError, IpfsUnavailableError
from stardust.errors import StardustError

_BATCH: Final = 4 * 1024 * 1024
"""Bytes of blocks in one request."""
_MAX_ANSWER: Final = 1024 * 1024
_TIMEOUT: Final = httpx.Timeout(60.0, connect=5.0)
_NODE_TIMEOUT: Final = "30s"
"""How long the node may look for a block on its network."""
START_KUBO: Final = (
    "start kubo (ipfs daemon; ./scripts/get-kubo in the checkout builds one), "
    "or name its RPC address under [ipfs] in config.toml"
)


class IpfsNode:
    """A connection to one node's RPC API. Belongs to one thread. Raises ``IpfsUnavailableError``."""

    def __init__(self, api: str, *, attempts: int = 4) -> None:
        """``api``: URL without a path, as ``http://127.0.0.1:5001``."""
        self._api = api.rstrip("/")
        self._http = httpx.Client(base_url=f"{self._api}/api/v0/", timeout=_TIMEOUT, trust_env=False)
        self._attempts = attempts

    def version(self) -> str:
        """Of kubo."""
        try:
            return str(json.loads(self._call("version", {}))["Version"])
        except (ValueError, KeyError, TypeError, RecursionError):
            problem = f"What answers at {self._api} is not an IPFS node's RPC API."
            raise IpfsUnavailableError(problem, hint=START_KUBO) from None

    def store(self, blocks: bytes) -> None:
        """Takes a CAR file; its blocks are kept until the next garbage collection."""
        self._call("dag/import", {"pin-roots": "false", "silent": "true"}, blocks)

    def pin(self, root: Cid) -> None:
        """Keeps everything below ``root``. ``IpfsMissingError`` when a block is not on this node."""
        self._call("pin/add", {"arg": cid_text(root), "recursive": "true", "offline": "true"})

    def unpin(self, root: Cid) -> None:
        """The blocks below ``root`` that no other pin holds may go. Harmless when it is not pinned."""
        try:
            self._call("pin/rm", {"arg": cid_text(root), "recursive": "true"})
        except IpfsMissingError:
            return

    def block(self, cid: Cid) -> bytes:
        """One block, checked. ``IpfsMissingError``, ``BackupTamperedError``."""
        query = {"arg": cid_text(cid), "timeout": _NODE_TIMEOUT}
        return check(cid, self._call("block/get", query, limit=MAX_BLOCK))

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> IpfsNode:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(
        self, path: str, query: dict[str, str], body: bytes | None = None, *, limit: int = _MAX_ANSWER
    ) -> bytes:
        trying = Retrying(
            retry=retry_if_exception_type(httpx.TransportError),
            stop=stop_after_attempt(self._attempts),
            wait=wait_exponential_jitter(multiplier=0.1, max=2.0),
            reraise=True,
        )
        try:
            return trying(self._once, path, query, body, limit)
        except httpx.HTTPError as error:
            raise IpfsUnavailableError(_unreachable(self._api, error), hint=START_KUBO) from None

    def _once(self, path: str, query: dict[str, str], body: bytes | None, limit: int) -> bytes:
        files = {"file": ("backup.car", body, "application/vnd.ipld.car")} if body is not None else None
        with self._http.stream("POST", path, params=query, files=files) as response:
            answer = bytearray()
            for piece in response.iter_bytes():
                answer += piece
                if len(answer) > limit:
                    raise IpfsUnavailableError(
                        f"The IPFS node at {self._api} answers more than it was asked for."
                    )
            if response.status_code != httpx.codes.OK:
                raise self._refusal(response.status_code, bytes(answer))
            return bytes(answer)

    def _refusal(self, status: int, answer: bytes) -> StardustError:
        try:
            message = str(json.loads(answer)["Message"])[:200]
        except (ValueError, KeyError, TypeError, RecursionError):
            message = f"HTTP {status}"
        absent = ("not found", "could not find", "not pinned", "deadline exceeded", "context canceled")
        if any(words in message for words in absent):
            return IpfsMissingError(f"The IPFS node at {self._api} does not have it: {message}.")
        return IpfsUnavailableError(f"The IPFS node at {self._api} refused: {message}.", hint=START_KUBO)


def _unreachable(api: str, error: httpx.HTTPError) -> str:
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout():
            return f"No IPFS node can be reached at {api}."
        case httpx.TimeoutException():
            return f"The IPFS node at {api} does not answer in time."
        case httpx.ProtocolError() | httpx.DecodingError():
            return f"What answers at {api} is not an IPFS node's RPC API."
        case _:
            return f"The connection to the IPFS node at {api} broke off."


class IpfsSink:
    """Uploads the blocks that the node does not have, and pins the whole.

    ``known``: blocks of earlier backups on this node. It grows as blocks arrive there, also
    when the backup breaks off: keep it for the next try. When the node turns out to have
    lost some (``IpfsMissingError``), it is emptied and the next try uploads everything.
    """

    def __init__(self, node: IpfsNode, known: set[Cid] | None = None) -> None:
        self.known: set[Cid] = set() if known is None else known
        self.blocks: list[Cid] = []
        """Of this backup, the root last: the ``known`` of the next one."""
        self._node = node
        self._waiting: dict[Cid, bytes] = {}
        self._size = 0

    def put(self, cid: Cid, data: bytes) -> bool:
        self.blocks.append(cid)
        if cid in self.known:
            return False
        self._waiting[cid] = data
        self._size += len(data)
        if self._size >= _BATCH:
            self._flush()
        return True

    def finish(self, root: Cid) -> None:
        self._flush()
        try:
            self._node.pin(root)
        except IpfsMissingError:
            self.known.clear()
            raise

    def abort(self) -> None:
        self._waiting.clear()

    def _flush(self) -> None:
        if not self._waiting:
            return
        first = next(iter(self._waiting))
        sections = [car.section(cid, data) for cid, data in self._waiting.items()]
        self._node.store(car.header(first) + b"".join(sections))
        self.known.update(self._waiting)  # in place: it is the caller's
        self._waiting.clear()
        self._size = 0


class IpfsSource:
    """Fetches blocks from a node; each once, then from a temporary file (they are sealed)."""

    def __init__(self, node: IpfsNode, root: Cid, *, folder: Path | None = None) -> None:
        self._node = node
        self._root = root
        self._spool = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed in close()
        self._places: dict[Cid, tuple[int, int]] = {}
        self._end = 0

    @property
    def root(self) -> Cid:
        return self._root

    def get(self, cid: Cid) -> bytes:
        try:
            if (place := self._places.get(cid)) is not None:
                self._spool.seek(place[0])
                return check(cid, self._spool.read(place[1]))
            data = self._node.block(cid)
            self._spool.seek(self._end)
            self._spool.write(data)
        except OSError as error:
            raise BackupFileError(
                f"The backup cannot be kept while it is fetched: {error.strerror}."
            ) from None
        self._places[cid] = (self._end, len(data))
        self._end += len(data)
        return data

    def close(self) -> None:
        self._spool.close()

    def __enter__(self) -> IpfsSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
