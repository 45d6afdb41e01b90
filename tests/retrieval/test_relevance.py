"""Which items are right: given in many forms, checked in one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traindx.errors import TraindxError, UnreadableDataError, UsageError
from traindx.retrieval import Relevance, by_row, from_groups, from_lists, from_pairs, read_relevance

PAIRS = [(0, 2), (1, 0), (1, 3), (2, 2)]


def pairs_of(relevance: Relevance) -> list[tuple[int, int]]:
    return list(zip(relevance.query.tolist(), relevance.item.tolist(), strict=True))


def test_every_form_gives_the_same_pairs() -> None:
    forms = [
        from_pairs(PAIRS[::-1], 3, 4),
        from_pairs(np.array(PAIRS, dtype=np.float32), 3, 4),
        from_lists([[2], [3, 0], [2]], 3, 4),
        from_lists([[2], np.array([3, 0]), (2,)], 3, 4),
    ]
    assert all(pairs_of(form) == PAIRS for form in forms)
    assert pairs_of(by_row(2)) == [(0, 0), (1, 1)]


def test_groups_match_captions_with_their_image() -> None:
    found = from_groups(["cat", "dog", "cow"], ["dog", "cat", "dog", "sheep"])
    assert pairs_of(found) == [(0, 1), (1, 0), (1, 2)]
    assert found.starts.tolist() == [0, 1, 3, 3]
    assert pairs_of(found.turned()) == [(0, 1), (1, 0), (2, 1)]


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_groups_give_every_pair_of_equal_ids(left: list[int], right: list[int]) -> None:
    expected = [(q, i) for q, one in enumerate(left) for i, other in enumerate(right) if one == other]
    if not expected:
        with pytest.raises(UsageError, match="no group of the queries"):
            from_groups(left, right)
        return
    assert pairs_of(from_groups(left, right)) == expected


def test_a_pair_given_twice_counts_once_and_is_said() -> None:
    found = from_pairs([*PAIRS, PAIRS[0], PAIRS[0]], 3, 4)
    assert pairs_of(found) == PAIRS
    assert found.notes == ("2 pairs were given more than once and count once",)


def test_grades_go_with_their_pairs_and_zero_is_not_right() -> None:
    found = from_pairs([(2, 1), (0, 0), (1, 1)], 3, 2, grades=[3, 0, 2])
    assert (pairs_of(found), found.grades.tolist()) == ([(1, 1), (2, 1)], [2.0, 3.0])
    assert found.notes == ("1 pairs with a grade of 0 or below are not right items",)
    assert found.turned().grades.tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    ("pairs", "problem"),
    [
        ([(0, 4)], "1 pairs name an item that does not exist: 4 .*there are 4"),
        ([(-1, 0), (3, 0)], "2 pairs name a query that does not exist: -1, 3"),
        ([(0, 1, 2)], "two columns"),
        ([(0.5, 1)], "whole numbers"),
        ([("a", "b")], "whole numbers"),
        ([], "two columns"),
        (np.empty((0, 2)), "no pair says"),
        ([[0], [1, 2]], "as many in each line"),
    ],
)
def test_pairs_that_name_nothing_are_refused(pairs: object, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        from_pairs(pairs, 3, 4)  # type: ignore[arg-type]


def test_lists_of_another_number_are_refused() -> None:
    with pytest.raises(UsageError, match="2 lists of right items for 3 queries"):
        from_lists([[0], [1]], 3, 4)


def test_grades_must_be_finite_and_one_each() -> None:
    with pytest.raises(UsageError, match="grades must be finite"):
        from_pairs([(0, 0)], 1, 1, grades=[np.nan])
    with pytest.raises(UsageError, match="2 grades for 1 pairs"):
        from_pairs([(0, 0)], 1, 1, grades=[1, 2])


FILES = {
    "a.csv": "query,item\n0,2\n1,0\n1,3\n2,2\n",
    "plain.csv": "0, 2\n1,0\n\n1,3\r\n2,2",
    "a.tsv": "0\t2\n1\t0\n1\t3\n2\t2\n",
    "lists.json": json.dumps([[2], [0, 3], [2]]),
    "names.json": json.dumps({"0": [2], "1": ["0", 3], "2": {"2": 1}}),
    "pairs.json": json.dumps({"pairs": [[0, 2], [1, 0], [1, 3], [2, 2]]}),
    "a.qrels": "0 0 2 1\n1 0 0 1\n1 Q0 3 1\n2 0 2 1\n",
    "qrels.txt": "\ufeff0 0 2 1\n1 0 0 1\n1 Q0 3 1\n2 0 2 1\n1 0 1 0\n",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_any_form_gives_the_same_pairs(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(FILES[name], encoding="utf-8")
    found = read_relevance(path, queries=3, items=4)
    assert pairs_of(found) == PAIRS


def test_an_array_of_pairs_is_read_with_its_grades(tmp_path: Path) -> None:
    np.save(tmp_path / "pairs.npy", np.array(PAIRS))
    np.save(tmp_path / "graded.npy", np.array([(*pair, 2.5) for pair in PAIRS]))
    assert pairs_of(read_relevance(tmp_path / "pairs.npy", queries=3, items=4)) == PAIRS
    graded = read_relevance(tmp_path / "graded.npy", queries=3, items=4)
    assert graded.grades is not None
    assert graded.grades.tolist() == [2.5] * 4


def test_names_stand_for_rows(tmp_path: Path) -> None:
    path = tmp_path / "judged.qrels"
    path.write_text("q-b 0 d7 2\nq-a 0 d9 1\n", encoding="utf-8")
    found = read_relevance(path, queries=2, items=3, query_names=["q-a", "q-b"], item_names=["d7", "d8", "d9"])
    assert found.grades is not None
    assert (pairs_of(found), found.grades.tolist()) == ([(0, 2), (1, 0)], [1.0, 2.0])
    with pytest.raises(UsageError, match=r"judged.qrels:1: no query has the name 'q-b'"):
        read_relevance(path, queries=1, items=3, query_names=["q-a"], item_names=["d7", "d8", "d9"])


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.csv", "0,1\n1\n", r"a.csv:2: 1 cells"),
        ("a.csv", "0,1\n1,9\n", r"a.csv:2: '9' is no row of the 4 rows of item"),
        ("a.csv", "0,1,good\n", r"a.csv:1: 'good' is no grade"),
        ("a.csv", "", "holds no pair"),
        ("a.csv", "0," + "1" * 70_000, "a line that never ends"),
        ("a.csv", "0,\x1b[31mred\n", r"'\\x1b\[31mred' is no row"),
        ("a.qrels", "0 0 1\n", r"a.qrels:1: 3 cells, not query, iteration, item and grade"),
        ("a.qrels", "0 0 1 nan\n", r"a.qrels:1: 'nan' is no grade"),
        ("a.json", "[[0], 3]", "query 1: its right items are neither"),
        ("a.json", "[[true]]", "'True' is no item"),
        ("a.json", "{", "is not JSON"),
        ("a.json", "[" * 100_000, "is not JSON"),
        ("a.json", "7", "neither a list nor an object"),
        ("a.json", '{"pairs": [[1]]}', "a pair is not"),
        ("a.npy", "not numpy", "a.npy"),
    ],
)
def test_a_damaged_file_is_refused_with_its_place(name: str, text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TraindxError, match=problem):
        read_relevance(path, queries=3, items=4)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"0,1\n\xff\xfe\x00")
    with pytest.raises(UnreadableDataError, match="UTF-8"):
        read_relevance(path, queries=3, items=4)
    with pytest.raises(UnreadableDataError, match="cannot be read"):
        read_relevance(tmp_path / "none.csv", queries=3, items=4)
