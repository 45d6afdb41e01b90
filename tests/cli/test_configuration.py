from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traindx.cli.configuration import OPTIONS, find, load
from traindx.cli.toml_writing import with_values
from traindx.errors import UsageError


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def no_own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))


def test_the_nearest_file_upward_wins_and_in_one_directory_traindx_toml(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    project = written(tmp_path / "a" / "pyproject.toml", "[tool.traindx]\n")
    assert find(deep) == project
    hidden = written(tmp_path / "a" / ".traindx.toml", "")
    assert find(deep) == hidden
    plain = written(tmp_path / "a" / "traindx.toml", "")
    assert find(deep) == plain
    written(deep / "pyproject.toml", "[project]\nname = 'x'\n")
    assert find(deep) == plain


def test_the_users_own_file_holds_where_no_other_does(tmp_path: Path) -> None:
    own = written(tmp_path / "xdg" / "traindx" / "config.toml", "format = 'json'\n")
    assert find(tmp_path / "nowhere") == own


def test_every_table_is_read_with_dashes_or_underscores(tmp_path: Path) -> None:
    text = """
    fail-on = "error"
    max_findings = 9
    [facts]
    batch_size = 256
    [roles]
    closs = "train/loss"
    [rules.SPK001]
    threshold = 6
    [per-run."sft-*"]
    facts = { batch_size = 8 }
    """
    got = load(written(tmp_path / "traindx.toml", text))
    assert got.options == {"fail_on": "error", "max_findings": 9}
    assert got.rules == {"SPK001": {"threshold": 6}}
    assert got.facts_for("other") == {"batch_size": 256}
    assert got.facts_for("sft-7") == {"batch_size": 8}
    assert got.roles_for("sft-7") == {"closs": "train/loss"}
    assert got.warnings == ()


def test_a_table_of_pyproject_is_read_and_the_rest_of_it_is_not(tmp_path: Path) -> None:
    got = load(written(tmp_path / "pyproject.toml", "[project]\nname='x'\n[tool.traindx]\nselect=['BAS']\n"))
    assert got.options == {"select": ["BAS"]}
    assert got.warnings == ()


def test_an_unknown_key_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    path = written(tmp_path / "traindx.toml", "fail_onn = 'error'\n[fact]\nx = 1\n")
    assert load(path).warnings == (
        f"{path}: unknown key 'fail-onn'; did you mean 'fail-on'?",
        f"{path}: unknown key 'fact'; did you mean 'facts'?",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("facts = 3", "'facts' must be a table"),
        ("max-findings = 'many'", "'max-findings' must be int, not 'many'"),
        ("max-findings = true", "'max-findings' must be int, not True"),
        ("exit-zero = 1", "'exit-zero' must be bool"),
        ("x = [", "not valid toml"),
        ("a.b" * 1 + " = 1\na.b.c = 2", "not valid toml"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    path = written(tmp_path / "traindx.toml", text)
    with pytest.raises(UsageError, match=r"traindx\.toml") as caught:
        load(path)
    assert problem in caught.value.problem
    assert caught.value.where == str(path)


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot open the configuration: no such file"):
        load(tmp_path / "none.toml")


def test_options_of_files_are_options_of_the_command() -> None:
    from traindx.cli.check import check

    assert set(OPTIONS) <= {parameter.name for parameter in check.params}


VALUES = st.one_of(
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False),
    st.booleans(),
    st.text(st.characters(exclude_categories=["Cs"])),
)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
BEFORE = [
    "",
    "# mine\n",
    "format = 'json'\n\n[facts]\nold = 1 # why\n\n[roles]\nx = 'train/loss'\n",
    "[rules.X]\ny = 1",
    "[ facts ]\na=2",
]


@given(before=st.sampled_from(BEFORE), values=st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_written_facts_are_read_back_and_nothing_else_changes(
    before: str, values: dict[str, int | float | str | bool]
) -> None:
    made = with_values(before, "facts", values)
    got, had = tomllib.loads(made), tomllib.loads(before)
    assert got.pop("facts") == had.pop("facts", {}) | values
    assert got == had
    assert all(line in made for line in before.splitlines() if line.startswith("#"))


def test_a_fact_is_replaced_in_its_table_and_comments_stay() -> None:
    made = with_values("# top\n[facts]\n# about\nbatch_size = 8\nlr = 1\n\n[roles]\n", "facts", {"batch_size": 256})
    assert made == "# top\n[facts]\n# about\nlr = 1\nbatch_size = 256\n\n[roles]\n"


def test_a_new_table_is_added_at_the_end() -> None:
    assert with_values("", "facts", {"optimizer": "AdamW"}) == '[facts]\noptimizer = "AdamW"\n'
    assert with_values("x = 1\n", "facts", {"a": 2}) == "x = 1\n\n[facts]\na = 2\n"


def test_an_inline_table_is_left_alone() -> None:
    with pytest.raises(UsageError, match=r"not valid toml|safely"):
        with_values("facts = { a = 1 }\n", "facts", {"b": 2})
