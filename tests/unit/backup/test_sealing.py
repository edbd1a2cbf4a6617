from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.backup.blocks import dag_cbor_cid
from stardust.backup.errors import BackupForeignError, BackupTamperedError, NotABackupError
from stardust.backup.keys import AccountWrap, BackupKey, PassphraseWrap, unwrap, wrap_by_passphrase
from stardust.backup.manifest import Root, decode_index, decode_root, encode
from stardust.backup.sealing import MAX_CHUNK, Sealer, padme
from stardust.errors import LocalError, RemoteError, UsageError, WrongPassphraseError
from tests.unit.backup.helpers import PASSPHRASE, SUBKEY, cheap_key
from tests.unit.history.helpers import BOB, ME

ONE, OTHER = cheap_key(), cheap_key()
LABEL = b"label"


@given(st.binary(max_size=5000))
def test_what_was_sealed_opens(clear: bytes) -> None:
    sealer = Sealer(ONE)
    sealed = sealer.seal(LABEL, clear)
    assert sealer.open(LABEL, sealed) == clear
    assert Sealer(ONE).seal(LABEL, clear) == sealed
    assert Sealer(OTHER).seal(LABEL, clear) != sealed
    assert sealer.seal(b"another", clear) != sealed


@given(st.binary(max_size=500), st.data())
def test_a_changed_chunk_does_not_open(clear: bytes, data: st.DataObject) -> None:
    sealed = bytearray(Sealer(ONE).seal(LABEL, clear))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BackupTamperedError):
        Sealer(ONE).open(LABEL, bytes(sealed))


def test_a_chunk_opens_under_its_label_and_key_only() -> None:
    sealed = Sealer(ONE).seal(LABEL, b"clear")
    for sealer, label in [(Sealer(ONE), b"another"), (Sealer(OTHER), LABEL)]:
        with pytest.raises(BackupTamperedError):
            sealer.open(label, sealed)


@pytest.mark.parametrize("sealed", [b"", b"x", bytes(39), bytes(40), bytes(1000)])
def test_strange_bytes_do_not_open(sealed: bytes) -> None:
    with pytest.raises(BackupTamperedError):
        Sealer(ONE).open(LABEL, sealed)


def test_a_chunk_that_would_fill_memory_is_refused() -> None:
    sealed = Sealer(ONE).seal(LABEL, bytes(MAX_CHUNK + 1))
    with pytest.raises(BackupTamperedError):
        Sealer(ONE).open(LABEL, sealed)


@given(st.integers(1, 2**20))
def test_padding_costs_little_and_tells_few_sizes(size: int) -> None:
    padded = padme(size)
    assert padded >= size
    assert padded <= max(256, size * 1.12)
    assert padme(padded) == padded


def test_there_are_few_sizes() -> None:
    assert len({padme(size) for size in range(1, 70_000)}) < 140


def test_a_key_is_kept_and_opened_by_either_way() -> None:
    again = BackupKey.from_bytes(ONE.to_bytes())
    assert again == ONE
    assert unwrap(ONE.wraps, passphrase=PASSPHRASE, subkey=None) == ONE.data
    assert unwrap(ONE.wraps, passphrase=None, subkey=SUBKEY) == ONE.data
    with pytest.raises(WrongPassphraseError):
        unwrap(ONE.wraps, passphrase="wrong", subkey=None)
    with pytest.raises(BackupForeignError):
        unwrap(ONE.wraps, passphrase=None, subkey=b"?" * 32)
    with pytest.raises(UsageError):
        unwrap(ONE.wraps, passphrase="", subkey=None)


def test_the_passphrase_changes_and_the_data_key_does_not() -> None:
    changed = ONE.with_passphrase("new")
    assert changed.data == ONE.data
    assert unwrap(changed.wraps, passphrase="new", subkey=None) == ONE.data
    assert unwrap(changed.wraps, passphrase=None, subkey=SUBKEY) == ONE.data
    with pytest.raises(WrongPassphraseError):
        unwrap(changed.wraps, passphrase=PASSPHRASE, subkey=None)
    without = ONE.with_passphrase("")
    assert [type(wrap) for wrap in without.wraps] == [AccountWrap]
    assert len(without.with_subkey(b"t" * 32).wraps) == 1


def test_without_a_passphrase_the_account_key_alone_opens_it() -> None:
    key = BackupKey.create(ME, passphrase="", subkey=SUBKEY)
    assert unwrap(key.wraps, passphrase=None, subkey=SUBKEY) == key.data
    with pytest.raises(UsageError, match=r"opens with the recovery phrase\.$"):
        unwrap(key.wraps, passphrase="anything", subkey=None)


def test_a_key_needs_a_way_to_it() -> None:
    with pytest.raises(UsageError):
        BackupKey.create(ME)
    only = BackupKey(ME, ONE.data, (wrap_by_passphrase(ONE.data, "p", operations=1, memory_kib=8),))
    with pytest.raises(UsageError):
        only.with_passphrase("")


def test_secrets_are_not_in_a_repr() -> None:
    assert ONE.data.hex() not in repr(ONE)
    assert repr(ONE.data) not in repr(ONE)


def test_a_damaged_key_is_told() -> None:
    with pytest.raises(LocalError):
        BackupKey.from_bytes(b"?")


def test_an_anchor_is_of_one_account_cid_and_sequence() -> None:
    cid = dag_cbor_cid(b"")
    anchors = {
        ONE.anchor(cid, 1),
        ONE.anchor(cid, 2),
        ONE.anchor(dag_cbor_cid(b"x"), 1),
        OTHER.anchor(cid, 1),
        BackupKey(BOB, ONE.data, ONE.wraps).anchor(cid, 1),
    }
    assert len(anchors) == 5


@given(st.binary(max_size=300))
def test_strange_roots_and_indexes_are_refused(data: bytes) -> None:
    for decode in (decode_root, decode_index):
        with pytest.raises(RemoteError):
            decode(data)


@pytest.mark.parametrize(
    "wrap",
    [
        PassphraseWrap(17, 8, bytes(16), bytes(72)),
        PassphraseWrap(1, 2**20 + 1, bytes(16), bytes(72)),
        PassphraseWrap(0, 8, bytes(16), bytes(72)),
        PassphraseWrap(1, 8, bytes(15), bytes(72)),
        AccountWrap(bytes(71)),
    ],
)
def test_a_root_cannot_ask_for_endless_work(wrap: PassphraseWrap | AccountWrap) -> None:
    data = encode(Root("stardust-backup", 1, (wrap,), b"", ()))
    with pytest.raises(NotABackupError):
        decode_root(data)
