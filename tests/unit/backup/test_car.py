from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.backup import car
from stardust.backup.blocks import MAX_BLOCK, cid_text, dag_cbor_cid, is_cid, parse_cid, raw_cid
from stardust.backup.errors import BackupTruncatedError, NotABackupError
from stardust.errors import RemoteError, UsageError

blocks = st.lists(st.binary(max_size=300), max_size=10)


def written(contents: list[bytes]) -> bytes:
    root = dag_cbor_cid(b"root")
    return car.header(root) + b"".join(car.section(raw_cid(data), data) for data in contents)


@given(blocks)
def test_what_was_written_is_read(contents: list[bytes]) -> None:
    file = io.BytesIO(written(contents))
    assert car.read_header(file) == dag_cbor_cid(b"root")
    read = list(car.sections(file))
    assert [data for _, data in read] == contents
    for place, data in read:
        assert file.getvalue()[place.offset : place.offset + place.size] == data
        assert place.cid == raw_cid(data)


@given(blocks.filter(bool), st.data())
def test_a_cut_is_seen_unless_it_falls_between_blocks(contents: list[bytes], data: st.DataObject) -> None:
    whole = written(contents)
    cut = data.draw(st.integers(0, len(whole) - 1))
    file = io.BytesIO(whole[:cut])
    try:
        car.read_header(file)
        assert len(list(car.sections(file))) < len(contents)
    except BackupTruncatedError:
        pass


@pytest.mark.parametrize("text", [b"a phrase of twelve words", b"no backup", b"{}"])
def test_a_file_of_another_kind_is_no_backup_and_not_half_of_one(text: bytes) -> None:
    with pytest.raises(NotABackupError):
        car.read_header(io.BytesIO(text))


@given(st.binary(max_size=500))
def test_strange_bytes_are_refused_by_name(data: bytes) -> None:
    file = io.BytesIO(data)
    with pytest.raises(RemoteError):
        car.read_header(file)


@given(st.binary(min_size=1, max_size=500))
def test_strange_bytes_after_the_header_are_refused_or_framed(data: bytes) -> None:
    file = io.BytesIO(car.header(dag_cbor_cid(b"")) + data)
    car.read_header(file)
    try:
        for _, block in car.sections(file):
            assert len(block) <= len(data)
    except RemoteError:
        pass


def test_a_header_of_one_root_has_one_length() -> None:
    assert len({len(car.header(dag_cbor_cid(bytes([number])))) for number in range(256)}) == 1


@pytest.mark.parametrize("length", [b"\xff\xff\xff\x7f", b"\x80\x80\x80\x80\x01", b"\x80\x00", b"\xff" * 10])
def test_lengths_that_no_backup_has_are_refused_before_they_are_read(length: bytes) -> None:
    file = io.BytesIO(car.header(dag_cbor_cid(b"")) + length + bytes(100))
    car.read_header(file)
    with pytest.raises(NotABackupError):
        list(car.sections(file))
    with pytest.raises(NotABackupError):
        car.read_header(io.BytesIO(length + bytes(100)))


def test_the_largest_block_passes() -> None:
    data = bytes(MAX_BLOCK)
    file = io.BytesIO(car.section(raw_cid(data), data))
    assert [block for _, block in car.sections(file)] == [data]


def test_a_cid_is_the_one_that_ipfs_writes() -> None:
    # ipfs block put --cid-codec raw of b"hello"
    hello = raw_cid(b"hello")
    assert cid_text(hello) == "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"
    root = dag_cbor_cid(b"\xa0")
    assert parse_cid(" " + cid_text(root) + "\n") == root
    assert is_cid(hello)
    assert not is_cid(hello[:-1])


@pytest.mark.parametrize("text", ["", "b", "bafy", "Qm" + "a" * 44, "zzzz", "ä" * 20])
def test_what_is_no_cid_of_a_backup_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_cid(text)
    with pytest.raises(UsageError):
        parse_cid(cid_text(raw_cid(b"a chunk is no root")))
