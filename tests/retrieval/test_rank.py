"""Counts are those of a full sort in float64, however the work is cut."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.retrieval.ranked import KINDS, TOLERANCE, cosines, counted, lists_of, same, world

from traindx.arrays import open_array
from traindx.retrieval import Relevance, blockwise, from_groups, from_lists, metrics_of, rank
from traindx.retrieval.blockwise import Plan

TILES = (Plan(query_rows=1, tile_rows=1, tile_columns=8), Plan(query_rows=37, tile_rows=5, tile_columns=24))
BACKENDS = ("numpy", "numba", "torch")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_one_right_item_each_is_counted_as_a_full_sort_counts(kind: str, backend: str) -> None:
    queries, gallery = world(1, 301, 301, 33, kind)
    there, back = rank(queries, gallery, both=True, backend=backend, threads=2)
    right = [[row] for row in range(301)]
    for found, scores in ((there, cosines(queries, gallery)), (back, cosines(gallery, queries))):
        assert (found.above.tolist(), found.level.tolist()) == counted(scores, right)
        assert (found.gallery_size, found.queries, found.notes) == (301, 301, ())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_several_right_items_are_counted_as_a_full_sort_counts(kind: str, backend: str) -> None:
    queries, gallery = world(2, 190, 260, 12, kind)
    groups = np.random.default_rng(0).integers(0, 40, 450)
    relevance = from_groups(groups[:190], groups[190:])
    there, back = rank(queries, gallery, relevance, both=True, backend=backend)
    scores = cosines(queries, gallery)
    assert (there.above.tolist(), there.level.tolist()) == counted(scores, lists_of(relevance))
    assert (back.above.tolist(), back.level.tolist()) == counted(scores.T, lists_of(relevance.turned()))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 60),
    st.integers(1, 60),
    st.integers(1, 20),
    st.sampled_from(KINDS),
    st.sampled_from(("numpy", "numba")),
)
def test_any_gallery_is_counted_as_a_full_sort_counts(
    seed: int, queries: int, items: int, dim: int, kind: str, backend: str
) -> None:
    left, right = world(seed, queries, items, dim, kind)
    rng = np.random.default_rng(seed)
    lists = [sorted(set(rng.integers(0, items, rng.integers(0, 13)).tolist())) for _ in range(queries)]
    lists[0] = lists[0] or [0]
    found = rank(left, right, lists, backend=backend)
    scores = cosines(left, right)
    assert (found.above.tolist(), found.level.tolist()) == counted(scores, lists)
    assert found.query_rows is not None
    assert found.query_rows.tolist() == [row for row, items in enumerate(lists) if items]


@pytest.mark.parametrize("kind", ["plain", "lengths", "few values", "doubled"])
def test_dot_products_are_counted_as_a_full_sort_counts(kind: str) -> None:
    queries, gallery = world(3, 150, 150, 20, kind)
    left, right = queries.astype(np.float64), gallery.astype(np.float64)
    reach = TOLERANCE * np.linalg.norm(left, axis=1)[:, None] * np.linalg.norm(right, axis=1)
    there, back = rank(queries, gallery, both=True, similarity="dot")
    own = [[row] for row in range(150)]
    assert (there.above.tolist(), there.level.tolist()) == counted(left @ right.T, own, reach)
    assert (back.above.tolist(), back.level.tolist()) == counted(right @ left.T, own, reach.T)
    np.testing.assert_allclose(there.scores, np.sum(left * right, axis=1), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("scale", [1e-30, 1e-18, 1e18, 1e30])
def test_the_scale_of_the_rows_changes_no_count(scale: float) -> None:
    queries, gallery = world(4, 120, 120, 16)
    for similarity in ("cosine", "dot"):
        plain = rank(queries.astype(np.float64), gallery, similarity=similarity)
        scaled = rank(queries.astype(np.float64) * scale, gallery * np.float32(1 / scale), similarity=similarity)
        assert np.array_equal(plain.above, scaled.above)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_tiles_and_threads_of_any_size_change_nothing(kind: str, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    queries, gallery = world(5, 90, 110, 17, kind)
    relevance = from_groups(np.arange(90) % 30, np.arange(110) % 30)
    whole = rank(queries, gallery, relevance, both=True, backend=backend, threads=1)
    for tiles in TILES:
        monkeypatch.setattr(sys.modules["traindx.retrieval.rank"], "plan", lambda *_, tiles=tiles: tiles)
        for threads in (1, 3):
            cut = rank(queries, gallery, relevance, both=True, backend=backend, threads=threads)
            assert all(same(one, other) for one, other in zip(whole, cut, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_rows_changes_nothing(kind: str) -> None:
    queries, gallery = world(6, 700, 700, 40, kind)
    plain = rank(queries, gallery)
    rng = np.random.default_rng(0)
    mine, theirs = rng.permutation(700), rng.permutation(700)
    place = np.argsort(theirs)
    mixed = rank(queries[mine], gallery[theirs], np.stack((np.arange(700), place[mine]), axis=1))
    assert np.array_equal(mixed.above, plain.above[mine])
    assert np.array_equal(mixed.level, plain.level[mine])


@pytest.mark.parametrize("kind", ["plain", "collapsed", "doubled"])
def test_a_file_is_ranked_as_its_array_is(kind: str, tmp_path) -> None:
    queries, gallery = world(7, 130, 150, 24, kind)
    np.save(tmp_path / "queries.npy", queries)
    np.save(tmp_path / "gallery.npy", np.asfortranarray(gallery))
    relevance = from_groups(np.arange(130) % 50, np.arange(150) % 50)
    memory = rank(queries, gallery, relevance, both=True)
    files = rank(open_array(tmp_path / "queries.npy"), open_array(tmp_path / "gallery.npy"), relevance, both=True)
    mapped = rank(np.load(tmp_path / "queries.npy", mmap_mode="r"), gallery[:, ::-1][:, ::-1], relevance, both=True)
    for other in (files, mapped):
        assert all(same(one, two) for one, two in zip(memory, other, strict=True))


def test_a_collapsed_model_gives_every_item_the_same_chance() -> None:
    for backend in BACKENDS:
        for noise in (0.0, 1e-9, 3e-8):
            rng = np.random.default_rng(0)
            rows = rng.normal(size=256)
            queries = (rows * (1 + noise * rng.normal(size=(1000, 256)))).astype(np.float32)
            gallery = (rows * (1 + noise * rng.normal(size=(1000, 256)))).astype(np.float32)
            found = rank(queries, gallery, backend=backend)
            assert found.above.tolist() == [0] * 1000
            assert found.level.tolist() == [999] * 1000
            table = metrics_of(found, ks=(1, 10, 100))
            assert [table.mean(f"recall@{k}") for k in (1, 10, 100)] == pytest.approx([0.001, 0.01, 0.1], rel=1e-12)


def test_a_right_item_is_never_level_with_itself() -> None:
    """The trap: its score by another routine differs from the tile's in the last bits, and it ties with, or loses to, itself."""
    queries, gallery = world(8, 400, 400, 512)
    left = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    right = gallery / np.linalg.norm(gallery, axis=1, keepdims=True)
    other_routine = np.einsum("ij,ij->i", left, right)
    product = left @ right.T
    assert np.count_nonzero(np.diagonal(product) != other_routine) > 50  # the trap is real
    naive_above = (product > other_routine[:, None]).sum(axis=1)
    found = rank(queries, gallery)
    above, level = counted(cosines(queries, gallery), [[row] for row in range(400)])
    assert (found.above.tolist(), found.level.tolist()) == (above, level)
    assert naive_above.tolist() != above


