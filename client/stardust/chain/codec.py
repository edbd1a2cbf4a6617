"""SCALE through the chain's own metadata, by substrate-interface and scalecodec.

Synchronous and used from one worker thread only: scalecodec keeps state in its runtime
configuration. The metadata is brought in from outside; nothing here touches the network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from scalecodec.base import ScaleBytes
from substrateinterface import Keypair, KeypairType, SubstrateInterface
from substrateinterface.utils.hasher import xxh128

from stardust.chain.errors import BadNodeError
from stardust.chain.port import DeviceSigner

PALLET: Final = "P2pSignaling"
ERA_PERIOD: Final = 64
"""Blocks that a signed call may wait."""

# Type names as the pallet's source writes them; the id of a view function is a hash over them.
VIEWS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "account": (("T::AccountId",), "Option<AccountInfo>"),
    "devices": (("T::AccountId",), "Vec<StoredDevice>"),
    "owner": (("T::AccountId",), "Option<T::AccountId>"),
    "profile": (("T::AccountId",), "Vec<u8>"),
    "presence": (("T::AccountId",), "(bool,Option<u32>)"),
    "peer_info": (("T::AccountId",), "Vec<u8>"),
    "inbox": (("T::AccountId",), "Vec<Signal>"),
    "notices": (("T::AccountId",), "Vec<Notice>"),
    "blocked": (("T::AccountId",), "Vec<T::AccountId>"),
    "allowance": (("T::AccountId",), "u32"),
    "backup": (("T::AccountId",), "Option<BackupHead>"),
    "work": ((), "(u8,u32)"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a block says about one extrinsic."""

    error: str | None
    docs: str
    fee: int


class _Interface(SubstrateInterface):  # type: ignore[misc]
    """substrate-interface on a transport that is given in."""

    def __init__(self, request: Callable[[str, list[Any]], Any]) -> None:
        # The address is never used: ``rpc_request`` below is all that would.
        super().__init__(url="http://unused", ss58_format=42, use_remote_preset=False, auto_discover=False)
        self._request = request

    def rpc_request(self, method: str, params: list[Any], result_handler: Any = None) -> Any:
        return {"result": self._request(method, params)}


