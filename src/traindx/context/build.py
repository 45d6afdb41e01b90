"""From a run to a case: roles, facts, curves, references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from traindx.baselines import Ladder, build_ladder, is_family, relevant_facts
from traindx.context import curves
from traindx.context.attempts import judged_attempt
from traindx.context.case import Case
from traindx.context.curves import Reading
from traindx.context.fact_table import canonical_fact, facts_from_settings, normalise_fact
from traindx.context.hidden_nan import without_hidden_nan
from traindx.context.inference import inferred_facts
from traindx.context.keys import Fact, FactValue
from traindx.context.log_units import in_log_base
from traindx.context.loss_family import FamilyGuess, loss_family
from traindx.context.references import references
from traindx.context.roles import METRIC_PREFERENCE, Role, choose_main, choose_main_metric, components_of, resolve
from traindx.context.roles.role import Split
from traindx.context.sums import named_total, sum_of_terms
from traindx.context.tasks import tasks
from traindx.context.wording import facts_in_words
from traindx.errors import UsageError, unknown_name
from traindx.run import Run, Series
from traindx.signals import Curve, summarise

# How the text reader tells that values were printed with a percent sign.
_PERCENT = "traindx.percent:"
METRIC_KINDS = frozenset(METRIC_PREFERENCE)


def build_case(
    run: Run,
    *,
    given: Mapping[str, FactValue | str] | None = None,
    roles: Mapping[str, str] | None = None,
    metric: str | None = None,
) -> Case:
    """Return the case of a run: every series with its role, all facts, the judged loss with its references.

    ``given`` facts override those read, which override those inferred. ``roles`` correct the meaning of names. ``metric``
    names the series to judge as the training loss. Raises ``UsageError`` for unknown facts, roles or series.
    """
    percent = {s.name.removeprefix(_PERCENT) for s in run.settings if s.name.startswith(_PERCENT)}
    readings = without_hidden_nan([_reading(series, roles or {}, percent) for series in run.series.values()])
    values: dict[str, object] = {
        curves.READINGS.name: readings,
        curves.TASKS.name: tasks(readings),
        curves.SOURCES.name: run.sources,
        curves.NOTES.name: run.notes,
    }
    _put(values, curves.CHECKPOINTS.name, run.checkpoints)
    _add_series(values, readings, metric)
    facts = _facts(run, given or {})
    judged = values.get(curves.JUDGED_LOSS.name)
    guess = loss_family(judged, readings, facts) if isinstance(judged, Reading) else None
    facts = facts | inferred_facts(values, facts, guess)
    _add_theory(values, facts, guess)
    return Case(run, MappingProxyType(values))


def _reading(series: Series, overrides: Mapping[str, str], percent: set[str]) -> Reading:
    told = [role for name, role in overrides.items() if name in (series.name, series.logged_as)]
    role = resolve(series.name, overrides={series.name: told[-1]} if told else None)
    role = replace(role, unit="percent") if series.name in percent else role
    attempt = judged_attempt(series)
    return Reading(attempt, role, _curve_of(attempt, role), series)


def _curve_of(series: Series, role: Role) -> Curve | None:
    """Return the curve of a series, or None where it has no finite point."""
    if not len(series) or not bool(np.isfinite(series.values).any()):
        return None
    return summarise(series.values, higher_is_better=role.direction == "higher")


def _facts(run: Run, given: Mapping[str, FactValue | str]) -> dict[str, Fact]:
    read = facts_from_settings(run.settings, log=run.sources[0].path if run.sources else "")
    told = [Fact(canonical_fact(key), normalise_fact(key, value), "given") for key, value in given.items()]
    return {fact.key: fact for fact in (*facts_in_words(run), *read, *told)}


def _add_series(values: dict[str, object], readings: Sequence[Reading], metric: str | None) -> None:
    by_name = {r.name: r for r in readings if len(r.series)}
    roles = {name: r.role for name, r in by_name.items()}
    lengths = {name: len(r.series) for name, r in by_name.items()}

    def main(split: Split) -> Reading | None:
        name = choose_main(roles, lengths, split)
        if name is None or by_name[name].role.component:
            parts = components_of(roles, split)
            total = named_total(parts, by_name, split)
            if total is not None or name is None:
                return total or sum_of_terms(parts, by_name, split)
        return by_name[name]

    train, val = _named(by_name, metric) if metric else main("train"), main("val") or main("test")
    _put(values, curves.TRAIN_LOSS.name, train)
    _put(values, curves.VAL_LOSS.name, val)
    _put(values, curves.JUDGED_LOSS.name, train or val)
    totals = [
        r for r in readings if r.role.kind == "loss" and (_is_total(r.role) or r in (train, val)) and len(r.series)
    ]
    totals += [r for r in (train, val) if r is not None and r not in totals]
    adversaries = [r for r in readings if r.role.kind == "loss" and len(r.series)] if not totals else []
    _put(values, curves.LOSSES.name, tuple(totals or adversaries))
    parts = components_of(roles, "train")
    _put(values, curves.COMPONENTS.name, tuple(by_name[n] for n in parts.values() if train is None or n != train.name))
    splits: tuple[Split, ...] = ("val", "test", "train")
    metric_name = next((name for split in splits if (name := choose_main_metric(roles, lengths, split))), None)
    _put(values, curves.MAIN_METRIC.name, by_name.get(metric_name) if metric_name else None)
    _put(values, curves.METRICS.name, tuple(r for r in readings if r.role.kind in METRIC_KINDS and len(r.series)))
    _put(
        values,
        curves.LEARNING_RATES.name,
        tuple(r for r in readings if r.role.kind == "learning_rate" and len(r.series)),
    )
    _put(values, curves.GRAD_NORM.name, curves.global_grad_norm(readings))
    _put(values, curves.TWINS.name, _twins(readings))


def _is_total(role: Role) -> bool:
    """Whether a loss is no term of a sum: it names none, or names only its family ("ctc_loss")."""
    return role.statistic not in ("min", "max", "std", "best") and role.component in (None, role.family)


def _named(by_name: Mapping[str, Reading], metric: str) -> Reading:
    found = by_name.get(metric) or next((r for r in by_name.values() if r.series.logged_as == metric), None)
    if found is None:
        raise unknown_name("series", metric, by_name)
    return found


def _twins(readings: Sequence[Reading]) -> tuple[tuple[Reading, Reading], ...]:
    """Pairs of losses of one meaning (or one name) in different files; ranks and averages are no twins."""
    first: dict[object, Reading] = {}
    pairs: list[tuple[Reading, Reading]] = []
    for reading in (r for r in readings if len(r.series) and r.role.kind == "loss" and r.role.statistic is None):
        role = reading.role
        meaning = (role.component, role.family, role.split or "train", role.part)
        other = first.setdefault(meaning, reading)
        if other is not reading and int(reading.series.files[0]) != int(other.series.files[0]):
            pairs.append((other, reading))
    return tuple(pairs)


def _put(values: dict[str, object], name: str, value: object) -> None:
    if value is not None and value != ():
        values[name] = value


def _add_theory(values: dict[str, object], facts: Mapping[str, Fact], guess: FamilyGuess | None) -> None:
    values[curves.FACTS.name] = MappingProxyType(dict(facts))
    for key, fact in facts.items():
        values[key] = fact.value
    ladder = None
    if guess is not None:
        values[curves.LOSS_FAMILY.name] = guess.family
        ladder = _ladder(guess.family, facts)
        _put(values, curves.LADDER.name, ladder)
    judged = values.get(curves.JUDGED_LOSS.name)
    if isinstance(judged, Reading):
        _put(values, curves.REFERENCES.name, references(judged, ladder, guess, facts))
    if guess is not None and "num_val_samples" in facts:
        of_val = _ladder(guess.family, {**facts, "num_samples": facts["num_val_samples"]})
        val = values.get(curves.VAL_LOSS.name)
        if of_val is not None and isinstance(val, Reading):
            _put(values, curves.VAL_REFERENCES.name, references(val, of_val, guess, facts))


def _ladder(family: str, facts: Mapping[str, Fact]) -> Ladder | None:
    """The baselines of the family where the facts suffice; None where one is missing or there is no theory."""
    if not is_family(family):
        return None
    try:
        ladder = build_ladder(family, **relevant_facts(family, {key: fact.value for key, fact in facts.items()}))
    except UsageError:
        return None
    return in_log_base(ladder, facts)
