"""Which rules to ask, by code, and with which options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from traindx.errors import UsageError, unknown_name
from traindx.rules import ALL_RULES, Rule


def select_rules(
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    options: Mapping[str, Mapping[str, object]] | None = None,
) -> tuple[Rule, ...]:
    """Return the rules whose code or name begins with one of ``select`` (all by default) and with none of ``ignore``.

    ``options`` sets fields of single rules: ``{"SPK001": {"lasting_points": 5}}``. Unknown codes, names or options raise
    ``UsageError`` with the nearest that exist.
    """
    for prefix in (*select, *ignore):
        _must_exist(prefix)
    chosen = [rule for rule in ALL_RULES if (not select or _starts(rule, select)) and not _starts(rule, ignore)]
    given = dict(options or {})
    for code in given:
        _must_exist(code)
    return tuple(_configured(rule, given.get(rule.meta.code, {})) for rule in chosen)


def _starts(rule: type[Rule], prefixes: Sequence[str]) -> bool:
    return any(rule.meta.code.startswith(p.upper()) or rule.meta.name == p for p in prefixes)


def _must_exist(prefix: str) -> None:
    if not any(_starts(rule, [prefix]) for rule in ALL_RULES):
        raise unknown_name("rule", prefix, [name for rule in ALL_RULES for name in (rule.meta.code, rule.meta.name)])


def _configured(rule: type[Rule], options: Mapping[str, object]) -> Rule:
    known = {field.name: field for field in fields(rule)}  # type: ignore[arg-type]
    for name, value in options.items():
        if name not in known:
            raise unknown_name(f"option of {rule.meta.code}", name, known)
        default = known[name].default
        if _sort(value) != _sort(default):
            raise UsageError(f"option {name!r} of {rule.meta.code} must be like {default!r}, not {value!r}")
    return rule(**options)


def _sort(value: object) -> str:
    """What an option holds: a yes or no, a number, a text; other things are no options."""
    if isinstance(value, bool):
        return "flag"
    return "number" if isinstance(value, int | float) else "text" if isinstance(value, str) else type(value).__name__
