"""SCALE by substrate-interface and scalecodec, through the metadata that the chain itself gives.

``SubstrateInterface`` is used for what it does well: reading metadata, composing calls, making and
signing extrinsics, decoding. Its transport is synchronous and carries one exchange at a time, so
it never gets near the network here: metadata and version are handed in (``jsonrpc`` has the wire).

Synchronous, and all on one thread (``codecs``) but ``header_hash`` and ``outcome``, which look nothing up.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from scalecodec.base import ScaleBytes
from scalecodec.types import BitVec, GenericAccountId
from substrateinterface import Keypair, KeypairType, SubstrateInterface
from substrateinterface.utils.hasher import xxh128

from stardust.chain.errors import BadNodeError, OutdatedClientError, UnsuitableChainError
from stardust.chain.scale_types import ScaleTypes
from stardust.wire.ids import AccountId

PALLET: Final = "P2pSignaling"
TRANSACTION_VERSION: Final = 1
"""The newest numbering of calls and extensions that this client writes (docs/chain.md, Runtime)."""
ERA_PERIOD: Final = 64
"""Blocks that a signed call may wait for its block."""
MAX_SCALE: Final = 1024 * 1024
"""Bytes of metadata, or of a value, that are decoded: each costs about 10 µs and 300 bytes of memory."""
_VALUES_AT_LEAST, _VALUES_PER_BYTE = 1000, 8

_KEY = "(T::AccountId)"
VIEWS: Final[Mapping[str, tuple[str, str, str]]] = {
    "account": (_KEY, "Option<AccountInfo>", "Option<{AccountInfo}>"),
    "devices": (_KEY, "Vec<StoredDevice>", "Vec<{StoredDevice}>"),
    "owner": (_KEY, "Option<T::AccountId>", "Option<AccountId>"),
    "profile": (_KEY, "Vec<u8>", "Bytes"),
    "presence": (_KEY, "(bool,Option<u32>)", "(bool, Option<u32>)"),
    "peer_info": (_KEY, "Vec<u8>", "Bytes"),
    "inbox": (_KEY, "Vec<Signal>", "Vec<{Signal}>"),
    "notices": (_KEY, "Vec<Notice>", "Vec<{Notice}>"),
    "is_blocked": ("(T::AccountId,T::AccountId)", "bool", "bool"),
    "blocked": (_KEY, "Vec<T::AccountId>", "Vec<AccountId>"),
    "allowance": (_KEY, "u32", "u32"),
    "active": (_KEY, "Option<u32>", "Option<u32>"),
    "backup": (_KEY, "Option<BackupHead>", "Option<{BackupHead}>"),
    "work": ("()", "(u8,u32)", "(u8, u32)"),
}
"""Name → argument types and result as the pallet's source writes them, without spaces (the id of a
view function is a hash over them), and the result as scalecodec names it."""

_EXTENSIONS: Final = frozenset(
    {
        "AuthorizeCall",
        "CheckNonZeroSender",
        "CheckSpecVersion",
        "CheckTxVersion",
        "CheckGenesis",
        "CheckMortality",
        "CheckNonce",
        "CheckWeight",
        "ChargeTransactionPayment",
        "CheckMetadataHash",
        "WeightReclaim",
    }
)
"""What ``signed`` fills in; with any other the bytes would be wrong."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs extrinsics. ``scheme`` is ``ed25519`` or ``sr25519``."""

    public: bytes
    scheme: str
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Anchor:
    """The block from which on a signed extrinsic is good."""

    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event of a block. ``extrinsic`` is the index of what caused it, None for the block itself."""

    extrinsic: int | None
    pallet: str
    name: str
    fields: Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a block says about one extrinsic; ``error`` is None when it succeeded."""

    error: str | None
    doc: str
    fee: int


