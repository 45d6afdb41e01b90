"""The tolerant decoder accepts what programs write, and agrees with the strict one wherever that accepts."""

from __future__ import annotations

import ast
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traindx.readers.json_tolerant import NotJsonError, closed, decode, decode_repr, documents

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_the_standard_library_writes_comes_back(value: object) -> None:
    assert decode(json.dumps(value).encode()) == value


@given(values)
def test_what_python_prints_comes_back(value: object) -> None:
    printed = repr(value)
    if "\\" not in printed:  # Python's escapes of unusual characters are not JSON's
        assert decode_repr(printed) == ast.literal_eval(printed)


@given(values, st.floats(0, 1))
def test_any_beginning_of_a_document_can_be_closed(value: object, share: float) -> None:
    text = json.dumps({"a": value})
    beginning = text[: 1 + int(share * (len(text) - 1))]
    assert isinstance(json.loads(closed(beginning)), dict)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_a_value_or_no_json(data: bytes) -> None:
    for attempt in (decode, documents):
        try:
            found = attempt(data)
        except NotJsonError:
            continue
        assert attempt(data) == found or found != found  # the same again, NaN apart


def test_bare_nan_and_infinities_are_numbers() -> None:
    assert math.isnan(decode(b"NaN"))  # type: ignore[arg-type]
    assert decode(b'{"a": [Infinity, -Infinity]}') == {"a": [math.inf, -math.inf]}


def test_documents_one_after_the_other_are_all_found() -> None:
    assert documents(b'{"a": 1}\n{"b":\n 2}, [3]').values == ({"a": 1}, {"b": 2}, [3])


def test_a_cut_document_keeps_its_complete_elements() -> None:
    found = documents(b'[{"a": 1}, {"a": 2}, {"a": 3, "b')
    assert found.values == ([{"a": 1}, {"a": 2}, {"a": 3}],)
    assert found.incomplete == "the last record is cut off"


def test_damage_in_the_middle_says_where() -> None:
    found = documents(b"[1, 2,\n 3, @@ 4,\n 5,\n 6]\n")
    assert found.values == ([1, 2, 3],)
    assert "character" in found.incomplete


@pytest.mark.parametrize("data", [b"[" * 200_000, b'{"a":' * 200_000, b"(" * 200_000])
def test_what_is_nested_too_deeply_is_no_json(data: bytes) -> None:
    with pytest.raises(NotJsonError):
        decode(data)
