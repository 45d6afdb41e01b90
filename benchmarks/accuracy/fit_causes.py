"""Fits the table of causes on the runs of "fit" programs, chooses its strengths by leaving one program out, and writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

import numpy as np
from benchmarks.accuracy.judge_causes import told
from benchmarks.accuracy.observing import Observed, observed_runs
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from traindx.causes import (
    CAUSES,
    FEATURES,
    NONE_OF_THESE,
    Table,
    probabilities,
    stored_table,
    table_of,
    unsupported,
    weigh,
)
from traindx.causes.evidence import ABSENT, FOUND

TABLE = Path(__file__).parents[2] / "src" / "traindx" / "causes" / "table.json"
NAMES = (*(cause.name for cause in CAUSES), NONE_OF_THESE)
NONE_OFTEN = 4.0  # how common "none of these" is before anything is seen, beside a cause of usual frequency
FLOOR = 0.02  # shared out by the prior: one run in fifty has a cause that nothing speaks for
LN3 = float(np.log(3))
STRENGTH = {"+++": 8.0, "++": 2.3, "+": LN3, "-": -LN3, "--": -2.3, "---": -6.0}  # factors of three, ten and 400
SILENCE = 0.25  # of what a rule says when it speaks is what its silence says to the contrary: rules would rather miss than err
_CODE = re.compile(r"[A-Z]{3}\d{3}")
_SIGN = re.compile(r"([\w:-]+?)=([\w,-]+?)([+]{1,3}|[-]{1,3})(?=\s|$)")


@final
@dataclass(frozen=True, slots=True)
class Strengths:
    """``expert`` is how much of the written signs is believed, ``ridge`` how hard the fitted weights are held to them,
    ``prior_ridge`` the same for the priors, ``sharpness`` what all weights are multiplied by at the end."""

    expert: float = 0.5
    ridge: float = 1.0
    prior_ridge: float = 4.0
    sharpness: float = 1.0
    quiet: float = 0.15
    healthy: float = 0.1
    usual: float = 0.3
    rules: float = 0.8
    rule_ridge: float = 2.0
    absent_ridge: float = 20.0


def signs() -> dict[str, dict[str, np.ndarray]]:
    """Return what the catalogue expects: feature -> answer -> weight for every cause."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for at, cause in enumerate(CAUSES):
        for feature, answers, mark in parsed(cause.signs):
            for answer in answers:
                row = found.setdefault(feature, {}).setdefault(answer, np.zeros(len(NAMES)))
                row[at] = STRENGTH[mark]
    for code, answers in found.items():
        if is_rule(code) and FOUND in answers:
            answers[FOUND][-1] = min(
                0.0, -LN3 * (answers[FOUND].max() > LN3)
            )  # who names a cause denies that there is none
    return found | _silences(
        {code: answers.get(FOUND, np.zeros(len(NAMES))) for code, answers in found.items() if is_rule(code)}, found
    )


def _silences(
    named: Mapping[str, np.ndarray], found: Mapping[str, dict[str, np.ndarray]]
) -> dict[str, dict[str, np.ndarray]]:
    """What it says that a rule had all it needs and found nothing: against the causes that it names, shared with the others that do."""
    speaks = {code: np.clip(row, 0.0, None) for code, row in named.items()}
    whole = np.maximum(1.0, sum(row > LN3 for row in speaks.values()))
    return {code: found[code] | {ABSENT: -SILENCE * row / whole} for code, row in speaks.items()}


def parsed(text: str) -> list[tuple[str, list[str], str]]:
    """Return (feature, answers, mark) of every sign. Raises ValueError for one that cannot be read.

    >>> parsed("skill=none,little++ motion=frozen-")
    [('skill', ['none', 'little'], '++'), ('motion', ['frozen'], '-')]
    """
    found = [_SIGN.fullmatch(word) for word in text.split()]
    if None in found:
        raise ValueError(f"no sign: {[w for w, m in zip(text.split(), found, strict=True) if m is None]}")
    return [(m[1], m[2].split(","), m[3]) for m in found if m is not None]


