"""What an operator reads on chain and does there: with a key of their own, or as root."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from substrateinterface import ExtrinsicReceipt, Keypair, KeypairType, SubstrateInterface
from substrateinterface.exceptions import SubstrateRequestException

from children import PartFailedError
from stardust.chain.errors import Refusal
from stardust.chain.refusals import refusal
from stardust.errors import StardustError
from stardust.identity.accounts import AccountKey

MAX_SECRET: Final = 1024
"""Bytes of a file with a phrase."""
ERA_PERIOD: Final = 64
"""Blocks that a signed call may wait for its block."""
BEHIND_BEST: Final = 4
"""Blocks before the best one at which a call's life begins: it may be one of another branch then."""
USUAL_S: Final = 20.0
"""Seconds from a call's block to its finality: two or three blocks."""
FINAL_S: Final = 120.0
"""Seconds after which finality seems to stand."""

_LIKELY: Final = {
    Refusal.BAD_PROOF: "The node is probably behind the others or on a branch of its own, or the runtime was "
    "changed this moment: look whether it has peers and the same block as another node, and try again.",
    Refusal.STALE: "Probably it was done already, or another call of the same key was faster: look at the "
    "state, and try again if it was not done.",
    Refusal.FUTURE: "Probably another call of the same key is waiting: try again when that is in a block.",
    Refusal.ALLOWANCE: "The account cannot pay the fee: send it something first (./scripts/validator fund).",
}
"""What is behind a refusal most of the time, and what to do."""


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
        """Until its block is final, or for ``FINAL_S``: then a note says that it is not. The events of it.
        ``key`` None: a call that nobody signs."""
        try:
            extrinsic = self.chain.create_unsigned_extrinsic(call) if key is None else self._signed(key, call)
            receipt = self._included(extrinsic)
            if not receipt.is_success:
                raise PartFailedError(f"it failed on chain: {receipt.error_message}")
            events = list(receipt.triggered_events)
            self._wait_for_finality(receipt.block_hash)
        except SubstrateRequestException as error:
            raise refused(str(error)) from None
        return events

    def _signed(self, key: AccountKey, call: Any) -> Any:
        """Good for the next blocks, from one near the best on: the final one may be too old by far."""
        signer = Keypair(
            public_key=bytes(key.account),
            private_key=key.secret,
            ss58_format=42,
            crypto_type=KeypairType.SR25519,
        )
        era = {"period": ERA_PERIOD, "current": max(0, self.best() - BEHIND_BEST)}
        return self.chain.create_signed_extrinsic(call, signer, era=era)

    def _included(self, extrinsic: Any) -> ExtrinsicReceipt:
        """Stands in a block."""

        def heard(message: Any, _count: int, _subscription: str) -> str | None:
            match message["params"]["result"]:
                case {"inBlock": block} | {"finalized": block}:
                    return str(block)
                case "invalid" | "dropped" | {"usurped": _} as state:
                    raise refused(str(state))
            return None

        watch = ("author_submitAndWatchExtrinsic", [str(extrinsic.data)])
        block = self.chain.rpc_request(*watch, result_handler=heard)
        return ExtrinsicReceipt(self.chain, "0x" + extrinsic.extrinsic_hash.hex(), block)

    def _wait_for_finality(self, block: str) -> None:
        number = self.chain.get_block_number(block)
        began, told = time.monotonic(), False
        while (final := self.final()) < number:
            if not told and time.monotonic() > began + USUAL_S:
                told = True
                print(f"It stands in block {number}; waiting until that is final ...", file=sys.stderr)
            if time.monotonic() > began + FINAL_S:
                print(
                    f"note: it stands in block {number}, which is not final: block {final} is the last that "
                    f"is, and {self.best()} the newest.\nIt counts for good once finality goes on; do not "
                    "repeat it. What to do when finality stands: docs/operators.md.",
                    file=sys.stderr,
                )
                return
            time.sleep(1)
        if self.chain.get_block_hash(number) != block:
            raise PartFailedError(
                f"block {number}, in which it stood, was replaced by another: look whether it was done, and "
                "try again if it was not"
            )

    def best(self) -> int:
        """Number of the best block."""
        return int(self.chain.get_block_number(self.ask("chain_getBlockHash")))

    def final(self) -> int:
        """Number of the last final block."""
        return int(self.chain.get_block_number(self.chain.get_chain_finalised_head()))

    def ask(self, method: str, *params: str) -> Any:
        try:
            return self.chain.rpc_request(method, list(params))["result"]
        except SubstrateRequestException as error:
            raise PartFailedError(f"{method}: {error}") from None


def refused(answer: str) -> PartFailedError:
    """In a sentence, with what is behind it most of the time; ``answer``: what the node said."""
    likely = _LIKELY.get(refusal(answer))
    return PartFailedError(f"the chain refused it: {answer}" + (f"\n{likely}" if likely else ""))


Access = TypeVar("Access", bound=OnChain)


def at_node(kind: type[Access], work: Callable[[Access], None], url: str) -> None:
    """What a command does at the node at ``url``; ends the program with one sentence when that fails."""
    try:
        with kind(url) as access:
            work(access)
    except PartFailedError as error:
        sys.exit(f"error: {error}")
