"""Controls of many systems in one file: what scaling by the stored statistics leaves unlearnt, and scaling per system does not."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import h5py
import numpy as np
import pytest

from traindx.cli import main
from traindx.dataset import Normalizer, audit
from traindx.diagnosis import Finding

_EXAMPLE = Path(__file__).parents[2] / "examples" / "control_dataset.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("control_dataset", _EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["control_dataset"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(example: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("control")
    training, held_out = example.make()
    example.write(training, made / "train.h5")
    example.write(held_out, made / "test.h5")
    return made


def test_the_data_have_the_four_faults_that_they_are_made_with(example: ModuleType, folder: Path) -> None:
    with h5py.File(folder / "train.h5") as file:
        u, mask, system, std = (file[name][:].astype(float) for name in ("u", "mask", "system", "u_std"))
    active = mask.astype(bool)
    raw = u[:, 0][active[:, 0]]
    assert raw.std() > 1000  # not applied
    assert std[0] == pytest.approx(raw.std(), rel=0.01)  # the first control exists everywhere
    share = active[:, 1].mean()
    second = u[:, 1][active[:, 1]]
    assert std[1] ** 2 == pytest.approx(
        share * np.mean(second**2) - (share * second.mean()) ** 2, rel=1e-3
    )  # over padding
    spreads = np.array([u[:, 0][system == s].std() for s in range(example.SYSTEMS)])
    assert spreads.max() / spreads.min() > 1e5  # groups that need their own scale
    z = u[:, 0] / spreads[system.astype(int)]
    assert np.mean(z**4) > 10  # heavy tails inside systems too
    assert np.sort(raw**2)[-len(raw) // 1000 :].sum() > 0.2 * np.sum(raw**2)


@pytest.fixture(scope="module")
def findings(folder: Path) -> list[Finding]:
    return list(audit(folder / "train.h5", group="system", mask="mask", targets=("u",)).findings)


def _about(findings: list[Finding], code: str, array: str) -> Finding:
    found = [one for one in findings if one.code == code and re.search(rf"\b{array}\b", one.headline)]
    assert len(found) == 1, [(one.code, one.headline) for one in findings]
    return found[0]


@pytest.mark.parametrize("array", ["x", "u"])
def test_the_audit_names_statistics_that_are_stored_and_not_applied(
    findings: list[Finding], folder: Path, array: str
) -> None:
    found = _about(findings, "AUD002", array)
    assert f"{array}_mean and {array}_std" in found.headline
    with h5py.File(folder / "train.h5") as file:
        spreads = file[array][:].astype(float).std(axis=0)
    feature = int(re.search(rf"{array}\[(\d)\]", found.evidence[0].label)[1])
    assert found.evidence[0].measured == pytest.approx(spreads[feature], rel=1e-5)
    assert ("active entries alone" in found.do[0]) == (array == "u")


def test_the_audit_names_statistics_that_counted_padding(findings: list[Finding], folder: Path) -> None:
    found = _about(findings, "AUD004", "u")
    with h5py.File(folder / "train.h5") as file:
        u, mask, mean, std = (file[name][:].astype(float) for name in ("u", "mask", "u_mean", "u_std"))
    active = mask.astype(bool)
    with np.errstate(all="ignore"):
        scaled = (u - mean) / std
    squares = [np.mean(scaled[active[:, i], i] ** 2) for i in range(4)]
    assert found.evidence[0].measured == pytest.approx(np.mean(squares), rel=0.01)
    assert found.evidence[1].measured == pytest.approx(1 - active.mean())
    assert "second moment" in found.why


def test_the_audit_names_groups_that_need_their_own_scale(
    findings: list[Finding], example: ModuleType, folder: Path
) -> None:
    found = _about(findings, "AUD005", "u")
    assert f"{example.SYSTEMS} groups" in found.headline
    assert found.evidence[0].measured > 1e5
    assert "squared loss" in found.why


def test_the_audit_names_heavy_tails(findings: list[Finding]) -> None:
    found = _about(findings, "AUD006", "u")
    assert found.evidence[0].measured > 0.2
    assert "squared loss" in found.why


def test_the_command_says_all_four_in_one_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["data", str(folder / "train.h5"), "--group", "system", "--mask", "mask", "--target", "u"])
    assert ended.value.code == 1
    shown = capsys.readouterr().out
    assert all(code in shown for code in ("AUD002", "AUD004", "AUD005", "AUD006"))


@pytest.mark.slow
def test_only_a_scale_for_each_system_lets_the_network_learn_more_than_the_largest(example: ModuleType) -> None:
    training, held_out = example.make()
    before, stored, own = (example.outcome(way, training, held_out) for way in example.ways(training))
    assert before.typical < 0.05
    assert stored.typical < 0.05
    assert own.typical > 0.9
    assert min(own.skills) > 0.9
    assert (
        max(before.mean, stored.mean) < 0.35
    )  # a few systems in the largest units are learnt, and the loss shows only those
    assert stored.loss / stored.zero < 0.5


def test_a_normaliser_fitted_on_the_file_refuses_what_is_already_scaled(folder: Path) -> None:
    normalizer = Normalizer.fit(folder / "train.h5", key="u", group="system", mask="mask")
    with h5py.File(folder / "test.h5") as file:
        u, mask, system = (file[name][:] for name in ("u", "mask", "system"))
    scaled = normalizer.transform(u, group=system, mask=mask)
    assert np.all(scaled[~mask] == 0)
    found = normalizer.check(scaled, group=system, mask=mask)
    assert [problem.name for problem in found] == ["already-normalised"]
    back = normalizer.inverse(scaled, group=system, mask=mask)
    assert np.all(np.abs(back - u) <= 8 * 1.2e-7 * np.maximum(np.abs(u), np.abs(normalizer.center[system])))