class _Interface(SubstrateInterface):  # type: ignore[misc]
    """substrate-interface that knows one runtime and asks nobody."""

    def __init__(self, version: Mapping[str, Any], metadata: str, genesis: bytes) -> None:
        self._ready = False
        self.block_hashes = {0: "0x" + genesis.hex()}
        self._answers = {
            "rpc_methods": {"methods": []},
            "chain_getHeader": {"parentHash": "0x" + "00" * 32, "number": "0x0"},
            "state_getRuntimeVersion": dict(version),
            "chain_getRuntimeVersion": dict(version),
            "state_getMetadata": metadata,
        }
        # An http address opens no connection; ``rpc_request`` is all that would.
        super().__init__(
            url="http://127.0.0.1", ss58_format=42, auto_discover=False, runtime_config=ScaleTypes()
        )
        self.init_runtime()
        self._ready = True
        self._answers.clear()

    def init_runtime(self, block_hash: Any = None, block_id: Any = None) -> None:
        if not self._ready:
            super().init_runtime(block_hash, block_id)

    def rpc_request(self, method: str, params: list[Any], result_handler: Any = None) -> Any:
        del result_handler
        if method == "chain_getBlockHash":
            return {"result": self.block_hashes[params[0] if params else 0]}
        return {"result": self._answers[method]}


