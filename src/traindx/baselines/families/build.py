"""From a family's name and facts to its ladder of baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from traindx.baselines.baseline import Baseline, Ladder, Rung
from traindx.baselines.families.facts import RUN_FACTS
from traindx.baselines.families.family import Family, Options, Parameter, Value
from traindx.baselines.families.table import FAMILIES
from traindx.errors import UsageError, unknown_name

_BY_NAME = {name: family for family in FAMILIES.values() for name in (family.name, *family.aliases)}
_OTHER_FACTS = RUN_FACTS | {p.name for family in FAMILIES.values() for p in family.parameters}
_ORDER: tuple[Rung, ...] = ("floor", "typical", "trivial", "chance", "initial")


def find_family(name: str) -> Family:
    """Return the family of that name or alias (dashes or underscores), or raise UsageError with the nearest names."""
    plain = name.strip().lower().replace("-", "_")
    family = _BY_NAME.get(plain)
    if family is None:
        raise unknown_name("loss or metric family", name, _BY_NAME)
    return family


def is_family(name: str) -> bool:
    """Return whether theory knows a family of that name."""
    return name.strip().lower().replace("-", "_") in _BY_NAME


def relevant_facts(family: str, facts: Mapping[str, Value]) -> dict[str, Value]:
    """Return those facts that the family takes, under its own names, so that a whole run's facts can be offered."""
    parameters = find_family(family).parameters
    return {p.name: value for p in parameters if (value := _offered(p, facts)) is not None}


def _offered(parameter: Parameter, facts: Mapping[str, Value]) -> Value | None:
    return next((facts[name] for name in (parameter.name, *parameter.aliases) if name in facts), None)


def build_ladder(family: str, **facts: Value | Sequence[float]) -> Ladder:
    """Return the baselines of a loss or metric under the given facts.

    Facts of a run that the family does not take are passed over. Raises UsageError for an unknown family or name
    (with the nearest names), a missing parameter (with an example), and values that make no sense.

    >>> [b.formula for b in build_ladder("info_nce", batch_size=256).rungs if b.rung == "chance"]
    ['ln 256']
    """
    found = find_family(family)
    options = _options(found, facts)
    rungs: Sequence[Baseline] = found.build(options)
    return Ladder(
        family=found.name,
        rungs=tuple(sorted(rungs, key=lambda b: _ORDER.index(b.rung))),
        facts={k: _plain(v) for k, v in options.values.items() if v is not None},
        higher_is_better=found.higher_is_better,
    )


def _plain(value: Value) -> float | int | str:
    return ", ".join(f"{v:g}" for v in value) if isinstance(value, tuple) else value


def _options(family: Family, facts: Mapping[str, Value | Sequence[float]]) -> Options:
    plain = {name.replace("-", "_").lower(): value for name, value in facts.items()}
    for name in plain:
        if family.parameter(name) is None and name not in _OTHER_FACTS:
            raise _unknown(family, name)
    values: dict[str, Value | None] = {}
    for parameter in family.parameters:
        # Of several spellings the proper one wins, so that a whole run's facts can be passed as they are.
        found = next((plain[n] for n in (parameter.name, *parameter.aliases) if n in plain), None)
        values[parameter.name] = parameter.default if found is None else parameter.parse(found)
    for parameter in family.parameters:
        if parameter.required and values[parameter.name] is None and values.get(parameter.unless) is None:
            raise parameter.missing(family.name)
    return Options(values)


def _unknown(family: Family, name: str) -> UsageError:
    error = unknown_name(f"parameter of {family.name}", name, [p.name for p in family.parameters])
    names = ", ".join(p.name for p in family.parameters) or "no parameters"
    return UsageError(error.problem, hint="; ".join(filter(None, (error.hint, f"{family.name} takes {names}"))))
