from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_examples_are_what_their_script_writes() -> None:
    made = runpy.run_path(str(EXAMPLES / "make_examples.py"))
    for name, path in (
        ("broken_clip", "broken_clip.log"),
        ("healthy_lm", "healthy_lm.csv"),
        ("hidden_nan", "hidden_nan/trainer_state.json"),
    ):
        assert (EXAMPLES / path).read_text(encoding="utf-8") == made[name]()


def test_the_example_data_are_what_their_script_makes() -> None:
    made = runpy.run_path(str(EXAMPLES / "make_examples.py"))["controls"]()
    with np.load(EXAMPLES / "controls.npz") as stored:
        assert set(stored.files) == set(made)
        assert all(np.allclose(stored[name], made[name], rtol=1e-6) for name in made)