class Codec:
    """One runtime version. Construction takes some 0.15 s: run it in a thread.

    ``version`` is the answer to ``state_getRuntimeVersion``, ``metadata`` that to
    ``state_getMetadata`` (V14, hex). ``BadNodeError`` when they make no sense.
    """

    def __init__(self, version: Mapping[str, Any], metadata: str, genesis: bytes) -> None:
        self.genesis = genesis
        self._classes: dict[str, Any] = {}
        self._decoding, self._values_left = False, 0
        if len(metadata) > 2 * MAX_SCALE:
            raise BadNodeError("The node's description of its runtime is too long.")
        try:
            self.spec_version = int(version["specVersion"])
            self._check_age(int(version["transactionVersion"]))
            self._chain = _Interface(version, metadata, genesis)
            self._pallets = {pallet.name: pallet for pallet in self._chain.metadata.pallets}
            extensions = set(self._chain.metadata.get_signed_extensions())
            self._types = self._names()
            events = self._pallets["System"].get_storage_function("Events")
            self._events_type: str = events.get_value_type_string()
            self._limit()
            self._compact(0)  # made here, used on any thread (``header_hash``)
        except OutdatedClientError:
            raise
        except Exception as error:  # whatever a hostile description makes the library do
            raise BadNodeError(f"The node's description of its runtime cannot be read ({error}).") from None
        if PALLET not in self._pallets:
            raise UnsuitableChainError(f"The chain at this node has no pallet {PALLET}.")
        if unknown := extensions - _EXTENSIONS:
            raise UnsuitableChainError(f"The chain wants of transactions what is not known: {unknown}.")

    def _check_age(self, transaction_version: int) -> None:
        """Before the metadata is read: a client that is too old tries again and again."""
        if transaction_version > TRANSACTION_VERSION:
            raise OutdatedClientError(
                f"The chain's runtime {self.spec_version} is too new for this client; install a newer one.",
                hint="links that are open go on until then",
            )

    def _limit(self) -> None:
        """The node that gives the values also says what types they are of: a list of a billion of what
        takes no bytes is 5 bytes long. So the values in it are counted."""
        create = self._chain.runtime_config.create_scale_object

        def counted(type_string: str, data: Any = None, **known: Any) -> Any:
            made = create(type_string, data, **known)
            self._values_left -= 1
            if self._decoding and (self._values_left < 0 or isinstance(made, BitVec)):
                raise ValueError("there are more values than bytes")
            return made

        self._chain.runtime_config.create_scale_object = counted

    def _names(self) -> dict[str, str]:
        """Short names of the pallet's types → their names in this metadata."""
        found = {}
        for index, entry in enumerate(self._chain.metadata.portable_registry["types"]):
            path = entry.value["type"]["path"]
            if path and path[:2] == ["pallet_p2p_signaling", "types"]:
                found[path[-1]] = f"scale_info::{index}"
        return found

    # views
    def view_request(self, name: str, *arguments: bytes) -> str:
        """Hex argument of ``RuntimeViewFunction_execute_view_function`` (id, then SCALE bytes)."""
        data = b"".join(arguments)
        return "0x" + (view_id(name) + self._compact(len(data)) + data).hex()

    def view_result(self, name: str, answer: bytes) -> Any:
        """The result as plain Python (see ``plain``)."""
        if answer[:1] != b"\0":  # Result<Vec<u8>, ViewFunctionDispatchError>
            raise UnsuitableChainError(
                f"The chain cannot tell {name}; client and chain may be of different versions."
            )
        inner = self.decode("Bytes", answer[1:])
        try:
            kind = VIEWS[name][2].format_map(self._types)
        except KeyError as missing:
            raise UnsuitableChainError(f"The chain has no {missing}.") from None
        return self.decode(kind, inner)

    def decode(self, kind: str, data: bytes) -> Any:
        """All of ``data`` as plain Python; ``BadNodeError`` when it is no ``kind``."""
        self._decoding, self._values_left = True, _VALUES_AT_LEAST + _VALUES_PER_BYTE * len(data)
        try:
            if len(data) > MAX_SCALE:
                raise ValueError("it is too long")
            value = self._class(kind)(ScaleBytes(bytearray(data)))
            value.decode()
            if value.data.get_remaining_length():
                raise ValueError("bytes are left over")
            return plain(value)
        except Exception as error:  # the library raises whatever comes
            raise BadNodeError(f"The node's answer is no {kind} ({error}).") from None
        finally:
            self._decoding = False

    def _class(self, kind: str) -> Any:
        """scalecodec makes a new class each time it is asked; once is enough."""
        if kind not in self._classes:
            found = self._chain.runtime_config.get_decoder_class(kind)
            if found is None:
                raise ValueError(f"no type {kind}")
            self._classes[kind] = found
        return self._classes[kind]

    def _compact(self, value: int) -> bytes:
        return bytes(self._class("Compact<u32>")().encode(value).data)

    def header_hash(self, header: Mapping[str, Any]) -> bytes:
        """32 bytes: blake2-256 over the SCALE form of a header in JSON."""
        try:
            parts = [
                bytes.fromhex(header[name][2:]) for name in ("parentHash", "stateRoot", "extrinsicsRoot")
            ]
            logs = [bytes.fromhex(log[2:]) for log in header["digest"]["logs"]]
            number = self._compact(int(header["number"], 16))
        except (KeyError, TypeError, ValueError) as error:
            raise BadNodeError(f"The node's answer is no header ({error!r}).") from None
        data = parts[0] + number + parts[1] + parts[2] + self._compact(len(logs)) + b"".join(logs)
        return blake2b(data, digest_size=32).digest()

    # extrinsics
    def general(self, call: str, arguments: Mapping[str, Any]) -> bytes:
        """A general (v5) extrinsic: the call authorises itself; no signer, no nonce (docs/chain.md)."""
        body = b"\x45\x00" + bytes(4) + bytes(self._call(call, arguments).data.data)
        return self._compact(len(body)) + body

    def signed(
        self, call: str, arguments: Mapping[str, Any], signer: Signer, nonce: int, anchor: Anchor
    ) -> bytes:
        """A signed (v4) extrinsic, good for ``ERA_PERIOD`` blocks from ``anchor`` on."""
        kind = KeypairType.SR25519 if signer.scheme == "sr25519" else KeypairType.ED25519
        key = Keypair(public_key=signer.public, ss58_format=42, crypto_type=kind)
        composed = self._call(call, arguments)
        self._chain.block_hashes = {0: "0x" + self.genesis.hex(), anchor.number: "0x" + anchor.hash.hex()}
        era = {"period": ERA_PERIOD, "current": anchor.number}
        payload = self._chain.generate_signature_payload(composed, era=era, nonce=nonce)
        signature = "0x" + signer.sign(bytes(payload.data)).hex()
        extrinsic = self._chain.create_signed_extrinsic(
            composed, key, era=dict(era), nonce=nonce, signature=signature
        )
        return bytes(extrinsic.data.data)

    def _call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        try:
            return self._chain.compose_call(PALLET, name, dict(arguments))
        except (ValueError, NotImplementedError) as error:
            raise UnsuitableChainError(
                f"The chain does not know {name} as this client does: {error}"
            ) from None

    # events
    def events(self, data: bytes) -> tuple[EventRecord, ...]:
        """The value of ``System.Events``, decoded."""
        records = self.decode(self._events_type, data) if data else []
        with _shaped("the events of a block"):
            return tuple(self._record(record) for record in records)

    def _record(self, record: Any) -> EventRecord:
        phase, extrinsic = record["phase"]
        pallet, (name, fields) = record["event"]
        return EventRecord(extrinsic if phase == "ApplyExtrinsic" else None, pallet, name, fields)

    def outcome(self, events: tuple[EventRecord, ...], index: int) -> Outcome:
        """What ``events`` say about the extrinsic at ``index``."""
        fee, error, doc = 0, None, ""
        with _shaped("what became of a call"):
            for record in events:
                if record.extrinsic != index:
                    continue
                if record.name == "TransactionFeePaid":
                    fee = int(record.fields["actual_fee"])
                elif record.name == "ExtrinsicFailed":
                    error, doc = self._dispatch_error(record.fields["dispatch_error"])
        return Outcome(error, doc, fee)

    def _dispatch_error(self, error: tuple[str, Any]) -> tuple[str, str]:
        kind, detail = error
        if kind == "Module":
            known = self._chain.metadata.get_module_error(detail["index"], detail["error"][0])
            return str(known.name), _sentence(known.docs)
        return kind if detail is None else f"{kind}.{detail[0]}", ""

    def error_doc(self, name: str) -> str:
        """The pallet's sentence for one of its errors."""
        for known in self._pallets[PALLET].errors or ():
            if known.name == name:
                return _sentence(known.docs)
        return ""