def test_equal_rows_are_level_wherever_their_tile_ends() -> None:
    """The trap: the same row in tiles of different width differs in the last bits of the product."""
    rng = np.random.default_rng(9)
    gallery = rng.normal(size=(1031, 512)).astype(np.float32)
    gallery[[3, 700, 1030]] = gallery[500]
    queries = gallery[500] + 0.1 * rng.normal(size=(64, 512)).astype(np.float32)
    for threads in (1, 2):
        found = rank(queries, gallery, [[500]] * 64, threads=threads)
        assert found.above.tolist() == [0] * 64
        assert found.level.tolist() == [3] * 64


@pytest.mark.parametrize("backend", ["numpy", "numba", "torch"])
def test_a_product_worse_than_float32_is_noticed(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that multiplies in TF32 or bfloat16 behind our back changes no count."""
    queries, gallery = world(10, 200, 200, 64)
    right = rank(queries, gallery, both=True)

    def rounded(left, others, tile, product=blockwise.multiplied):
        scores = product(left, others, tile)
        scores[:, : len(others)] = (scores[:, : len(others)] * 256).round() / 256
        return scores

    monkeypatch.setattr(blockwise, "multiplied", rounded)
    if backend == "torch":
        from traindx.retrieval.backends import torch_device

        monkeypatch.setattr(torch_device, "product", lambda left, other: (left.bfloat16() @ other.bfloat16().T).float())
    found = rank(queries, gallery, both=True, backend=backend)
    assert all(same(one, other) for one, other in zip(right, found, strict=True))


def test_a_tolerance_of_zero_tells_apart_what_float64_does() -> None:
    base = np.ones((1, 8))
    gallery = np.concatenate((base, base, base * np.array([1 + 1e-9, *[1] * 7])))
    queries = np.array([[1.0, 0, 0, 0, 0, 0, 0, 0]])
    assert rank(queries, gallery, [[0]]).level.tolist() == [2]
    strict = rank(queries, gallery, [[0]], tie_tolerance=0.0)
    assert (strict.above.tolist(), strict.level.tolist()) == ([1], [1])


def test_the_query_itself_can_be_left_out() -> None:
    rows, _ = world(11, 80, 80, 6)
    labels = np.arange(80) % 9
    relevance = from_groups(labels, labels)
    found = rank(rows, rows, relevance, exclude="self")
    scores = cosines(rows, rows)
    for query in range(80):
        others = [item for item in range(80) if item != query]
        right = [place for place, item in enumerate(others) if labels[item] == labels[query]]
        above, level = counted(scores[query : query + 1, others], [right])
        part = slice(int(found.starts[query]), int(found.starts[query + 1]))
        assert (found.above[part].tolist(), found.level[part].tolist()) == (above, level)
    assert (found.gallery_size, found.sizes) == (79, None)
    assert found.notes == ("80 right items are among those left out for their query",)


def test_items_left_out_of_some_queries_are_counted_out() -> None:
    queries, gallery = world(12, 30, 30, 5)
    there, back = rank(queries, gallery, exclude=[(0, 1), (0, 2), (4, 9)], both=True)
    assert there.sizes is not None
    assert there.sizes.tolist()[:5] == [28, 30, 30, 30, 29]
    assert there.gallery_size == 30
    scores = cosines(queries, gallery)
    assert there.above[0] == (np.delete(scores[0], [1, 2]) > scores[0, 0]).sum()
    assert back.above[9] == (np.delete(scores[:, 9], 4) > scores[9, 9]).sum()


def test_identical_items_count_as_right_where_that_is_asked() -> None:
    rng = np.random.default_rng(13)
    gallery = rng.normal(size=(40, 8)).astype(np.float32)
    gallery[7] = gallery[3]
    queries = gallery + 0.01 * rng.normal(size=(40, 8)).astype(np.float32)
    strict, wide = rank(queries, gallery), rank(queries, gallery, duplicates=True)
    assert metrics_of(strict, ks=(1,)).mean("hit@1") == pytest.approx(39 / 40)
    assert metrics_of(wide, ks=(1,)).mean("hit@1") == 1.0
    assert wide.right_counts[[3, 7, 8]].tolist() == [2, 2, 1]
    assert wide.notes == ("2 items identical to a right one count as right",)


def test_a_ranking_made_by_hand_knows_its_right_items_by_their_counts() -> None:
    queries, gallery = world(14, 60, 60, 3, "few values")
    relevance = from_groups(np.arange(60) % 5, np.arange(60) % 5)
    found = rank(queries, gallery, relevance)
    bare = type(found)(above=found.above, level=found.level, starts=found.starts, gallery_size=60)
    for one, other in zip(found.right_among(), bare.right_among(), strict=True):
        assert np.array_equal(one, other)


def test_both_directions_agree_with_one_at_a_time() -> None:
    queries, gallery = world(15, 77, 91, 9)
    relevance = from_groups(np.arange(77) % 20, np.arange(91) % 20)
    there, back = rank(queries, gallery, relevance, both=True)
    assert same(there, rank(queries, gallery, relevance))
    assert same(back, rank(gallery, queries, relevance.turned()))


def test_numbers_of_every_kind_are_ranked_by_their_value() -> None:
    rng = np.random.default_rng(16)
    whole = rng.integers(-100, 100, (50, 32))
    plain = rank(whole.astype(np.float64), whole[::-1].astype(np.float64))
    for kind in (np.int8, np.int64, np.float16, np.float32, ">f4", ">f8"):
        assert same(plain, rank(whole.astype(kind), whole[::-1].astype(kind)))
    assert same(plain, rank(whole.tolist(), whole[::-1].tolist()))


def test_tensors_are_ranked_as_they_lie() -> None:
    import torch

    rng = np.random.default_rng(17)
    left = torch.tensor(rng.normal(size=(40, 16)), dtype=torch.bfloat16)
    right = torch.tensor(rng.normal(size=(40, 16)), dtype=torch.bfloat16, requires_grad=True)
    plain = rank(left.float().numpy(), right.detach().double().numpy())
    assert same(plain, rank(left, right))
    assert same(plain, rank(left.float(), right, backend="torch"))


def test_relevance_of_another_size_is_refused() -> None:
    queries, gallery = world(18, 5, 6, 3)
    from traindx.errors import UsageError

    with pytest.raises(UsageError, match="not matched row by row"):
        rank(queries, gallery)
    other = Relevance(queries=4, items=6, query=np.array([0]), item=np.array([0]))
    with pytest.raises(UsageError, match="relevance is of 4 queries and 6 items"):
        rank(queries, gallery, other)
    assert rank(queries, gallery, from_lists([[0]] * 5, 5, 6)).queries == 5
