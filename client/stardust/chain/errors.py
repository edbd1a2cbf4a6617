"""What can go wrong between this client and the chain."""

from __future__ import annotations

from enum import StrEnum

from stardust.errors import LocalError, UnavailableError, UsageError


class ChainUnavailableError(UnavailableError):
    """No node of the chain can be reached now."""

    code = "chain_unavailable"


class WrongChainError(ChainUnavailableError):
    """The node serves another chain than the one this account lives on."""

    code = "wrong_chain"


class BadNodeError(ChainUnavailableError):
    """The node gave an answer that makes no sense."""

    code = "bad_node"


class StandsStillError(ChainUnavailableError):
    """The node shows no new blocks."""

    code = "stands_still"


class UnsuitableChainError(ChainUnavailableError):
    """The chain's runtime does not offer what this version of the client needs."""

    code = "unsuitable_chain"


class OutdatedClientError(UnsuitableChainError):
    """The chain has moved on to a version that this client is too old for."""

    code = "outdated_client"


class ChainUpgradingError(ChainUnavailableError):
    """The chain is being upgraded, and takes no calls until that is through."""

    code = "chain_upgrading"


class ChainSpecError(LocalError):
    """The chain spec cannot be used."""

    code = "chain_spec"


class CallUnsettledError(ChainUnavailableError):
    """What became of the call is not known yet."""

    code = "call_unsettled"


class CallNotFinalError(ChainUnavailableError):
    """The call stands in a block that is not final."""

    code = "call_not_final"

    def __init__(self, call: str) -> None:
        super().__init__(
            f"{call} stands in a block, but the network has stopped to finalize blocks: it is done once that "
            "goes on.",
            hint="do not repeat it; the network's operator has to see to its validators",
        )


class Refusal(StrEnum):
    """Why a call did not even enter a block."""

    ALLOWANCE = "allowance"
    BAD_PROOF = "bad_proof"
    STALE = "stale"
    FUTURE = "future"
    NOT_REGISTERED = "not_registered"
    KEY_HAS_OTHER_ROLE = "key_has_other_role"
    TOO_MANY_DEVICES = "too_many_devices"
    BAD_RECORD = "bad_record"
    UNKNOWN_GROUP = "unknown_group"
    OTHER = "other"


_SENTENCES = {
    Refusal.ALLOWANCE: "The free calls of this account are used up; one comes back every two blocks.",
    Refusal.BAD_PROOF: "The chain does not accept the proof (signature, certificate or work) of this call.",
    Refusal.STALE: "The chain has moved on: this was done already, or its proof has expired.",
    Refusal.FUTURE: "This call comes too early for the chain.",
    Refusal.NOT_REGISTERED: "The account is not registered on the chain.",
    Refusal.KEY_HAS_OTHER_ROLE: "A key cannot be both an account and a device.",
    Refusal.TOO_MANY_DEVICES: "The account has as many devices as it may.",
    Refusal.BAD_RECORD: "The chain does not accept this device record.",
    Refusal.UNKNOWN_GROUP: "There is no such group on the chain.",
    Refusal.OTHER: "The chain did not take the call.",
}


class CallRefusedError(UsageError):
    """The chain did not take the call; nothing was done and nothing paid."""

    code = "call_refused"

    def __init__(self, call: str, reason: Refusal, detail: str | None = None) -> None:
        super().__init__(f"{_SENTENCES[reason]} ({call}{f': {detail}' if detail else ''})")
        self.call = call
        self.reason = reason


class CallFailedError(UsageError):
    """The chain refused what the call asks for."""

    code = "call_failed"

    def __init__(self, call: str, name: str, doc: str = "") -> None:
        """``name`` is the pallet's error (docs/chain.md, refusals), ``doc`` its sentence."""
        super().__init__(f"{doc} ({call}: {name})" if doc else f"The chain refused {call}: {name}.")
        self.call = call
        self.name = name
