"""Who validates, read from the chain and changed on it: session keys, fees, root's decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from children import PartFailedError
from network.genesis import STAR
from network.onchain import OnChain
from stardust.errors import StardustError
from stardust.identity.accounts import AccountKey
from stardust.identity.address import from_address, to_address

FEES: Final = 10 * STAR
"""What ``fund`` sends: enough for some hundred changes of session keys."""


@dataclass(frozen=True)
class Standing:
    """One validator. ``now``: makes blocks in this session; ``named``: will from the next but one on."""

    address: str
    now: bool
    named: bool


class Authorities(OnChain):
    """The validators of the network that the node at ``url`` belongs to."""

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
        made = self.ask("author_rotateKeysWithOwner", f"0x{account.account.hex()}")
        pair = bytes.fromhex(made["keys"][2:])
        keys = {"aura": f"0x{pair[:32].hex()}", "grandpa": f"0x{pair[32:].hex()}"}
        self.send(account, self.call("Session", "set_keys", {"keys": keys, "proof": made["proof"]}))
        return f"0x{pair.hex()}"

    def fund(self, root: AccountKey, address: str) -> None:
        """Enough of root's money for the fees of ``set_keys``."""
        transfer = {"dest": address, "value": FEES}
        self.send(root, self.call("Balances", "transfer_keep_alive", transfer))

    def add(self, root: AccountKey, address: str) -> None:
        """Names a validator, whose session keys have to be on chain already."""
        if self.chain.query("Session", "NextKeys", [address]).value is None:
            raise PartFailedError(f"{address} has no session keys on chain: its operator runs `keys` first")
        self.as_root(root, "Validators", "add_invulnerable", {"who": address})

    def remove(self, root: AccountKey, address: str) -> None:
        """From the next session but one it does not validate any more."""
        self.as_root(root, "Validators", "remove_invulnerable", {"who": address})

    def _accounts(self, pallet: str, storage: str) -> list[str]:
        return list(self.chain.query(pallet, storage).value)


def address_of(text: str) -> str:
    """``text`` when it is an address of this network's form; ``ValueError``."""
    try:
        return to_address(from_address(text))
    except StardustError as error:
        raise ValueError(str(error)) from None
