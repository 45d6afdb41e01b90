"""``traindx predict``, from a log to an answer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from inline_snapshot import snapshot

from traindx.cli.app import app
from traindx.forecast import made


@pytest.fixture(autouse=True)
def nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def log(path: Path, *, rate: bool = True) -> str:
    """Half of a cosine run of 20,000 steps, three seconds a step."""
    at = (np.arange(400) + 1) / 400
    schedule = made("cosine", warmup=0.02)
    loss = 1.7 + 0.4 * (schedule.travelled(at) + 0.01) ** -0.4 + 0.1 * schedule.at(at)
    loss += np.random.default_rng(0).normal(0, 0.01, 400)
    rates = 3e-4 * schedule.at(at)
    rows = [f"{50 * (i + 1)},{loss[i]:.4f},{150 * (i + 1)}" + (f",{rates[i]:.6e}" if rate else "") for i in range(200)]
    path.write_text("\n".join(["step,train/loss,wall_time" + (",lr" if rate else ""), *rows]) + "\n")
    return str(path)


def predict(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["predict", *arguments], prog_name="traindx")


def test_the_answer_for_a_person(tmp_path: Path) -> None:
    result = predict(log(tmp_path / "run.csv"), "--until", "20k", "--target", "2.25")
    assert result.exit_code == 0
    assert result.stdout == snapshot("""\
run

── Where will it end? ──────────────────────────────────────────── train/loss ──
  end     at step 20,000 under a cosine schedule: 2.265 (2.177 to 2.319 at
          90 %); now 2.322
  target  2.25: perhaps not within the plan (earliest 12,322, latest not within
          the plan)
  left    8 h 20 min (8 h 10 min to 8 h 30 min)
  do      PROBE: the rest gains 2.4 % of the present level (0.13 % to 6.2 %) for
          10,000 more steps; run a tenth of it and look again: the least is
          under 0.78 %, the most over it. From 461 runs of the library
""")


def test_the_answer_for_a_program(tmp_path: Path) -> None:
    (told,) = json.loads(predict(log(tmp_path / "run.csv"), "--until", "20000", "--format", "json").stdout)["forecasts"]
    assert told["run"] == "run"
    assert (told["series"], told["schedule"], told["end_at"], told["coverage"]) == (
        "train/loss",
        "cosine",
        20000.0,
        0.9,
    )
    assert told["low"] < told["value"] < told["high"]
    assert told["seconds_left"] == pytest.approx(30_000, rel=0.02)


def test_the_answer_for_a_pull_request(tmp_path: Path) -> None:
    result = predict(log(tmp_path / "run.csv"), "--set", "total_steps=20000", "--format", "md")
    assert result.stdout.startswith("## run\n\n### Where will it end? (train/loss)\n\n- **end** at step 20,000")


def test_both_branches_are_shown_where_the_schedule_is_not_known(tmp_path: Path) -> None:
    result = predict(log(tmp_path / "run.csv", rate=False), "--until", "20000")
    assert "if the rate stays constant" in result.stdout
    assert "if it decays as a cosine" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--until", "soon"), "no number of steps or epochs"),
        (("--until", "0"), "no number of steps or epochs"),
        (("--schedule", "cosin"), "did you mean cosine?"),
        (("--metric", "train/los"), "did you mean train/loss?"),
        (("--target", "low"), "'low' is not a valid float"),
    ],
)
def test_misuse_is_told_with_a_hint(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    result = predict(log(tmp_path / "run.csv"), *arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_path_that_cannot_be_read_is_an_error() -> None:
    assert predict("none.csv").exit_code == 2
