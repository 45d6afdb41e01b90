"""Texts, token lists and images are counted, and bounded where they are many."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from traindx.dataset.statistics.distinct import DistinctCount
from traindx.dataset.statistics.fields import COUNT, MEAN
from traindx.dataset.statistics.images import ImageState
from traindx.dataset.statistics.texts import TextState
from traindx.dataset.statistics.tokens import TokenState

RNG = np.random.default_rng(3)


def objects(values: list[object]) -> np.ndarray:
    block = np.empty(len(values), object)
    block[:] = values
    return block


def test_texts_are_counted_exactly_while_they_are_few() -> None:
    values = ["cat", "dog", "", None, "cat", "Käse", b"\xff\x00", "cat", "\ud800"]
    state = TextState()
    state.update(objects(values))
    found = TextState.from_bytes(state.to_bytes()).summary()
    assert (found.count, found.empty, found.missing) == (8, 1, 1)
    assert found.frequent[0] == ("cat", 3)
    assert (found.minimum_length, found.maximum_length) == (0, 4)
    assert found.mean_length == (3 + 3 + 0 + 3 + 4 + 2 + 3 + 1) / 8
    assert found.distinct == 6
    assert found.distinct_error == found.frequent_error == 0


def test_long_texts_that_begin_alike_are_told_apart() -> None:
    state = TextState()
    state.update(objects(["x" * 1000 + "a", "x" * 1000 + "b", "x" * 1000 + "a"]))
    assert [count for _, count in state.summary().frequent] == [2, 1]
    assert all(len(text) < 300 for text, _ in state.summary().frequent)


def test_very_many_texts_keep_the_common_ones_within_the_stated_error() -> None:
    values = [f"word {number}" for number in RNG.zipf(1.3, 200_000).tolist()]
    state = TextState()
    for start in range(0, len(values), 9000):
        part = TextState()
        part.update(objects(list(values[start : start + 9000])))
        state.merge(TextState.from_bytes(part.to_bytes()))
    found, truth = state.summary(), Counter(values)
    assert len(state.counts) <= 1 << 14
    assert found.frequent_error > 0
    kept = dict(found.frequent)
    for text, count in truth.most_common(50):
        assert 0 <= count - kept[text] <= found.frequent_error
    assert found.distinct == pytest.approx(len(truth), rel=4 * found.distinct_error)


def test_the_number_of_different_values_does_not_depend_on_the_order_of_merges() -> None:
    parts = []
    for start in range(0, 30_000, 10_000):
        part = DistinctCount()
        part.update(str(number).encode() for number in range(start, start + 15_000))
        parts.append(part)
    forth, back = DistinctCount(), DistinctCount()
    for part in parts:
        forth.take(part.hashes)
    for part in reversed(parts):
        back.take(part.hashes)
    assert forth.estimate == back.estimate
    assert forth.estimate == pytest.approx(35_000, rel=4 * forth.error)


def test_token_ids_are_counted_so_that_the_unigram_entropy_follows() -> None:
    lists = [RNG.integers(0, 50, RNG.integers(0, 30)) for _ in range(500)]
    lists.append(np.array([-100, -100, 3]))
    state = TokenState()
    for start in range(0, 501, 100):
        part = TokenState()
        part.update(objects(list(lists[start : start + 100])))
        state.merge(TokenState.from_bytes(part.to_bytes()))
    found, every = state.summary(), np.concatenate(lists)
    assert found is not None
    assert dict(found.counts) == Counter(every.tolist())
    assert found.tokens == len(every)
    assert found.lists == 501
    assert found.empty == sum(len(one) == 0 for one in lists)
    assert found.mean_length == pytest.approx(len(every) / 501)
    assert state.state[COUNT, 0] == len(every)
    assert state.state[MEAN, 0] == pytest.approx(every.mean(), rel=1e-13)


def test_ids_beyond_the_bound_are_counted_together() -> None:
    state = TokenState()
    state.update(objects([np.array([1, 2**40, 2]), None, np.array([-5000])]))
    found = state.summary()
    assert found is not None
    assert (found.beyond, found.distinct, found.empty) == (2, -1, 1)
    assert found.counts == ((1, 1), (2, 1))


def test_lists_of_fractions_have_moments_and_no_ids() -> None:
    state = TokenState()
    state.update(objects([np.array([0.5, 1.5]), np.array([1.0])]))
    assert state.summary() is None
    assert state.state[MEAN, 0] == 1


def test_pixels_are_measured_by_channel_for_the_usual_kind_of_image() -> None:
    images = [RNG.integers(0, 256, (8, 6 + number % 2, 3), dtype=np.uint8) for number in range(20)]
    images.append(RNG.integers(0, 256, (5, 5), dtype=np.uint8))
    state = ImageState()
    for start in range(0, 21, 4):
        part = ImageState()
        part.update(objects(list(images[start : start + 4])))
        state.merge(ImageState.from_bytes(part.to_bytes()))
    found = state.summary()
    assert found.images == 21
    assert found.sizes == (((8, 6, 3), 10), ((8, 7, 3), 10), ((5, 5, 1), 1))
    assert found.other_channels == 1
    pixels = np.concatenate([image.reshape(-1, 3) for image in images[:20]]).astype(np.float64)
    assert [one.mean for one in found.channels] == pytest.approx(pixels.mean(0), rel=1e-13)
    assert [one.deviation for one in found.channels] == pytest.approx(pixels.std(0), rel=1e-12)


def test_a_row_mask_leaves_out_texts_lists_and_images() -> None:
    mask = np.array([True, False])
    texts, lists, images = TextState(), TokenState(), ImageState()
    texts.update(objects(["a", "b"]), mask)
    lists.update(objects([np.array([1]), np.array([2])]), mask)
    images.update(objects([np.zeros((2, 2, 1)), np.zeros((2, 2, 1))]), mask)
    assert (texts.count, lists.total, images.images) == (1, 1, 1)