def columns_of(runs: Iterable[Observed]) -> dict[tuple[str, str], int]:
    """Return a number for every (feature, answer) that the signs name or a run showed."""
    known = {(feature, answer) for feature, answers in signs().items() for answer in answers}
    known |= {(feature.name, level) for feature in FEATURES for level in feature.levels}
    known |= {pair for run in runs for pair in run.answers.items()}
    return {pair: at for at, pair in enumerate(sorted(known))}


def expert_weights(columns: Mapping[tuple[str, str], int], strengths: Strengths) -> np.ndarray:
    """Return the written signs as a matrix (answers x causes)."""
    weights = np.zeros((len(columns), len(NAMES)))
    for feature, answers in signs().items():
        for answer, row in answers.items():
            weights[columns[feature, answer]] += (strengths.rules if is_rule(feature) else strengths.expert) * row
    return weights


def is_rule(feature: str) -> bool:
    """Whether a feature is the code of a rule.

    >>> is_rule("BAS001"), is_rule("skill")
    (True, False)
    """
    return _CODE.fullmatch(feature) is not None


def expert_prior() -> np.ndarray:
    """Return the written frequencies as logarithms."""
    return np.log(np.array([*(cause.often for cause in CAUSES), NONE_OFTEN]))


def design(runs: Sequence[Observed], columns: Mapping[tuple[str, str], int]) -> np.ndarray:
    """Return a matrix (runs x answers) of 0 and 1."""
    found = np.zeros((len(runs), len(columns)))
    for at, run in enumerate(runs):
        places = [columns[pair] for pair in run.answers.items() if pair in columns]
        found[at, places] = 1
    return found


def ridges(columns: Mapping[tuple[str, str], int], strengths: Strengths) -> np.ndarray:
    """Return how hard each answer is held to its sign: what a rule says is precise, and its silence tells the program apart, not the cause."""
    found = np.full(len(columns), strengths.ridge)
    for (feature, answer), at in columns.items():
        if is_rule(feature):
            found[at] = strengths.absent_ridge if answer == ABSENT else strengths.rule_ridge
    return found


def targets(runs: Sequence[Observed]) -> np.ndarray:
    place = {name: at for at, name in enumerate(NAMES)}
    return np.array([place[run.cause or NONE_OF_THESE] for run in runs])


TWINS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("labels-shuffled", "labels-shifted", ()),
    ("labels-shifted", "labels-shuffled", ()),
    ("dead-units", "zero-initialisation", ("dead-units", "first-loss-exact")),
    ("zero-initialisation", "dead-units", ("dead-units", "first-loss-exact")),
    ("schedule-not-stepped", "learning-rate-too-low", ("rate-reached", "rate-as-told")),
    ("weight-decay-too-strong", "dead-units", ("told-weight-decay", "weights", "OPT014")),
    ("momentum-too-high", "learning-rate-too-high", ("told-momentum",)),
    ("gradient-sign-flipped", "learning-rate-too-high", ("rate-height",)),
)
"""A cause, another that leaves the same curves and is as common or commoner, and the features that tell them apart: where none of
these could be seen, which of two it was called is partly chance."""
_TWIN_SHARE = 0.3


def shares(runs: Sequence[Observed]) -> np.ndarray:
    """Return the share of each cause in each run: one, but for twins that nothing tells apart, which share."""
    truth = targets(runs)
    found = np.eye(len(NAMES))[truth]
    for first, second, telling in TWINS:
        untold = np.array([not any(feature in run.answers for feature in telling) for run in runs])
        mine = (truth == NAMES.index(first)) & untold
        found[mine, NAMES.index(first)] -= _TWIN_SHARE
        found[mine, NAMES.index(second)] += _TWIN_SHARE
    return found


