"""Configuration files: which one holds, what it says, and warnings about what it says in vain.

The nearest directory upward that has one wins, and in it ``traindx.toml``, then ``.traindx.toml``, then ``[tool.traindx]``
of ``pyproject.toml``; where there is none, the user's own ``config.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast, final

from traindx.errors import UsageError

Table = Mapping[str, Any]
_LARGEST = 1 << 20  # bytes: no one writes a configuration of a megabyte by hand

# Options that a file may set, with the types that their values may have.
OPTIONS: dict[str, tuple[type, ...]] = {
    "format": (str,),
    "select": (str, list),
    "ignore": (str, list),
    "extend_select": (str, list),
    "fail_on": (str,),
    "exit_zero": (bool,),
    "require_verdict": (bool,),
    "since": (int, float),
    "until": (int, float),
    "metric": (str,),
    "max_findings": (int,),
    "show_evidence": (bool,),
    "color": (bool,),
    "plain": (bool,),
}
LISTS = ("select", "ignore", "extend_select")
_TABLES = ("facts", "roles", "rules", "per_run")


@final
@dataclass(frozen=True, slots=True)
class PerRun:
    """Facts and roles for the runs whose name or path matches a glob pattern."""

    glob: str
    facts: Table
    roles: Table

    def matches(self, *names: str) -> bool:
        """Whether one of the names of a run matches."""
        return any(fnmatchcase(name, self.glob) for name in names)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a configuration file says. ``path`` is empty where there is none; ``warnings`` name what means nothing."""

    path: str = ""
    options: Table = field(default_factory=dict[str, Any])
    facts: Table = field(default_factory=dict[str, Any])
    roles: Table = field(default_factory=dict[str, Any])
    rules: Mapping[str, Table] = field(default_factory=dict[str, Table])
    per_run: tuple[PerRun, ...] = ()
    warnings: tuple[str, ...] = ()

    def facts_for(self, *names: str) -> dict[str, Any]:
        """Return the facts for a run of these names: the general ones, then those of each pattern in order."""
        return dict(self.facts) | {k: v for one in self.per_run if one.matches(*names) for k, v in one.facts.items()}

    def roles_for(self, *names: str) -> dict[str, Any]:
        """Return the roles for a run of these names."""
        return dict(self.roles) | {k: v for one in self.per_run if one.matches(*names) for k, v in one.roles.items()}


def find(start: Path) -> Path | None:
    """Return the file that holds for a directory, or None."""
    for directory in (start, *start.parents):
        for name in ("traindx.toml", ".traindx.toml"):
            if (directory / name).is_file():
                return directory / name
        project = directory / "pyproject.toml"
        if project.is_file() and b"[tool.traindx" in project.read_bytes()[:_LARGEST]:
            return project
    import platformdirs

    own = Path(platformdirs.user_config_dir("traindx", appauthor=False)) / "config.toml"
    return own if own.is_file() else None


def load(path: Path) -> Configuration:
    """Read a configuration file. Raises ``UsageError`` where it is no TOML or a value has the wrong type."""
    table = read_toml(path)
    if path.name == "pyproject.toml":
        table = _table(_table(table, "tool", path), "traindx", path)
    table = {key.replace("-", "_"): value for key, value in table.items()}
    per_run = _table(table, "per_run", path)
    return Configuration(
        path=str(path),
        options={key: _checked(key, table[key], path) for key in OPTIONS if key in table},
        facts=_table(table, "facts", path),
        roles=_table(table, "roles", path),
        rules={code: _table(_table(table, "rules", path), code, path) for code in _table(table, "rules", path)},
        per_run=tuple(PerRun(g, _table(per_run[g], "facts", path), _table(per_run[g], "roles", path)) for g in per_run),
        warnings=tuple(_unknown(table, path)),
    )


def read_toml(path: Path) -> Table:
    """Return the content of a TOML file. Raises ``UsageError`` with the line where it is none."""
    try:
        with path.open("rb") as file:
            return tomllib.loads(file.read(_LARGEST).decode())
    except OSError as error:
        raise UsageError(f"cannot open the configuration: {(error.strerror or '').lower()}", where=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"not valid TOML: {error}".lower(), where=str(path)) from error


def _table(parent: Table, key: str, path: Path) -> Table:
    value = parent.get(key, {})
    if not isinstance(value, dict):
        raise UsageError(f"{key!r} must be a table, as in [{key}]", where=str(path))
    return cast("dict[str, Any]", value)


def _checked(key: str, value: object, path: Path) -> object:
    good = OPTIONS[key]
    if not isinstance(value, good) or (isinstance(value, bool) and bool not in good):
        wanted = " or ".join(kind.__name__ for kind in good)
        raise UsageError(f"{key.replace('_', '-')!r} must be {wanted}, not {value!r}", where=str(path))
    return value


def _unknown(table: Table, path: Path) -> Iterator[str]:
    known = [*OPTIONS, *_TABLES]
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1, cutoff=0.5)
            advice = f"; did you mean {near[0].replace('_', '-')!r}?" if near else ""
            yield f"{path}: unknown key {key.replace('_', '-')!r}{advice}"
