"""The commands that choose a checkpoint and compare runs, as people call them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from traindx.cli.app import app


@pytest.fixture(autouse=True)
def nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    for name in ("FORCE_COLOR", "COLUMNS", "TRAINDX_FORMAT"):
        monkeypatch.delenv(name, raising=False)


def traindx(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="traindx")


def training(folder: Path, *, lr: float = 1e-3, top: float = 0.8, seed: int = 0) -> str:
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(f"lr: {lr}\nseed: {seed}\n")
    rows = ["step,train_loss,val_loss,val_acc"]
    for n in range(1, 41):
        acc = top - top * np.exp(-n / 6) - 0.1 * max(0, (n - 26) / 14) ** 2 + rng.normal(0, 0.004)
        rows.append(f"{100 * n},{2.3 * np.exp(-n / 8):.4f},{2.3 - 2 * acc:.4f},{acc:.4f}")
    (folder / "metrics.csv").write_text("\n".join(rows) + "\n")
    for step in (1000, 2600, 4000):
        (folder / f"model_step_{step}.pt").touch()
    return str(folder)


def test_the_checkpoint_to_keep_is_named_with_its_file(tmp_path: Path) -> None:
    result = traindx("pick", training(tmp_path / "a"))
    assert result.exit_code == 0
    assert "keep val_acc" in result.stdout
    assert "model_step_2600.pt" in "".join(result.stdout.split())


def test_an_objective_may_be_told_and_the_answer_be_data(tmp_path: Path) -> None:
    result = traindx("pick", training(tmp_path / "a"), "--objective", "loss", "--format", "json")
    (run,) = json.loads(result.stdout)["runs"]
    assert (run["checkpoint"]["objective"], run["checkpoint"]["at"], run["why"]) == ("val_loss", 2600, "")
    markdown = traindx("pick", str(tmp_path / "a"), "--format", "md").stdout
    assert markdown.startswith("## a\n\nKeep val\\_acc")


def test_an_unknown_objective_is_misuse_with_a_hint(tmp_path: Path) -> None:
    result = traindx("pick", training(tmp_path / "a"), "--objective", "bleu")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "val_acc" in result.stderr


def test_two_runs_are_compared_in_three_formats(tmp_path: Path) -> None:
    pair = [training(tmp_path / "a"), training(tmp_path / "b", lr=3e-4, top=0.85, seed=1)]
    text = traindx("compare", *pair)
    assert text.exit_code == 0
    assert text.stdout.startswith("b against a is better: val_acc")
    assert "only lr differs (0.001 to 0.0003)" in text.stdout
    (found,) = json.loads(traindx("compare", *pair, "--format", "json").stdout)["comparisons"]
    assert (found["before"], found["after"], found["axis"]) == ("a", "b", "step")
    assert "| quantity | before | after |" in traindx("compare", *pair, "--format", "md").stdout


def test_groups_of_seeds_are_compared(tmp_path: Path) -> None:
    one = [training(tmp_path / f"a{k}", seed=k) for k in range(3)]
    other = [training(tmp_path / f"b{k}", lr=1e-4, top=0.85, seed=k) for k in range(3)]
    result = traindx("compare", *one, *(word for path in other for word in ("--against", path)))
    assert "paired by seed, 3 and 3" in " ".join(result.stdout.split())


def test_ranks_of_the_same_queries_are_compared(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n".join(["1", "2", "5", "1"] * 30))
    (tmp_path / "b.csv").write_text("query,rank\n" + "\n".join(f"{n},1" for n in range(120)))
    result = traindx("compare", "--ranks", "a.txt", "b.csv")
    assert result.exit_code == 0
    assert "R@1 1 against 0.5" in " ".join(result.stdout.split())
    (tmp_path / "c.txt").write_text("1\nsecond\n")
    refused = traindx("compare", "--ranks", "a.txt", "c.txt")
    assert refused.exit_code == 2
    assert "c.txt:2" in refused.stderr


@pytest.mark.parametrize("arguments", [("a",), ("--ranks", "a"), ("--ranks", "--at", "x", "a", "a"), ("a", "none")])
def test_misuse_is_told_without_a_traceback(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    training(tmp_path / "a")
    result = traindx("compare", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
