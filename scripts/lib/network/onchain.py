"""What an operator reads on chain and does there: with a key of their own, or as root."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from substrateinterface import Keypair, KeypairType, SubstrateInterface
from substrateinterface.exceptions import SubstrateRequestException

from children import PartFailedError
from stardust.errors import StardustError
from stardust.identity.accounts import AccountKey

MAX_SECRET: Final = 1024
"""Bytes of a file with a phrase."""


def read_key(path: Path) -> AccountKey:
    """The sr25519 account of the phrase in a file, as ``new-network`` writes it."""
    try:
        with path.open("rb") as file:
            phrase = file.read(MAX_SECRET).decode().strip()
        return AccountKey.from_uri(phrase, dev=True)
    except (OSError, UnicodeDecodeError) as error:
        raise PartFailedError(f"{path} cannot be read ({error})") from None
    except StardustError as error:
        raise PartFailedError(f"there is no recovery phrase in {path}: {error}") from None


class OnChain:
    """The chain that the node at ``url`` belongs to."""

    def __init__(self, url: str) -> None:
        try:
            self.chain = SubstrateInterface(url=url, ss58_format=42)
        except (OSError, SubstrateRequestException) as error:
            raise PartFailedError(f"the node at {url} cannot be reached ({error})") from None

    def close(self) -> None:
        self.chain.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def as_root(self, root: AccountKey, pallet: str, function: str, arguments: dict[str, Any]) -> None:
        """``PartFailedError`` when it is another's key, or the call fails."""
        owner = self.chain.query("Sudo", "Key").value
        if owner != root.address:
            raise PartFailedError(f"root of this chain is {owner}, and this is the key of {root.address}")
        named = self.call(pallet, function, arguments)
        events = self.send(root, self.call("Sudo", "sudo", {"call": named}))
        done = [
            event.value["attributes"]["sudo_result"] for event in events if event.value["event_id"] == "Sudid"
        ]
        if len(done) != 1 or "Ok" not in done[0]:
            raise PartFailedError(f"{function} was refused: {self._reason(done)}")

    def _reason(self, results: list[Any]) -> str:
        try:
            module = results[0]["Err"]["Module"]
            index, number = module["index"], bytes.fromhex(module["error"][2:])[0]
            return str(self.chain.metadata.get_module_error(index, number).name)
        except (LookupError, TypeError, ValueError):
            return str(results)

    def call(self, pallet: str, function: str, arguments: dict[str, Any]) -> Any:
        return self.chain.compose_call(pallet, function, arguments)

    def send(self, key: AccountKey | None, call: Any) -> list[Any]:
        """Until it is final; the events of it. ``key`` None: a call that nobody signs."""
        try:
            if key is None:
                extrinsic = self.chain.create_unsigned_extrinsic(call)
            else:
                signer = Keypair(
                    public_key=bytes(key.account),
                    private_key=key.secret,
                    ss58_format=42,
                    crypto_type=KeypairType.SR25519,
                )
                extrinsic = self.chain.create_signed_extrinsic(call, signer, era={"period": 64})
            receipt = self.chain.submit_extrinsic(extrinsic, wait_for_finalization=True)
        except SubstrateRequestException as error:
            raise PartFailedError(f"the chain refused it: {error}") from None
        if not receipt.is_success:
            raise PartFailedError(f"it failed on chain: {receipt.error_message}")
        return list(receipt.triggered_events)

    def ask(self, method: str, *params: str) -> Any:
        try:
            return self.chain.rpc_request(method, list(params))["result"]
        except SubstrateRequestException as error:
            raise PartFailedError(f"{method}: {error}") from None


Access = TypeVar("Access", bound=OnChain)


def at_node(kind: type[Access], work: Callable[[Access], None], url: str) -> None:
    """What a command does at the node at ``url``; ends the program with one sentence when that fails."""
    try:
        with kind(url) as access:
            work(access)
    except PartFailedError as error:
        sys.exit(f"error: {error}")
