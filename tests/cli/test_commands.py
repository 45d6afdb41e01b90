from __future__ import annotations

import json
import math
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from traindx.cli.app import COMMANDS, app
from traindx.render import report_schema

ROOT = Path(__file__).parents[2]
BROKEN = str(ROOT / "examples" / "broken_clip.log")
HEALTHY = str(ROOT / "examples" / "healthy_lm.csv")
HIDDEN = str(ROOT / "examples" / "hidden_nan" / "trainer_state.json")


@pytest.fixture(autouse=True)
def nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TRAINDX_FORMAT"):
        monkeypatch.delenv(name, raising=False)


def traindx(*arguments: str, stdin: str | bytes | None = None, **environment: str) -> Result:
    return CliRunner().invoke(app, arguments, input=stdin, env=environment, prog_name="traindx")


def reports(result: Result) -> list[dict[str, object]]:
    document = json.loads(result.stdout)
    jsonschema.validate(document, report_schema())
    return document["runs"]


def test_a_path_without_a_command_is_checked() -> None:
    assert traindx(BROKEN).stdout == traindx("check", BROKEN).stdout
    assert traindx(BROKEN).exit_code == 1


def test_an_option_without_a_command_belongs_to_check() -> None:
    assert reports(traindx("--format", "json", BROKEN)) == reports(traindx("check", BROKEN, "--format=json"))


def test_a_misspelt_command_names_the_nearest_one() -> None:
    result = traindx("chekc")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "unknown command 'chekc'" in result.stderr
    assert "did you mean check?" in result.stderr


def test_a_path_that_does_not_exist_is_not_taken_for_a_command() -> None:
    result = traindx("runs/none.log")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "none.log" in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = traindx(command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: traindx {command}")


def test_the_broken_run_is_failing_against_ln_256_and_the_healthy_one_is_not() -> None:
    broken, healthy = (reports(traindx(path, "--format", "json"))[0] for path in (BROKEN, HEALTHY))
    assert broken["verdict"]["state"] == "failing"
    assert broken["scale"]["chance"] == pytest.approx(math.log(256), abs=1e-6)
    assert "at_chance" in {finding["condition"] for finding in broken["findings"]}
    assert healthy["verdict"]["state"] != "failing"
    assert not [f for f in healthy["findings"] if f["severity"] == "error"]


def test_nan_that_a_trainer_wrote_as_zero_is_found() -> None:
    (run,) = reports(traindx(HIDDEN, "--format", "json"))
    assert run["verdict"]["state"] == "failing"
    assert "nan" in {finding["condition"] for finding in run["findings"]}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((BROKEN,), 1),
        ((BROKEN, "--exit-zero"), 0),
        ((BROKEN, "--fail-on", "never"), 0),
        ((BROKEN, "--fail-on", "error"), 1),
        ((BROKEN, "--fail-on", "sometimes"), 2),
        ((BROKEN, "--set", "batch_size"), 2),
        ((BROKEN, "none.log"), 2),
        ((BROKEN, "--no-such-option"), 2),
        (("check",), 2),
        (("version",), 0),
        (("-V",), 0),
    ],
)
def test_exit_codes(arguments: tuple[str, ...], code: int) -> None:
    assert traindx(*arguments).exit_code == code


def test_a_required_verdict_that_is_missing_exits_with_3(tmp_path: Path) -> None:
    log = tmp_path / "short.csv"
    log.write_text("step,throughput\n1,100\n2,101\n", encoding="utf-8")
    assert traindx(str(log)).exit_code == 0
    assert traindx(str(log), "--require-verdict").exit_code == 3


def test_one_unreadable_path_does_not_hide_the_others() -> None:
    result = traindx("none.log", BROKEN, "--format", "json")
    assert result.exit_code == 2
    assert len(reports(result)) == 1
    assert result.stderr.startswith("error: ")


def test_several_runs_begin_with_a_tally_and_make_one_line_each_in_jsonl() -> None:
    assert traindx(BROKEN, HEALTHY).stdout.startswith("2 runs:")
    lines = traindx(BROKEN, HEALTHY, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["schema_version"] for line in lines] == ["1", "1"]


