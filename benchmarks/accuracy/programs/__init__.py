"""All programs, one line each: nothing registers itself."""

from __future__ import annotations

from importlib import import_module

from benchmarks.accuracy.program import Program

NAMES: tuple[str, ...] = (
    "squares_set",
    "intervals_set",
    "discs_mask",
    "digits_vae",
    "points_vae",
    "digits_codes",
    "pair_policy",
    "pair_reward",
    "points_diffusion",
    "symbols_ctc",
    "bandit_groups",
    "grid_actor",
    "points_gan",
    "digits_gan",
    "curve_codes",
    "digits_siamese",
    "digits_experts",
    "three_tasks",
    "digits_oddities",
    "phrases_tuning",
    "density_fit",
    "modular_sums",
    "towers_scale",
    "char_gru",
    "char_transformer",
    "digits_cnn",
    "digits_mlp",
    "regression_mlp",
    "series_gru",
    "two_tower_halves",
    "two_tower_topics",
)


def program(name: str) -> Program:
    """Return the program of that name; its file is imported on the first call."""
    found: Program = import_module(f"benchmarks.accuracy.programs.{name}").PROGRAM
    return found


def programs() -> tuple[Program, ...]:
    """Return all programs in the order of the list."""
    return tuple(program(name) for name in NAMES)
