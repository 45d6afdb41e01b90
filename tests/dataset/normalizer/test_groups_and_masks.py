"""Statistics are those of the group and of the active entries, and nothing else moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from traindx.dataset import Fitting, Normalizer
from traindx.errors import UsageError


@dataclass(frozen=True)
class Data:
    x: np.ndarray
    group: np.ndarray
    mask: np.ndarray


@pytest.fixture(scope="module")
def data() -> Data:
    rng = np.random.default_rng(0)
    group = rng.integers(0, 5, 2000) * 3
    x = rng.normal(size=(2000, 4)) * 10.0 ** group[:, None] + 5 * 10.0 ** group[:, None]
    mask = rng.random((2000, 4)) < 0.6
    return Data(np.where(mask, x, 0), group, mask)


@pytest.mark.parametrize("method", ["standard", "robust", "asinh"])
def test_every_group_and_feature_is_that_of_brute_force_over_its_active_entries(data: Data, method: str) -> None:
    normalizer = Normalizer.fit(data.x, method=method, group=data.group, mask=data.mask)  # type: ignore[arg-type]
    found = normalizer.transform(data.x, group=data.group, mask=data.mask)
    for row, label in enumerate(normalizer.groups):
        for feature in range(4):
            own = (data.group == label) & data.mask[:, feature]
            values = data.x[own, feature]
            low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
            place, spread = (
                (values.mean(), values.std()) if method == "standard" else (middle, (high - low) / 1.3489795003921634)
            )
            assert normalizer.center[row, feature] == pytest.approx(place, rel=1e-12)
            assert normalizer.scale[row, feature] == pytest.approx(spread, rel=1e-12)
            expected = (values - place) / spread
            assert np.allclose(
                found[own, feature], np.arcsinh(expected) if method == "asinh" else expected, rtol=1e-9, atol=1e-9
            )
    assert np.all(found[~data.mask] == 0)


def test_padding_changes_nothing_whatever_stands_in_it(data: Data) -> None:
    filled = np.where(data.mask, data.x, np.nan)
    one = Normalizer.fit(data.x, group=data.group, mask=data.mask)
    other = Normalizer.fit(filled, group=data.group, mask=data.mask)
    assert np.array_equal(one.center, other.center)
    assert np.array_equal(one.scale, other.scale)
    found = other.transform(filled, group=data.group, mask=data.mask)
    assert np.array_equal(found, one.transform(data.x, group=data.group, mask=data.mask))
    assert np.all(other.inverse(found, group=data.group, mask=data.mask)[~data.mask] == 0)


@pytest.mark.parametrize("method", ["standard", "robust"])
def test_blocks_and_pieces_give_what_one_piece_gives(data: Data, method: str) -> None:
    whole = Normalizer.fit(data.x, method=method, group=data.group, mask=data.mask)  # type: ignore[arg-type]
    pieces = []
    for rows in np.array_split(np.arange(2000), [1, 2, 700, 701, 1999]):
        piece = Fitting(method=method)  # type: ignore[arg-type]
        for some in np.array_split(rows, 3):
            piece.update(data.x[some], group=data.group[some], mask=data.mask[some])
        pieces.append(piece)
    joint = Fitting(method=method)  # type: ignore[arg-type]
    for piece in reversed(pieces):
        joint.merge(piece)
    found = Normalizer.of(joint)
    assert found.groups == whole.groups
    assert np.allclose(found.center, whole.center, rtol=1e-12, atol=0)
    assert np.allclose(found.scale, whole.scale, rtol=1e-12, atol=0)
    assert (found.fitted.rows, found.fitted.rows_hash) == (whole.fitted.rows, whole.fitted.rows_hash)


def test_a_stream_cut_anyhow_gives_the_same_sketch() -> None:
    values = np.random.default_rng(9).normal(size=50_000)
    whole, cut = Fitting(method="robust").update(values), Fitting(method="robust")
    for piece in np.array_split(values, 37):
        cut.update(piece)
    assert np.array_equal(Normalizer.of(whole).scale, Normalizer.of(cut).scale)


def test_merged_sketches_stay_within_the_error_that_they_state() -> None:
    rng = np.random.default_rng(10)
    joint, every = Fitting(method="robust"), []
    for part in range(9):
        every.append(rng.normal(part, 1, size=9_000 + part))
        joint.merge(Fitting(method="robust").update(every[-1]))
    found, values = Normalizer.of(joint), np.concatenate(every)
    assert abs(np.mean(values < found.center[0]) - 0.5) <= found.fitted.rank_error


def test_names_serve_as_groups_and_one_label_serves_a_whole_sample() -> None:
    x = np.array([[1.0], [3.0], [100.0], [300.0]])
    normalizer = Normalizer.fit(x, group=["b", "b", "a", "a"])
    assert normalizer.groups == ("a", "b")
    assert normalizer.transform(np.array([300.0]), group="a", verify=False).tolist() == [1.0]
    assert normalizer.transform(x, group=np.array([b"b", b"b", b"a", b"a"])).tolist() == [[-1], [1], [-1], [1]]


def test_an_unknown_group_is_refused_by_name_or_takes_the_pooled_scale() -> None:
    x = np.array([[1.0], [3.0], [100.0], [300.0]])
    normalizer = Normalizer.fit(x, group=[1, 1, 2, 2])
    with pytest.raises(UsageError, match=r"not fitted on: 7 \(it knows 1, 2"):
        normalizer.transform(np.array([[1.0]]), group=[7])
    found = normalizer.transform(np.array([[3.0], [1.0]]), group=[1, 7], unknown="pooled")
    assert found[:, 0] == pytest.approx([1, (1 - x.mean()) / x.std()])


def test_a_mask_may_cover_rows_steps_or_entries() -> None:
    x = np.arange(24.0).reshape(2, 4, 3)
    steps = np.array([[1, 1, 0, 0], [1, 0, 0, 0]])
    normalizer = Normalizer.fit(x, mask=steps)
    active = x[steps.astype(bool)]
    assert normalizer.center == pytest.approx(active.mean(axis=0))
    assert Normalizer.fit(x, mask=np.array([1, 0])).center == pytest.approx(x[0].mean(axis=0))
    with pytest.raises(UsageError, match=r"mask of shape \(3,\) does not fit"):
        Normalizer.fit(x, mask=np.ones(3))


def test_channels_first_and_one_scale_for_all() -> None:
    images = np.random.default_rng(1).normal(size=(10, 3, 8, 6)) * np.array([1, 10, 100])[:, None, None]
    channels = Normalizer.fit(images, axis=1)
    assert channels.scale == pytest.approx(images.std(axis=(0, 2, 3)))
    assert channels.transform(images).std(axis=(0, 2, 3)) == pytest.approx([1, 1, 1])
    assert channels.transform(images[0]).shape == (3, 8, 6)
    grouped = Normalizer.fit(images, axis=1, group=np.arange(10) % 2)
    assert grouped.transform(images, group=np.arange(10) % 2)[::2].std(axis=(0, 2, 3)) == pytest.approx([1, 1, 1])
    everything = Normalizer.fit(images, axis=None)
    assert everything.scale == pytest.approx([images.std()])
    assert everything.transform(images).std() == pytest.approx(1)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"data": np.zeros((0, 3))}, "no active, finite value"),
        ({"data": np.full((5, 3), np.nan)}, "no active, finite value"),
        ({"data": np.array([["a"]])}, "no rows of real numbers"),
        ({"data": np.array([[None]], dtype=object)}, "Python objects"),
        ({"data": np.ones((3, 2)), "group": [1, 2]}, "3 rows and groups"),
        ({"data": np.ones((3, 2)), "group": [1, 2, 0.5]}, "whole numbers or text"),
        ({"data": np.ones((3, 2)), "method": "minmax"}, "unknown method 'minmax'"),
        ({"data": np.ones((3, 2)), "axis": 0}, "does not count features"),
        ({"data": np.ones((3, 2)), "names": ["a"]}, "1 names for 2 features"),
        ({"data": np.array([[1e300], [-1e300]])}, "squares leave the range"),
    ],
)
def test_what_has_no_scale_is_refused_in_words(given: dict, says: str) -> None:
    data = given.pop("data")
    with pytest.raises(UsageError, match=says):
        Normalizer.fit(data, **given)
