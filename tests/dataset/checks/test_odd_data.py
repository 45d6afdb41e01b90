"""Whatever a file holds: an answer, or an error that names what is wrong; never a crash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.dataset.checks.made import rng
from traindx.dataset import Audit, audit
from traindx.errors import TraindxError
from traindx.render import Look, audit_json, audit_markdown, audit_text

NAMES = st.sampled_from(
    ["x", "y", "label", "mask", "u_mean", "u_std", "u", "system_id", "boxes", "tokens", "id", "\x1b[2J"]
)
TYPES = st.sampled_from(["f4", "f8", "f2", "i4", "u2", "u8", "?", "i1"])


def drawn(answer: Audit) -> str:
    audit_json(answer, version="0")
    audit_markdown(answer)
    return audit_text(answer, Look(unicode=False, plain=True, detail=1))


def saved(folder: Path, **given_arrays: Any) -> Path:
    path = folder / "data.npz"
    np.savez(path, **given_arrays)
    return path


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), names=st.lists(NAMES, min_size=1, max_size=5, unique=True))
def test_any_arrays_are_audited_or_refused(
    data: st.DataObject, names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = data.draw(st.integers(0, 12))
    made = {}
    for name in names:
        shape = data.draw(st.sampled_from([(rows,), (rows, 4), (rows, 1), (rows, 3, 4), (2,), ()]))
        drawn_array = data.draw(arrays.arrays(np.dtype(data.draw(TYPES)), shape))
        beyond = np.isfinite(drawn_array) & (
            np.abs(drawn_array.astype(np.float64)) > 1e100
        )  # their squares are no floats
        made[name] = np.where(beyond, drawn_array.dtype.type(7), drawn_array)
    path = saved(tmp_path_factory.mktemp("any"), **made)
    targets = [name for name in names if name == "u"]
    try:
        text = drawn(audit(path, targets=targets, num_classes=3, vocab_size=9))
    except TraindxError:
        return
    assert "\x1b" not in text
    assert "nan deviations" not in text


def test_arrays_of_no_numbers_at_all_leave_the_verdict_open(tmp_path: Path) -> None:
    answer = audit(saved(tmp_path, x=np.full((50, 3), np.nan)))
    assert answer.verdict.state == "failing"
    assert "150 NaN" in answer.verdict.summary
    empty = audit(saved(tmp_path, x=np.zeros((0, 3))))
    assert empty.verdict.state == "inconclusive"
    assert drawn(empty)


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, x=np.array([{"a": 1}, None], dtype=object))
    with pytest.raises(TraindxError) as raised:
        audit(path)
    assert "data.npz" in raised.value.where


def test_scaling_by_a_power_of_two_and_shuffling_rows_change_no_verdict_of_tails_and_groups(tmp_path: Path) -> None:
    group, u = rng().integers(0, 4, 4_000), rng(1).standard_t(2, 4_000)
    u = u * np.array([1.0, 1.0, 50.0, 1.0])[group]
    order = rng(2).permutation(4_000)

    def codes(values: np.ndarray, groups: np.ndarray) -> dict[str, float | None]:
        answer = audit(saved(tmp_path, u=values, system_id=groups), targets=["u"])
        return {f.code: f.evidence[0].measured for f in answer.findings if f.code in ("AUD005", "AUD006")}

    plain = codes(u, group)
    assert set(plain) == {"AUD005", "AUD006"}
    assert codes(u[order], group[order]) == pytest.approx(plain, rel=1e-9)
    assert codes(u * 1024, group) == pytest.approx(plain, rel=1e-9)


def test_infinities_beside_numbers_break_no_level(tmp_path: Path) -> None:
    y = rng().standard_normal(500)
    y[3] = np.inf
    answer = audit(saved(tmp_path, y=y))
    assert all(np.isfinite(level.baseline.value) for level in answer.baselines.levels)


def test_a_lone_number_and_a_lone_row_are_no_dataset_to_judge(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", np.float64(3.0))
    assert drawn(audit(tmp_path / "one.npy"))
    np.save(tmp_path / "row.npy", np.ones((1, 5)))
    assert drawn(audit(tmp_path / "row.npy"))
