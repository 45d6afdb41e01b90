"""A bare start is light: what is not used is not imported."""

from __future__ import annotations

import subprocess
import sys
from statistics import median

import pytest

HEAVY = (
    "scipy",
    "rich",
    "jinja2",
    "torch",
    "tensorflow",
    "keras",
    "jax",
    "pandas",
    "polars",
    "lightning",
    "transformers",
)


def imported_by(code: str) -> set[str]:
    """Return the top-level modules that a fresh process has imported after ``code``."""
    tail = "\nimport sys; print('|'.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.strip().splitlines()[-1].split("|"))


def test_importing_the_package_imports_no_library_at_all() -> None:
    assert imported_by("import traindx").isdisjoint({*HEAVY, "numpy", "click", "msgspec", "charset_normalizer"})


def test_reading_and_judging_in_python_import_neither_frameworks_nor_renderers() -> None:
    assert imported_by("import traindx; traindx.diagnose, traindx.read").isdisjoint(HEAVY)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["check", "--help"]])
def test_help_imports_neither_numpy_nor_anything_that_draws(arguments: list[str]) -> None:
    code = f"""
import sys
sys.argv = ["traindx", *{arguments!r}]
from traindx.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
"""
    assert imported_by(code).isdisjoint({*HEAVY, "numpy", "msgspec"})


def test_importing_traindx_costs_under_60_ms_over_numpy() -> None:
    def cpu_seconds(code: str) -> float:
        timed = f"import time; start = time.process_time(); {code}; print(time.process_time() - start)"
        done = subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True, timeout=60)
        return float(done.stdout)

    # in turns, so that a busy machine is as busy for both
    pairs = [(cpu_seconds("import numpy"), cpu_seconds("import numpy, traindx")) for _ in range(5)]
    assert median(both - alone for alone, both in pairs) < 0.060
