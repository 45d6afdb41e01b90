"""Loaders give normalised batches, and predictions come back in original units."""

from __future__ import annotations

import pickle
from collections import namedtuple

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from traindx.dataset import Normalized, Normalizer
from traindx.errors import UsageError

Sample = namedtuple("Sample", ["x", "y"])


@pytest.fixture
def parts() -> tuple[torch.Tensor, ...]:
    draw = torch.Generator().manual_seed(0)
    system = torch.arange(400) % 4
    u = torch.randn(400, 3, generator=draw) * 10.0 ** system[:, None]
    mask = torch.rand(400, 3, generator=draw) < 0.6
    return torch.randn(400, 5, generator=draw) * 20 + 300, torch.where(mask, u, 0), system, mask


@pytest.fixture
def normalizers(parts: tuple[torch.Tensor, ...]) -> dict[int, Normalizer]:
    x, u, system, mask = parts
    return {0: Normalizer.fit(x), 1: Normalizer.fit(u, group=system, mask=mask)}


def test_a_loader_of_tuples_is_normalised_and_predictions_come_back(
    parts: tuple[torch.Tensor, ...], normalizers: dict[int, Normalizer]
) -> None:
    loader = DataLoader(TensorDataset(*parts), batch_size=100)
    wrapped = Normalized(loader, normalizers, group=2, mask=3)
    assert (len(wrapped), wrapped.batch_size) == (4, 100)
    batches, raw = list(wrapped), list(loader)
    x, u = (torch.cat([batch[place] for batch in batches]) for place in (0, 1))
    assert torch.allclose(x.mean(0), torch.zeros(5), atol=1e-5)
    assert torch.allclose(u[parts[3]].std(), torch.tensor(1.0), atol=0.02)
    for batch, before in zip(batches, raw, strict=True):
        assert torch.equal(batch[2], before[2])
        assert torch.allclose(wrapped.denormalise(batch[1], batch, entry=1), before[1], rtol=1e-5, atol=1e-4)
        assert torch.allclose(wrapped.denormalise(batch[0], entry=0), before[0], rtol=1e-5)


def test_a_dataset_is_normalised_sample_by_sample_in_worker_processes(
    parts: tuple[torch.Tensor, ...], normalizers: dict[int, Normalizer]
) -> None:
    wrapped = Normalized(TensorDataset(*parts), normalizers, group=2, mask=3)
    whole = normalizers[1].transform(parts[1], group=parts[2], mask=parts[3])
    assert torch.allclose(wrapped[7][1], whole[7])
    loader = DataLoader(wrapped, batch_size=50)
    assert torch.allclose(torch.cat([batch[1] for batch in loader]), whole)
    again = pickle.loads(pickle.dumps(wrapped))
    assert torch.equal(again[3][0], wrapped[3][0])


def test_dicts_and_named_tuples_keep_their_kind() -> None:
    x, y = np.random.default_rng(0).normal(5, 2, size=(2, 64, 1))
    normalizer = Normalizer.fit(y)
    (batch,) = Normalized([{"x": x, "y": y, "id": "kept"}], {"y": normalizer})
    assert batch["id"] == "kept"
    assert abs(batch["y"].mean()) < 1e-12
    assert batch["x"] is x
    (named,) = Normalized([Sample(x, y)], {-1: normalizer})
    assert isinstance(named, Sample)
    assert abs(named.y.mean()) < 1e-12
    assert np.allclose(Normalized([], {"y": normalizer}).denormalise(batch["y"]), y)


def test_a_loader_that_normalises_already_is_found_out_in_its_first_batch(normalizers: dict[int, Normalizer]) -> None:
    x = torch.randn(128, 5, generator=torch.Generator().manual_seed(1))
    wrapped = Normalized([(x,)], {0: normalizers[0]})
    with pytest.raises(UsageError, match="already normalised"):
        next(iter(wrapped))
    next(iter(Normalized([(x,)], {0: normalizers[0]}, verified=0)))


def test_a_wrong_entry_is_told_with_what_there_is(normalizers: dict[int, Normalizer]) -> None:
    with pytest.raises(UsageError, match="no entry 'u': it is the names \\['x'\\]"):
        next(iter(Normalized([{"x": 1}], {"u": normalizers[0]})))
    with pytest.raises(UsageError, match="no entry 5: it is a tuple"):
        next(iter(Normalized([(1, 2)], {5: normalizers[0]})))
    with pytest.raises(UsageError, match="several entries"):
        Normalized([], normalizers).denormalise(torch.zeros(1, 5))