def importance(runs: Sequence[Observed], strengths: Strengths) -> np.ndarray:
    """Return how much each run counts: causes of many runs less each, quiet runs (no rule warned) less, programs alike."""
    pairs = [(run.program, run.cause) for run in runs]
    count = {pair: pairs.count(pair) for pair in set(pairs)}
    loud = np.array([1.0 if run.loud else strengths.quiet if run.cause else strengths.healthy for run in runs])
    usual = np.exp(strengths.usual * expert_prior())
    shared = np.array([count[pair] ** -0.5 for pair in pairs]) * usual[targets(runs)]
    return loud * shared / np.mean(shared)


def fitted(runs: Sequence[Observed], columns: Mapping[tuple[str, str], int], strengths: Strengths) -> Table:
    """Return the table that fits ``runs``: a multinomial logistic regression held to the written signs.

    Minimised is the mean of -ln(probability of the true cause), plus ridge x squared distance to the signs over the number of runs:
    with no run at all the signs stay, with many the runs decide.
    """
    start, before = expert_weights(columns, strengths), expert_prior()
    if not runs:
        return as_table(start, before, columns, strengths)
    seen, counts = design(runs, columns), importance(runs, strengths)
    unfit = np.array([[run.unfit.get(name, 0.0) for name in NAMES] for run in runs])
    used = seen.any(axis=0)
    inner, size = csr_matrix(seen[:, used]), (int(used.sum()), len(NAMES))
    turned, held = inner.T.tocsr(), ridges(columns, strengths)[used][:, None]
    share = shares(runs)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights, prior = flat[: size[0] * size[1]].reshape(size), flat[size[0] * size[1] :]
        scores = inner @ weights + prior + unfit
        scores -= scores.max(axis=1, keepdims=True)
        raised = np.exp(scores)
        likely = raised / raised.sum(axis=1, keepdims=True)
        off, prior_off = weights - start[used], prior - before
        value = -float(counts @ (share * np.log(likely + 1e-300)).sum(axis=1))
        value += 0.5 * float((held * off**2).sum()) + 0.5 * strengths.prior_ridge * float((prior_off**2).sum())
        wrong = counts[:, None] * (likely - share)
        return value, np.concatenate(
            [(turned @ wrong + held * off).ravel(), wrong.sum(axis=0) + strengths.prior_ridge * prior_off]
        )

    found = minimize(
        loss,
        np.concatenate([start[used].ravel(), before]),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 150, "ftol": 1e-6},
    ).x
    weights = start.copy()
    weights[used] = found[: size[0] * size[1]].reshape(size)
    return as_table(weights, found[size[0] * size[1] :], columns, strengths)


def as_table(
    weights: np.ndarray, prior: np.ndarray, columns: Mapping[tuple[str, str], int], strengths: Strengths
) -> Table:
    """Return a table of what is not zero."""
    rows: dict[str, dict[str, np.ndarray]] = {}
    for (feature, answer), at in columns.items():
        if np.abs(weights[at]).max() > 0.005:
            rows.setdefault(feature, {})[answer] = weights[at]
    return Table(NAMES, prior, rows, strengths.sharpness, FLOOR)


def judged(table: Table, runs: Sequence[Observed]) -> np.ndarray:
    """Return the probabilities (runs x causes) that a table gives."""
    return np.array(
        [
            probabilities(
                table,
                weigh(table, run.answers),
                np.array([run.unfit.get(name, 0.0) for name in NAMES]) + unsupported(run.answers, table),
            )
            for run in runs
        ]
    )


def left_out(runs: Sequence[Observed], strengths: Strengths) -> np.ndarray:
    """Return probabilities for every run from tables that were fitted without its program."""
    columns, found = columns_of(runs), np.zeros((len(runs), len(NAMES)))
    for program in sorted({run.program for run in runs}):
        inside = [at for at, run in enumerate(runs) if run.program == program]
        table = fitted([run for run in runs if run.program != program], columns, strengths)
        found[inside] = judged(replace(table, floor=0.0), [runs[at] for at in inside])
    return found