def test_standard_input_is_read_and_named() -> None:
    text = Path(BROKEN).read_bytes()
    (run,) = reports(traindx("-", "--stdin-filename", "piped.log", "--format", "json", stdin=text))
    assert run["verdict"]["state"] == "failing"
    assert run["sources"][0]["path"] == "piped.log"


def test_the_format_comes_from_flag_then_environment_then_file_then_the_outputs_name(tmp_path: Path) -> None:
    (tmp_path / "traindx.toml").write_text("format = 'jsonl'\n", encoding="utf-8")
    assert traindx(BROKEN).stdout.startswith('{"schema_version"')
    assert traindx(BROKEN, TRAINDX_FORMAT="md").stdout.startswith("## ")
    assert traindx(BROKEN, "--format", "json", TRAINDX_FORMAT="md").stdout.startswith("{\n")
    assert traindx(BROKEN, "--no-config", "-o", "out.md").stdout == ""
    assert (tmp_path / "out.md").read_text(encoding="utf-8").startswith("## ")


def test_facts_and_roles_of_the_file_are_overridden_by_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "traindx.toml").write_text("[facts]\nbatch_size = 128\n", encoding="utf-8")

    def batch(*arguments: str) -> object:
        (run,) = reports(traindx(BROKEN, "--format", "json", *arguments))
        return next(fact["value"] for fact in run["facts"] if fact["key"] == "batch_size")

    assert batch() == 128
    assert batch("--set", "batch_size=256") == 256
    assert batch("--no-config") == 256


def test_a_file_may_speak_of_some_runs_only(tmp_path: Path) -> None:
    (tmp_path / "traindx.toml").write_text('[per-run."broken*"]\nfacts = {batch_size = 64}\n', encoding="utf-8")
    told = [run["facts"] for run in reports(traindx(BROKEN, HEALTHY, "--format", "json"))]
    assert {"key": "batch_size", "value": 64, "origin": "given", "source": ""} in told[0]
    assert all(fact["value"] != 64 for fact in told[1])


def test_a_key_that_means_nothing_is_warned_of_on_standard_error(tmp_path: Path) -> None:
    (tmp_path / "traindx.toml").write_text("fail-onn = 'error'\n", encoding="utf-8")
    result = traindx(BROKEN, "--format", "json")
    assert "did you mean 'fail-on'?" in result.stderr
    assert len(reports(result)) == 1


def test_an_unknown_fact_is_refused() -> None:
    result = traindx(BROKEN, "--set", "batchsise=3")
    assert result.exit_code == 2
    assert "batchsise" in result.stderr
    assert "batch_size" in result.stderr


def test_selecting_and_ignoring_narrow_the_rules() -> None:
    (some,) = reports(traindx(BROKEN, "--select", "nan,LOG", "--format", "json"))
    assert {code[:3] for code in some["passed"]} <= {"NAN", "LOG"}
    (rest,) = reports(traindx(BROKEN, "--ignore", "BAS", "--format", "json"))
    assert not any(finding["code"].startswith("BAS") for finding in rest["findings"])


def test_steps_outside_the_window_are_left_out() -> None:
    (whole,) = reports(traindx(HIDDEN, "--format", "json"))
    (early,) = reports(traindx(HIDDEN, "--until", "2300", "--format", "json"))
    assert whole["last_step"] == 4000
    assert early["last_step"] == 2300
    assert "nan" not in {finding["condition"] for finding in early["findings"]}


def test_a_series_can_be_named_as_the_one_to_judge() -> None:
    (run,) = reports(traindx(BROKEN, "--metric", "val/contrastive_loss", "--format", "json"))
    assert run["scale"]["series"] == "val/contrastive_loss"
    assert traindx(BROKEN, "--metric", "none").exit_code == 2


def test_quiet_is_one_line_a_run() -> None:
    assert traindx(BROKEN, "-q").stdout.count("\n") == 1