def view_id(name: str) -> bytes:
    """32 bytes: ``twox128(pallet) ++ twox128("name(types) -> result")`` (frame-support, view functions)."""
    arguments, result, _ = VIEWS[name]
    return bytes(xxh128(PALLET.encode()) + xxh128(f"{name}{arguments} -> {result}".encode()))


def plain(value: Any) -> Any:
    """A decoded value as Python: ``bytes`` for keys, arrays and byte strings (``value`` of scalecodec
    would be text or hex, whichever fits), dict for structs, ``(name, content)`` for enums."""
    if isinstance(value, GenericAccountId):
        return AccountId(bytes.fromhex(value.public_key.removeprefix("0x")))
    if not hasattr(value, "value_object"):
        return value
    inner = value.value_object
    if isinstance(inner, bytes | bytearray):
        return bytes(inner)
    if isinstance(inner, dict):
        return {name: plain(field) for name, field in inner.items()}
    if isinstance(inner, list):
        return [plain(one) for one in inner]
    if isinstance(inner, tuple):
        return tuple(plain(one) for one in inner)
    if hasattr(inner, "value_object"):
        return plain(inner)
    if isinstance(inner, str) and inner.startswith("0x"):
        return bytes.fromhex(inner[2:])
    return inner


@contextlib.contextmanager
def _shaped(what: str) -> Iterator[None]:
    """A runtime that calls its types as ours does may still give them other fields."""
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise BadNodeError(f"The node describes {what} in an unexpected shape ({error!r}).") from None


def _sentence(docs: Any) -> str:
    return " ".join(str(line).strip() for line in docs)
