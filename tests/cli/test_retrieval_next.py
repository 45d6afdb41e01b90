"""The commands that ``traindx retrieval`` proposes are about the same ranking, and run."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from traindx.cli.app import app


def traindx(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["retrieval", *arguments], prog_name="traindx", env={"COLUMNS": "200"})


@pytest.fixture(autouse=True)
def captions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three captions of each of sixty images, and which image each is of."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    images = rng.normal(size=(60, 16))
    np.save("images.npy", images.astype(np.float32))
    np.save("captions.npy", (np.repeat(images, 3, 0) + 0.5 * rng.normal(size=(180, 16))).astype(np.float32))
    Path("pairs.csv").write_text("query,item\n" + "".join(f"{i},{i // 3}\n" for i in range(180)))


def test_the_next_commands_keep_what_the_ranking_depends_on() -> None:
    result = traindx("captions.npy", "images.npy", "--relevant", "pairs.csv", "--similarity", "dot", "--plain")
    proposed = [line.split("next: ")[1] for line in result.stdout.splitlines() if "next: " in line]
    assert [line.split("--", 1)[1] for line in proposed] == [
        "relevant pairs.csv --similarity dot --gallery-size 600",
        "relevant pairs.csv --similarity dot --save-ranks ranks.csv",
    ]
    for line in proposed:
        again = traindx(*shlex.split(line)[2:])
        assert (
            again.stdout.splitlines()[2]
            == traindx("captions.npy", "images.npy", *shlex.split(line)[4:8]).stdout.splitlines()[2]
        )


def test_files_of_two_lengths_are_told_which_option_pairs_them() -> None:
    result = traindx("captions.npy", "images.npy")
    assert result.exit_code == 2
    assert "--relevant FILE" in result.stderr