def test_the_doctor_shows_series_with_roles_and_where_they_begin() -> None:
    text = traindx("doctor", BROKEN).stdout
    assert "train/contrastive_loss" in text
    assert "broken_clip.log:3" in text
    (run,) = json.loads(traindx("doctor", HIDDEN, "--format", "json").stdout)["runs"]
    norms = next(series for series in run["series"] if series["name"] == "grad_norm")
    assert norms["role"]["kind"] == "grad_norm"
    assert norms["nan"] == 170
    assert norms["points"] == 400
    assert (norms["first_step"], norms["last_step"]) == (10, 4000)


def test_the_doctor_counts_series_points_of_a_table_with_gaps() -> None:
    (run,) = json.loads(traindx("doctor", HEALTHY, "--format", "json").stdout)["runs"]
    points = {series["name"]: series["points"] for series in run["series"]}
    assert points["train/loss"] == 201
    assert points["val/loss"] == 21  # empty cells are absent points


def test_facts_are_shown_with_their_origin_and_can_be_written_down(tmp_path: Path) -> None:
    assert "batch_size" in traindx("facts", BROKEN).stdout
    result = traindx("facts", "set", "num_classes=1000", "optimizer=AdamW")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert (tmp_path / "traindx.toml").read_text(encoding="utf-8").startswith("[facts]\nnum_classes = 1000\n")
    (run,) = json.loads(traindx("facts", BROKEN, "--format", "json").stdout)["runs"]
    assert {"key": "num_classes", "value": 1000, "origin": "given", "source": ""} in run["facts"]


def test_a_baseline_is_computed_from_its_options() -> None:
    assert "ln 256" in traindx("baseline", "info_nce", "--batch-size", "256").stdout
    shown = json.loads(traindx("baseline", "info-nce", "--batch=256", "--n", "5000", "--format=json").stdout)
    chances = [rung["value"] for rung in shown["baselines"] if rung["rung"] == "chance"]
    assert (19 * math.log(256) + math.log(136)) / 20 in [pytest.approx(value, abs=1e-9) for value in chances]
    assert "info_nce" in traindx("baseline").stdout


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("info_nce",), ("info_nce", "--batch-sice", "3"), ("info_nce", "--batch-size")]
)
def test_a_wrong_baseline_is_refused_with_a_hint(arguments: tuple[str, ...]) -> None:
    result = traindx("baseline", *arguments)
    assert result.exit_code == 2
    assert "error: " in result.stderr


def test_a_value_is_named() -> None:
    text = traindx("what", "8.3178").stdout
    assert "ln 4096" in text
    assert traindx("what", "eight").exit_code == 2


def test_every_rule_has_a_page_and_a_line_in_the_table() -> None:
    listed = json.loads(traindx("rules", "--format", "json").stdout)
    table = traindx("rules").stdout
    for rule in listed:
        assert rule["code"] in table
    page = traindx("rule", listed[0]["code"]).stdout
    assert "When it is wrong" in page
    assert f"--select {listed[0]['code']}" in page
    assert traindx("rule", listed[0]["name"]).stdout == page


def test_an_unknown_rule_names_the_nearest_ones() -> None:
    result = traindx("rule", "BAS01")
    assert result.exit_code == 2
    assert "BAS001" in result.stderr


def test_the_demo_judges_the_packaged_example_and_says_where_it_lies() -> None:
    result = traindx("demo")
    assert result.exit_code == 0
    assert "FAILING" in result.stdout
    assert "demo_data" in result.stderr
    packaged = ROOT / "src" / "traindx" / "cli" / "demo_data" / "broken_clip.log"
    assert packaged.read_bytes() == Path(BROKEN).read_bytes()


def test_options_of_a_rule_come_from_the_file_and_wrong_ones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "traindx.toml"
    path.write_text("[rules.XYZ999]\nlimit = 3\n", encoding="utf-8")
    assert traindx(BROKEN).exit_code == 2
    path.write_text("[rules.BAS001]\nno_such_option = 3\n", encoding="utf-8")
    assert traindx(BROKEN).exit_code == 2


def test_facts_written_beside_another_configuration_warn_that_it_is_hidden(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.traindx]\nplain = true\n", encoding="utf-8")
    assert "does not hold here any more" in traindx("facts", "set", "batch_size=8").stderr
    assert "does not hold here any more" not in traindx("facts", "set", "batch_size=9").stderr