def sharpened(runs: Sequence[Observed], strengths: Strengths) -> tuple[Strengths, float, np.ndarray]:
    """Return the strengths with the sharpness that makes left-out probabilities come true best, the loss reached, and they.

    A sharpness multiplies all scores, which raises probabilities to that power.
    """
    likely = left_out(runs, strengths)
    spoken = np.array([run.loud for run in runs])
    truth = targets(runs)[spoken]

    def at(power: float) -> tuple[float, np.ndarray]:
        raised = likely**power
        raised /= raised.sum(axis=1, keepdims=True)
        floored = (1 - FLOOR) * raised + FLOOR / len(NAMES)
        return -float(np.mean(np.log(floored[spoken][np.arange(len(truth)), truth]))), floored

    best = min((0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3), key=lambda power: at(power)[0])
    return replace(strengths, sharpness=best), *at(best)


def document(table: Table, told: str) -> str:
    """Return the table as it is stored: one line for each answer, in whole hundredths of a nat."""

    def row(values: np.ndarray) -> str:
        return json.dumps(np.round(100 * values).astype(int).tolist(), separators=(",", ":"))

    def lines(answers: Mapping[str, np.ndarray]) -> str:
        return ",\n".join(f"  {json.dumps(answer)}:{row(values)}" for answer, values in sorted(answers.items()))

    note = f"Generated by `python -m benchmarks.accuracy fit`; do not edit. Weights in hundredths of a nat. {told}"
    features = ",\n".join(
        f" {json.dumps(name)}:{{\n{lines(answers)}}}" for name, answers in sorted(table.weights.items())
    )
    return (
        f'{{"note":{json.dumps(note)},\n"causes":{json.dumps(table.causes)},\n"sharpness":{table.sharpness},\n'
        f'"floor":{table.floor},\n"prior":{row(table.prior)},\n"weights":{{\n{features}}}}}\n'
    )


def observed(folders: Sequence[Path]) -> list[Observed]:
    """Return what is seen in all runs below ``folders``, each once; silent ones (nothing shows in their curves) are left out."""
    runs = {run.id: run for folder in folders for run in observed_runs(folder, NAMES)}
    return [run for run in runs.values() if not run.silent and run.cause in ("", *NAMES)]


def chosen(runs: Sequence[Observed]) -> tuple[Strengths, float, np.ndarray]:
    """Return the strengths that name causes best in programs left out, the loss reached, and the probabilities."""
    tried = [sharpened(runs, Strengths(expert=expert, ridge=ridge)) for expert in (0.4, 0.5) for ridge in (0.4, 0.8)]
    return min(tried, key=lambda each: each[1])


def fit(folders: Sequence[Path]) -> None:
    """Fit on the "fit" programs below ``folders``, write the table, and print how well it names causes in programs left out."""
    inside = [run for run in observed(folders) if run.split == "fit"]
    strengths, loss, likely = chosen(inside)
    table = fitted(inside, columns_of(inside), strengths)
    about = f"Fitted on {len(inside)} runs of {len({run.program for run in inside})} programs."
    text = document(table, about)
    table_of(json.loads(text))
    TABLE.write_text(text, encoding="utf-8")
    print(about, f"Loss in programs left out: {loss:.3f} nats, with {strengths}")
    loud = [at for at, run in enumerate(inside) if run.loud and run.cause]
    print(told(NAMES, likely[loud], [inside[at] for at in loud]))


def judge(folders: Sequence[Path]) -> None:
    """Print how well the stored table names causes in the runs of "test" programs in which a rule warned."""
    runs = [run for run in observed(folders) if run.split == "test" and run.loud and run.cause]
    print(told(NAMES, judged(stored_table(), runs), runs))
