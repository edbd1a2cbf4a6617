"""A real change of the authority set, by the script that operators use, on blocks of one second."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from substrateinterface import SubstrateInterface

from children import ROOT, PartFailedError
from network import spec
from network.authorities import FEES
from network.fresh import Place, Plan, make
from network.genesis import CODE, Times
from network.keys import SecretKey, write_secret
from network.onchain import ERA_PERIOD
from stardust.identity.records import Scheme
from tests.fixtures.fresh_network import FreshNetwork

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]


def validator(rpc: str, *arguments: str, fails: bool = False) -> str:
    """What ``scripts/validator`` says."""
    done = subprocess.run(
        [str(ROOT / "scripts" / "validator"), "--rpc", rpc, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode != 0) == fails, done.stderr
    return done.stderr if fails else done.stdout


@pytest.fixture(scope="module")
def fresh(node_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreshNetwork]:
    """Three validators and an RPC node."""
    network = FreshNetwork(tmp_path_factory.mktemp("fresh"), node_binary, validators=3)
    try:
        network.start()
        yield network
    finally:
        network.stop()


def test_an_operator_can_act_while_finality_stands(fresh: FreshNetwork) -> None:
    """For longer than a call may be old, counted from the final block."""
    fresh.nodes["validator-3"].kill()
    fresh.wait(lambda: fresh.rpc.best() - fresh.rpc.finalized() > ERA_PERIOD + 6, "blocks without finality")
    address = SecretKey.fresh().address
    script = [str(ROOT / "scripts" / "validator"), "--rpc", fresh.rpc.url]
    fund = [*script, "fund", address, "--root-key", str(fresh.root_key)]
    done = subprocess.run(fund, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "which is not final" in done.stderr
    chain = SubstrateInterface(url=fresh.rpc.url, ss58_format=42)
    try:
        assert chain.query("System", "Account", [address]).value["data"]["free"] == FEES
    finally:
        chain.close()
    fresh.nodes["validator-3"].start([])
    fresh.goes_on()


@pytest.fixture(scope="module")
def newcomer(fresh: FreshNetwork) -> SecretKey:
    """The account of the fourth validator, whose node is ``newcomer``; it was added."""
    account = SecretKey.fresh()
    phrase = fresh.made.folder / "newcomer.phrase"
    write_secret(phrase, account.phrase)
    node = fresh.join("newcomer")
    fresh.wait(lambda: node.finalized() > 0, "the new node to follow the chain")
    root = ("--root-key", str(fresh.root_key))
    said = validator(fresh.rpc.url, "add", account.address, *root, fails=True)
    assert "has no session keys on chain" in said
    validator(fresh.rpc.url, "fund", account.address, *root)
    validator(node.url, "keys", "--account-key", str(phrase))
    validator(fresh.rpc.url, "add", account.address, *root)
    assert f"{account.address}  is coming" in validator(fresh.rpc.url, "list")
    fresh.wait(
        lambda: f"{account.address}  validates" in validator(fresh.rpc.url, "list"), "the new one to validate"
    )
    return account


def authors(url: str, blocks: int) -> set[str]:
    """Addresses of who made the last ``blocks`` blocks."""
    chain = SubstrateInterface(url=url, ss58_format=42)
    try:
        head = chain.get_block_number(None)
        return {
            chain.get_block(block_number=number, include_author=True)["author"]
            for number in range(head - blocks + 1, head + 1)
        }
    finally:
        chain.close()


def test_a_new_network_has_no_well_known_key_and_keeps_its_secrets(fresh: FreshNetwork) -> None:
    state = json.loads(fresh.made.chain.read_text())["genesis"]["raw"]["top"]
    values = "".join(value for key, value in state.items() if key != CODE)
    for name in spec.NAMES:
        for scheme in Scheme:
            assert spec.Validator(name).key(scheme).hex() not in values
    for file in fresh.made.folder.rglob("*"):
        secret = file.suffix == ".phrase" or file.name == "node-key" or file.parent.name == "keystore"
        if secret:
            assert not file.stat().st_mode & 0o077, file


def test_keys_are_not_made_twice(fresh: FreshNetwork) -> None:
    with pytest.raises(PartFailedError, match="holds a network already"):
        make(fresh.made.folder, Plan("Again", "again", [Place("v1")], [], Times()), fresh.binary)


def test_nobody_but_root_adds_a_validator(fresh: FreshNetwork) -> None:
    first = fresh.made.folder / "offline" / "validator-1.phrase"
    address = fresh.made.validators["validator-2"]
    said = validator(fresh.rpc.url, "remove", address, "--root-key", str(first), fails=True)
    assert f"root of this chain is {fresh.made.root}" in said


def test_a_validator_is_added_by_root_makes_blocks_and_finality_needs_it(
    fresh: FreshNetwork, newcomer: SecretKey
) -> None:
    fresh.wait(lambda: newcomer.address in authors(fresh.rpc.url, 4), "a block of the new validator")
    # The three that were there have to finalize the block that makes them four.
    fresh.goes_on()
    # Of four, three have to vote: without validator-1 the new one's vote counts.
    fresh.nodes["validator-1"].kill()
    fresh.goes_on()
    fresh.nodes["validator-1"].start([])
    fresh.goes_on()


def test_session_keys_are_changed_on_a_running_node(fresh: FreshNetwork, newcomer: SecretKey) -> None:
    phrase = fresh.made.folder / "offline" / "validator-2.phrase"
    keystore = fresh.made.folder / "validator-2" / "keystore"
    old = set(keystore.iterdir())
    validator(fresh.nodes["validator-2"].url, "keys", "--account-key", str(phrase))
    fresh.goes_on(30)
    for file in old:
        file.unlink()
    fresh.nodes["validator-2"].kill()
    fresh.nodes["validator-2"].start([])
    address = fresh.made.validators["validator-2"]
    fresh.wait(lambda: address in authors(fresh.rpc.url, 4), "a block made with the new keys")


def test_a_removed_validator_is_not_missed(fresh: FreshNetwork, newcomer: SecretKey) -> None:
    address = fresh.made.validators["validator-3"]
    validator(fresh.rpc.url, "remove", address, "--root-key", str(fresh.root_key))
    fresh.wait(lambda: address not in validator(fresh.rpc.url, "list"), "the validator to leave")
    fresh.goes_on()
    fresh.nodes["validator-3"].kill()
    # Three are left, and finality needs all three of them.
    fresh.goes_on()
    assert address not in authors(fresh.rpc.url, 6)