class Codec:
    """``request`` performs one JSON-RPC request; it is called for metadata and version only."""

    def __init__(self, request: Callable[[str, list[Any]], Any]) -> None:
        self._chain = _Interface(request)
        try:
            self._chain.init_runtime()
        except BadNodeError:
            raise
        except Exception as error:
            raise BadNodeError(
                f"The node's description of its runtime cannot be read ({error})."
            ) from None
        if PALLET not in {pallet.name for pallet in self._chain.metadata.pallets}:
            raise BadNodeError(f"The chain at this node has no pallet {PALLET}.")

    @property
    def spec_version(self) -> int:
        return int(self._chain.runtime_version)

    # views
    def view_request(self, name: str, *arguments: bytes) -> str:
        """Hex argument of ``RuntimeViewFunction_execute_view_function``."""
        types, result = VIEWS[name]
        signature = f"{name}({','.join(types)}) -> {result}"
        identifier = xxh128(PALLET.encode()) + xxh128(signature.encode())
        data = b"".join(arguments)
        length = self._chain.create_scale_object("Compact<u32>").encode(len(data)).data
        return "0x" + (identifier + bytes(length) + data).hex()

    def view_result(self, name: str, answer: Any) -> Any:
        """The decoded result; raw bytes for ``Vec<u8>``."""
        data = _bytes(answer)
        # Result<Vec<u8>, ViewFunctionDispatchError>
        if not data or data[0] != 0:
            raise BadNodeError(
                f"The chain cannot answer {name}; client and chain may be of different versions."
            )
        outer = ScaleBytes(data[1:])
        inner = self._decode("Bytes", outer)
        return self._decode(self._view_type(name), ScaleBytes(_bytes(inner.value_object)), whole=True).value

    def _view_type(self, name: str) -> str:
        named = {
            "AccountInfo": "types::AccountInfo",
            "StoredDevice": "types::StoredDevice",
            "Signal": "types::Signal",
            "Notice": "types::Notice",
            "BackupHead": "types::BackupHead",
        }
        result = VIEWS[name][1].replace("T::AccountId", "[u8; 32]")
        for short, path in named.items():
            result = result.replace(f"<{short}>", f"<{self._types.get(path, short)}>")
        return result

    @cached_property
    def _types(self) -> dict[str, str]:
        found = {}
        for index, entry in enumerate(self._chain.metadata.portable_registry["types"]):
            path = entry.value["type"]["path"]
            if path and path[0] == "pallet_p2p_signaling":
                found["::".join(path[1:])] = f"scale_info::{index}"
        return found

    def _decode(self, kind: str, data: ScaleBytes, *, whole: bool = False) -> Any:
        value = self._chain.create_scale_object(kind, data)
        try:
            value.decode(check_remaining=whole)
        except Exception as error:
            raise BadNodeError(f"The node's answer cannot be decoded as {kind} ({error}).") from None
        return value

    # calls
    def general(self, call: str, arguments: Mapping[str, Any]) -> bytes:
        """A general (v5) extrinsic: authorised by the call itself, no signer, no nonce."""
        body = b"\x45\x00" + bytes(4) + bytes(self._call(call, arguments).data.data)
        return bytes(self._chain.create_scale_object("Compact<u32>").encode(len(body)).data) + body

    def signed(
        self,
        call: str,
        arguments: Mapping[str, Any],
        signer: DeviceSigner,
        nonce: int,
        at: tuple[int, str, str],
    ) -> bytes:
        """A signed extrinsic, mortal from block ``at`` (number, hash, genesis hash) on."""
        number, block_hash, genesis = at
        keypair = Keypair(public_key=signer.device, ss58_format=42, crypto_type=KeypairType.ED25519)
        return self._signed(
            self._call(call, arguments), keypair, signer.sign, nonce, number, block_hash, genesis
        )

    def signed_by_account(
        self,
        call: str,
        arguments: Mapping[str, Any],
        key: tuple[bytes, str, Callable[[bytes], bytes]],
        nonce: int,
        at: tuple[int, str, str],
    ) -> bytes:
        """The same by an account key: (public key, scheme, sign)."""
        public, scheme, sign = key
        kind = KeypairType.SR25519 if scheme == "sr25519" else KeypairType.ED25519
        keypair = Keypair(public_key=public, ss58_format=42, crypto_type=kind)
        return self._signed(self._call(call, arguments), keypair, sign, nonce, *at)

    def _signed(
        self,
        call: Any,
        keypair: Keypair,
        sign: Callable[[bytes], bytes],
        nonce: int,
        number: int,
        block_hash: str,
        genesis: str,
    ) -> bytes:
        era = {"period": ERA_PERIOD, "current": number}
        known = {("chain_getBlockHash", 0): genesis, ("chain_getBlockHash", number): block_hash}
        with _answers(self._chain, known):
            payload = self._chain.generate_signature_payload(call, era=era, nonce=nonce)
            extrinsic = self._chain.create_signed_extrinsic(
                call, keypair, era=era, nonce=nonce, signature="0x" + sign(bytes(payload.data)).hex()
            )
        return bytes(extrinsic.data.data)

    def _call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        return self._chain.compose_call(PALLET, name, dict(arguments))

    # events
    def events(self, data: Any) -> list[dict[str, Any]]:
        """All event records of a block from the value of ``System.Events``."""
        if data is None:
            return []
        kind = self._chain.metadata.get_metadata_pallet("System").get_storage_function("Events")
        value: list[dict[str, Any]] = self._decode(
            kind.get_value_type_string(), ScaleBytes(_bytes(data))
        ).value
        return value

    def outcome(self, events: list[dict[str, Any]], index: int) -> Outcome:
        """What the events say about the extrinsic at ``index``."""
        fee, error, docs = 0, None, ""
        for record in events:
            if record["extrinsic_idx"] != index:
                continue
            if record["event_id"] == "TransactionFeePaid":
                fee = int(record["attributes"]["actual_fee"])
            elif record["event_id"] == "ExtrinsicFailed":
                error, docs = self._dispatch_error(record["attributes"]["dispatch_error"])
        return Outcome(error, docs, fee)

    def _dispatch_error(self, error: Any) -> tuple[str, str]:
        if isinstance(error, dict) and "Module" in error:
            module = error["Module"]
            number = (
                bytes.fromhex(module["error"][2:])[0] if isinstance(module["error"], str) else module["error"]
            )
            known = self._chain.metadata.get_module_error(module_index=module["index"], error_index=number)
            return str(known.name), " ".join(str(line).strip() for line in known.docs)
        return str(error), ""


class _answers:  # noqa: N801 - reads as a phrase
    """Answers ``rpc_request`` from what is known already, for the length of a block."""

    def __init__(self, chain: _Interface, known: Mapping[tuple[str, int], str]) -> None:
        self._chain, self._known, self._before = chain, known, chain._request

    def __enter__(self) -> None:
        def request(method: str, params: list[Any]) -> Any:
            number = params[0] if params else None
            if (method, number) in self._known:
                return self._known[(method, number)]
            return self._before(method, params)

        self._chain._request = request

    def __exit__(self, *_: object) -> None:
        self._chain._request = self._before


def _bytes(text: Any) -> bytes:
    if isinstance(text, bytes | bytearray):
        return bytes(text)
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except (AttributeError, ValueError):
        raise BadNodeError("The node answered with something that is not hex.") from None
