"""The parts that the binary readers are made of, against slow and plain versions of themselves."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.writers import event_writer as tb

from traindx.readers.byteview import ByteView
from traindx.readers.crc32c import crc32c, crc32c_of_rows, crc32c_of_words, masked, unmasked_many
from traindx.readers.json_numbers import numbers_at
from traindx.readers.names import NameTable
from traindx.readers.protobuf import read_varint, signed, varints, write_varint


@given(st.binary(max_size=60))
def test_the_checksum_by_table_is_the_checksum_bit_by_bit(message: bytes) -> None:
    assert crc32c(message) == tb.crc32c(message)
    assert masked(crc32c(message)).to_bytes(4, "little") == tb.masked(message)


def test_the_checksum_of_the_rfc() -> None:
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert crc32c(b"\xff" * 32) == 0x62A8AB43


@given(st.lists(st.integers(0, (1 << 64) - 1), min_size=1, max_size=20))
def test_checksums_of_many_words_are_those_of_each(numbers: list[int]) -> None:
    words = np.array(numbers, dtype=np.uint64)
    expected = [crc32c(number.to_bytes(8, "little")) for number in numbers]
    assert crc32c_of_words(words).tolist() == expected
    assert crc32c_of_rows(words.view(np.uint8).reshape(-1, 8)).tolist() == expected
    stored = np.array([masked(crc) for crc in expected], dtype=np.uint64)
    assert unmasked_many(stored).tolist() == expected


@given(st.lists(st.integers(0, (1 << 56) - 1), min_size=1, max_size=20))
def test_many_varints_at_once_are_those_of_each(numbers: list[int]) -> None:
    words = np.array([int.from_bytes(write_varint(n).ljust(8, b"\xff"), "little") for n in numbers], dtype=np.uint64)
    values, sizes, ended = varints(words)
    assert bool(ended.all())
    assert values.tolist() == numbers
    assert sizes.tolist() == [len(write_varint(n)) for n in numbers]


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_a_varint_comes_back(number: int) -> None:
    raw = memoryview(tb.varint(number))
    value, end = read_varint(raw, 0, len(raw))
    assert (signed(value), end) == (number, len(raw))


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=60))
def test_names_get_one_number_each(names: list[bytes]) -> None:
    data = b"".join(names) * 2
    sizes = np.array([len(name) for name in names] * 2, dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    table = NameTable(ByteView(data))
    ids = table.numbers(starts, sizes)
    order = list(dict.fromkeys(names))
    assert ids.tolist() == [order.index(name) for name in names] * 2
    assert table.numbers(starts, sizes).tolist() == ids.tolist()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_scattered_numbers_are_parsed_exactly(numbers: list[float]) -> None:
    texts = [repr(number).encode() for number in numbers]
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    ends = np.cumsum(sizes)
    values, right = numbers_at(ByteView(b"".join(texts) + bytes(24)), ends - sizes, ends)
    for text, value, good in zip(texts, values.tolist(), right.tolist(), strict=True):
        assert good == (len(text) <= 23)
        assert not good or value == float(text)


@given(st.binary(max_size=30), st.lists(st.integers(0, 30), min_size=1, max_size=10))
def test_words_past_the_end_are_filled_with_zeros(data: bytes, places: list[int]) -> None:
    at = np.minimum(np.array(places, dtype=np.int64), len(data))
    expected = [int.from_bytes(data[place : place + 8], "little") for place in at.tolist()]
    assert ByteView(data).words(at).tolist() == expected
