"""Every file of the corpus is read or refused with a reason, and what is read is what stands in the file.

The corpus lies outside the repository, at ``$TRAINDX_CORPUS`` or ``../shared/corpus``. What is expected of a file comes from
an independent second reading of its bytes, never from its name.
"""

from __future__ import annotations

import os
import random
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from traindx.errors import UnreadableLogError
from traindx.readers import LogFile, read_path
from traindx.readers.choice import read_log
from traindx.run import Run, Series

sys.path.insert(0, str(Path(__file__).parent))
from oracles import oracle_of, same

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("TRAINDX_CORPUS", ROOT.parent / "shared" / "corpus"))
FILES = sorted(path for path in CORPUS.glob("*/**/*") if path.is_file()) if CORPUS.is_dir() else []
ABSENT = f"the corpus is absent: set TRAINDX_CORPUS, or put it at {os.path.relpath(CORPUS, ROOT)}"
pytestmark = pytest.mark.skipif(not FILES, reason=ABSENT)
SPLIT = re.compile(r"^(?:val|test|eval)/")
COUNTERS = re.compile(
    r"(?i)(?:^|[/_])(?:step|steps|epoch|iter|iteration|itr|time\w*|timestamp|runtime|total_timesteps|nupdates|update|num_updates"
    r"|env_?steps|wall|seconds|t|l|duration|elapsed|date|totalenvsteps|eta|n_updates|episodes)$|timesteps|_time$|^_"
)
NUMBER = re.compile(r"(?i)[-+]?(?:\d[\d,_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?|[-+]?\bnan|[-+]?\binf(?:inity)?\b|1\.#\w+")
UNITS = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "%": 0.01}


def identity(path: Path) -> str:
    return str(path.relative_to(CORPUS))


def reading(path: Path) -> list[Run]:
    try:
        return read_log(LogFile(str(path), path.read_bytes(), local=str(path)))
    except UnreadableLogError as error:
        pytest.fail(f"refused: {error}")


def tried(log: LogFile) -> list[Run] | UnreadableLogError:
    try:
        return read_log(log)
    except UnreadableLogError as refusal:
        return refusal


# Text in free form has no second reading: its lines are compared in another test.
STRUCTURED = [path for path in FILES if oracle_of(path.name, path.read_bytes()) is not None]


@pytest.mark.parametrize("path", STRUCTURED, ids=identity)
def test_names_points_and_values_agree_with_a_second_reading(path: Path) -> None:
    table = oracle_of(path.name, path.read_bytes())
    assert table is not None
    runs = reading(path)
    series = {name: one for run in runs for name, one in run.series.items()}
    settings = {setting.name for run in runs for setting in run.settings}
    plain = {**{SPLIT.sub("", name): values for name, values in table.items()}, **table}
    for name, one in series.items():
        if name.endswith((".isnan",)):
            continue
        expected = plain.get(name, plain.get(SPLIT.sub("", name), plain.get(name.rpartition("/")[2])))
        assert expected is not None, f"{name!r} is not in the file, which has {list(table)[:20]}"
        assert len(one) == len(expected), name
        assert same(float(one.values[0]), expected[0]), name
        assert same(float(one.values[-1]), expected[-1]), name
    missed = [name for name in table if name not in series and name not in settings and not COUNTERS.search(name)]
    missed = [name for name in missed if f"val/{name}" not in series and SPLIT.sub("", name) not in series]
    missed = [name for name in missed if not any(other.endswith(f"/{name}") for other in series)]
    assert not missed, f"not read: {missed[:20]}"


@pytest.mark.parametrize("path", FILES, ids=identity)
def test_a_point_stands_in_the_line_that_it_names(path: Path) -> None:
    data = path.read_bytes()
    runs = tried(LogFile(str(path), data, local=str(path)))
    if isinstance(runs, UnreadableLogError):
        assert runs.where
        assert runs.hint
        return
    log = LogFile(str(path), data)
    lines = log.text.split("\n") if b"\0" not in data[:4096] else []
    checked = 0
    for run in runs:
        if not lines or run.sources[0].unit != "line":
            continue
        for one in run.series.values():
            for index in _some(one):
                record = int(one.records[index])
                if 0 < record <= len(lines):
                    checked += 1
                    assert _stands_in(float(one.values[index]), lines[record - 1]), (
                        f"{one.name} = {one.values[index]!r} is not in line {record}: {lines[record - 1][-300:]!r}"
                    )
    assert checked >= 0


def _some(one: Series) -> list[int]:
    chosen = random.Random(one.name)
    return sorted({0, len(one) - 1, *(chosen.randrange(len(one)) for _ in range(5))}) if len(one) else []


def _stands_in(value: float, line: str) -> bool:
    for match in NUMBER.finditer(line):
        text = match.group().lower()
        if "nan" in text or "#" in text:
            if np.isnan(value):
                return True
            continue
        text = text.replace("_", "")
        for spelling in {text.replace(",", ""), text.replace(",", "."), *text.split(",")}:
            try:
                found = float(spelling)
            except ValueError:
                continue
            scale = UNITS.get(line[match.end() : match.end() + 1], 1.0)
            if any(same(value, found * factor) for factor in (1.0, scale)) or np.isclose(value, found, rtol=1e-6):
                return True
    return False


@pytest.mark.parametrize("path", FILES, ids=identity)
def test_a_torn_file_gives_less_or_a_reason_never_a_traceback(path: Path) -> None:
    data = path.read_bytes()
    for sevenths in range(7):
        torn = data[: len(data) * sevenths // 7]
        runs = tried(LogFile(str(path), torn))
        if isinstance(runs, UnreadableLogError):
            assert runs.where.startswith(str(path))
            assert runs.hint
        else:
            assert all(len(one) for run in runs for one in run.series.values())


def test_the_whole_corpus_is_read_as_one_directory_in_linear_time() -> None:
    began = time.process_time()
    runs = read_path(CORPUS)
    seconds = time.process_time() - began
    size = sum(path.stat().st_size for path in FILES)
    assert len(runs) > 1
    assert all(run.series for run in runs)
    assert seconds < 5 + size / 1e6, f"{seconds:.1f} s for {size / 1e6:.0f} MB"
