"""Rooms are entered by their front door, and files stay small enough to be read."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from traindx.readers.registry import READERS

SOURCE = Path(__file__).parents[2] / "src" / "traindx"
FILES = sorted(SOURCE.rglob("*.py"))
ROOMS = sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))
GENERAL_READERS = {"csv_table", "json_lines", "json_documents"}

# (importing file, private module) -> why the front door will not do
ADMITTED = {
    ("cli/streams.py", "traindx.render.untrusted"): "errors are told without loading what draws",
    ("cli/looks.py", "traindx.render.look"): "a name for type checkers only",
}
# Where live code meets the training and foreign libraries: whatever they raise must not end the training.
BORDERS = {
    "live/cautions.py",
    "live/intake.py",
    "live/keeping/keeper.py",
    "live/late_rows.py",
    "live/monitor.py",
    "live/notices/sending.py",
    "live/ranks/gathering.py",
    "live/warner.py",
}


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def is_private(dotted: str) -> bool:
    """Whether a dotted name is a file behind a room's front door, and no name that the room offers."""
    package, _, rest = dotted.partition(".")
    room, _, inner = rest.partition(".")
    if package != "traindx" or room not in ROOMS or not inner:
        return False
    if inner in getattr(import_module(f"traindx.{room}"), "__all__", ()):
        return False
    place = SOURCE / room / inner.replace(".", "/")
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def test_no_room_uses_the_private_files_of_another() -> None:
    found = {
        (path.relative_to(SOURCE).as_posix(), name)
        for path in FILES
        for name in imports_of(path)
        if is_private(name) and name.split(".")[1] != path.relative_to(SOURCE).parts[0]
    }
    assert sorted(found - set(ADMITTED)) == [], "enter a room by its __init__"


def test_what_is_admitted_above_still_exists() -> None:
    assert all(name in set(imports_of(SOURCE / file)) for file, name in ADMITTED)


def test_the_facade_is_never_imported_inside() -> None:
    used = [path.name for path in FILES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import) and any(alias.name == "traindx" for alias in node.names)]  # fmt: skip
    assert used == []


def test_no_format_reader_imports_another() -> None:
    formats = {reader.read.__module__ for reader in READERS}
    general = {f"traindx.readers.{name}" for name in GENERAL_READERS}
    beyond = general | {"traindx.readers.sqlite_tables"}  # which takes what the two database readers leave
    pairs = [
        (module.rpartition(".")[2], name.rpartition(".")[2])
        for module in formats - beyond
        for name in imports_of(SOURCE.parent / f"{module.replace('.', '/')}.py")
        if name in formats - general - {module}
    ]
    assert pairs == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_says_what_it_is(room: str) -> None:
    module = import_module(f"traindx.{room}")
    assert module.__doc__
    for name in getattr(module, "__all__", ()):
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), f"traindx.{room}.{name} has no docstring"


def test_every_public_name_of_the_package_exists_and_says_what_it_is() -> None:
    package = import_module("traindx")
    for name in package.__all__:
        assert inspect.getdoc(getattr(package, name)), name


def is_list_of_names(tree: ast.Module) -> bool:
    """Whether a file only imports and lists: nothing in it has to be understood."""
    plain = (ast.Import, ast.ImportFrom, ast.Assign, ast.Expr)
    return all(isinstance(node, plain) for node in tree.body)


def test_no_file_has_more_than_300_lines_and_no_function_more_than_60() -> None:
    long = []
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        if text.count("\n") > 300 and not (path.name == "__init__.py" and is_list_of_names(tree)):
            long.append(f"{path.relative_to(SOURCE)}: {text.count(chr(10))} lines")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                long += [f"{path.relative_to(SOURCE)}: {node.name} has {lines} lines"] if lines > 60 else []
    assert long == []


def test_nothing_is_unpickled_evaluated_or_caught_wholesale() -> None:
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert calls.isdisjoint({"eval", "exec", "compile", "__import__"}), path
        assert not {"pickle", "marshal", "shelve", "dill", "joblib"} & {
            name.split(".")[0] for name in imports_of(path)
        }, path
        file = path.relative_to(SOURCE)
        if file.parts[0] not in ("engine", "integrations") and file.as_posix() not in BORDERS:
            caught = [node.type for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
            names = {node.id for node in caught if isinstance(node, ast.Name)}
            assert None not in caught and names.isdisjoint({"Exception", "BaseException"}), path  # noqa: PT018


def test_every_border_that_may_catch_everything_does() -> None:
    assert all("except Exception" in (SOURCE / file).read_text(encoding="utf-8") for file in BORDERS)


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert {path.stem for path in FILES}.isdisjoint({"utils", "util", "common", "helpers", "helper", "base", "misc"})
