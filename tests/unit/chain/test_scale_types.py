"""Types are made once for a runtime, and never shared between two."""

from __future__ import annotations

from typing import Any

from scalecodec.base import ScaleDecoder

from stardust.chain.codec import Codec
from stardust.chain.scale_types import ScaleTypes
from tests.vectors.chain import codec, metadata, runtime


def classes() -> set[Any]:
    return set(ScaleTypes.all_subclasses(ScaleDecoder))


def test_a_description_is_read_with_one_class_for_each_type() -> None:
    before = classes()
    fresh = Codec(runtime()["version"], "0x" + metadata().hex(), bytes(32))
    made = [one.__name__ for one in classes() - before if one.runtime_config is fresh._chain.runtime_config]
    compound = [name for name in made if name.endswith(">")]
    assert "Vec<Field>" in compound
    assert len(compound) < 2 * len(set(compound))  # a new definition of types may make some again


def test_reading_the_same_again_makes_no_class() -> None:
    kind, data = "Vec<(u16, Option<Vec<u32>>)>", b"\x04\x07\x00\x01\x04\x09\x00\x00\x00"
    first = codec().decode(kind, data)
    before = classes()
    assert codec().decode(kind, data) == first == [(7, [9])]
    assert classes() == before


def test_what_one_runtime_made_is_left_alone_by_those_that_come_later() -> None:
    names = ("Vec<u16>", "(u8, u16)", "[u16; 7]", "(Vec<u16>, u8)", "Vec<(u8, u16)>")
    one = ScaleTypes()
    mine = [one.get_decoder_class(name) for name in names]
    other = ScaleTypes()
    for name in names:
        assert other.get_decoder_class(name).runtime_config is other, name
    for name, made in zip(names, mine, strict=True):
        assert one.get_decoder_class(name).runtime_config is one, name
        assert one.get_decoder_class(name) is made or "<" not in name, name


def test_a_new_definition_counts_from_then_on() -> None:
    types = ScaleTypes()
    types.update_type_registry_types({"Mine": "Vec"})
    assert issubclass(types.get_decoder_class("Mine<u8>"), types.get_decoder_class("Vec"))
    types.update_type_registry_types({"Mine": "Option"})
    assert issubclass(types.get_decoder_class("Mine<u8>"), types.get_decoder_class("Option"))
