"""Who validates, read from the chain and changed on it: session keys, fees, root's decision."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from substrateinterface import Keypair, KeypairType, SubstrateInterface
from substrateinterface.exceptions import SubstrateRequestException

from children import PartFailedError
from network.genesis import STAR
from stardust.errors import StardustError
from stardust.identity.accounts import AccountKey
from stardust.identity.address import from_address, to_address

FEES: Final = 10 * STAR
"""What ``fund`` sends: enough for some hundred changes of session keys."""
MAX_SECRET: Final = 1024
"""Bytes of a file with a phrase."""


@dataclass(frozen=True)
class Standing:
    """One validator. ``now``: makes blocks in this session; ``named``: will from the next but one on."""

    address: str
    now: bool
    named: bool


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


class Authorities:
    """The validators of the network that the node at ``url`` belongs to."""

    def __init__(self, url: str) -> None:
        try:
            self._chain = SubstrateInterface(url=url, ss58_format=42)
        except (OSError, SubstrateRequestException) as error:
            raise PartFailedError(f"the node at {url} cannot be reached ({error})") from None

    def close(self) -> None:
        self._chain.close()

    def __enter__(self) -> Authorities:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def standing(self) -> list[Standing]:
        """All who validate now or are named, in the order of the current session."""
        now = self._accounts("Session", "Validators")
        named = self._accounts("Validators", "Invulnerables")
        return [
            Standing(address, address in now, address in named) for address in dict.fromkeys([*now, *named])
        ]

    def set_keys(self, account: AccountKey) -> str:
        """Makes new session keys in the node asked (its RPC has to allow unsafe methods: ask it on its
        own machine) and puts them on chain for ``account``. They count from the next session but one.
        The keys, hex."""
        made = self._ask("author_rotateKeysWithOwner", f"0x{account.account.hex()}")
        pair = bytes.fromhex(made["keys"][2:])
        keys = {"aura": f"0x{pair[:32].hex()}", "grandpa": f"0x{pair[32:].hex()}"}
        self._send(account, self._call("Session", "set_keys", {"keys": keys, "proof": made["proof"]}))
        return f"0x{pair.hex()}"

    def fund(self, root: AccountKey, address: str) -> None:
        """Enough of root's money for the fees of ``set_keys``."""
        transfer = {"dest": address, "value": FEES}
        self._send(root, self._call("Balances", "transfer_keep_alive", transfer))

    def add(self, root: AccountKey, address: str) -> None:
        """Names a validator, whose session keys have to be on chain already."""
        if self._chain.query("Session", "NextKeys", [address]).value is None:
            raise PartFailedError(f"{address} has no session keys on chain: its operator runs `keys` first")
        self._as_root(root, "add_invulnerable", {"who": address})

    def remove(self, root: AccountKey, address: str) -> None:
        """From the next session but one it does not validate any more."""
        self._as_root(root, "remove_invulnerable", {"who": address})

    def _as_root(self, root: AccountKey, function: str, arguments: dict[str, Any]) -> None:
        owner = self._chain.query("Sudo", "Key").value
        if owner != root.address:
            raise PartFailedError(f"root of this chain is {owner}, and this is the key of {root.address}")
        named = self._call("Validators", function, arguments)
        events = self._send(root, self._call("Sudo", "sudo", {"call": named}))
        done = [
            event.value["attributes"]["sudo_result"] for event in events if event.value["event_id"] == "Sudid"
        ]
        if len(done) != 1 or "Ok" not in done[0]:
            raise PartFailedError(f"{function} was refused: {self._reason(done)}")

    def _reason(self, results: list[Any]) -> str:
        try:
            module = results[0]["Err"]["Module"]
            index, number = module["index"], bytes.fromhex(module["error"][2:])[0]
            return str(self._chain.metadata.get_module_error(index, number).name)
        except (LookupError, TypeError, ValueError):
            return str(results)

    def _call(self, pallet: str, function: str, arguments: dict[str, Any]) -> Any:
        return self._chain.compose_call(pallet, function, arguments)

    def _send(self, key: AccountKey, call: Any) -> list[Any]:
        """Until it is final; the events of it."""
        signer = Keypair(
            public_key=bytes(key.account),
            private_key=key.secret,
            ss58_format=42,
            crypto_type=KeypairType.SR25519,
        )
        try:
            extrinsic = self._chain.create_signed_extrinsic(call, signer, era={"period": 64})
            receipt = self._chain.submit_extrinsic(extrinsic, wait_for_finalization=True)
        except SubstrateRequestException as error:
            raise PartFailedError(f"the chain refused it: {error}") from None
        if not receipt.is_success:
            raise PartFailedError(f"it failed on chain: {receipt.error_message}")
        return list(receipt.triggered_events)

    def _ask(self, method: str, *params: str) -> Any:
        try:
            return self._chain.rpc_request(method, list(params))["result"]
        except SubstrateRequestException as error:
            raise PartFailedError(f"{method}: {error}") from None

    def _accounts(self, pallet: str, storage: str) -> list[str]:
        return list(self._chain.query(pallet, storage).value)


def address_of(text: str) -> str:
    """``text`` when it is an address of this network's form; ``ValueError``."""
    try:
        return to_address(from_address(text))
    except StardustError as error:
        raise ValueError(str(error)) from None
