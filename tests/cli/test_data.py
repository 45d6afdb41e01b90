"""``traindx data`` as people call it."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from inline_snapshot import snapshot

from traindx.cli.app import app


@pytest.fixture(autouse=True)
def nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    for name in ("FORCE_COLOR", "COLUMNS", "TRAINDX_FORMAT"):
        monkeypatch.delenv(name, raising=False)


def traindx(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="traindx")


def healthy(path: str = "data.npz", rows: int = 2_000, seed: int = 0) -> str:
    rng = np.random.default_rng(seed)
    np.savez(path, x=rng.standard_normal((rows, 4)), label=rng.integers(0, 5, rows))
    return path


def controls(path: str = "controls.npz", seed: int = 0) -> str:
    """Controls of 36 systems of different scale and size, padded to ten, with heavy tails; statistics over everything, stored."""
    rng = np.random.default_rng(seed)
    rows, width = 9_000, 10
    system = rng.integers(0, 36, rows)
    scales, sizes = np.exp(rng.normal(2, 1.5, 36)), rng.integers(2, 6, 36)
    u = np.where(
        np.arange(width) < sizes[system][:, None], rng.standard_t(2.5, (rows, width)) * scales[system][:, None], 0.0
    )
    x = rng.standard_normal((rows, 6))
    np.savez(path, x=x, u=u.astype(np.float32), system=system, u_mean=u.mean(), u_std=u.std())
    return path


def test_healthy_data_is_called_so_with_what_it_was_compared_with() -> None:
    result = traindx("data", healthy())
    assert result.exit_code == 0
    assert "HEALTHY" in result.stdout
    assert "where scaled values have 1" in result.stdout
    assert "deviations out" in " ".join(result.stdout.split())


def test_the_control_data_show_all_four_faults_with_their_numbers() -> None:
    result = traindx("data", controls(), "--target", "u", "--format", "json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    found = {finding["code"]: finding for finding in document["findings"]}
    assert {"AUD002", "AUD004", "AUD005", "AUD006"} <= found.keys()
    with np.load("controls.npz") as archive:
        u, system = archive["u"].astype(np.float64), archive["system"]
    active = np.concatenate([row[: int(np.flatnonzero(row)[-1]) + 1] for row in u])
    assert found["AUD002"]["evidence"][0]["measured"] == pytest.approx(u.std(), rel=1e-6)
    assert found["AUD004"]["evidence"][0]["measured"] == pytest.approx((active**2).mean() / u.var(), rel=1e-3)
    deviations = [u[system == one, 0].std() for one in range(36)]
    assert found["AUD005"]["evidence"][0]["measured"] == pytest.approx(max(deviations) / min(deviations), rel=1e-6)
    assert 0.2 < found["AUD006"]["evidence"][0]["measured"] < 1
    assert all(finding["why"] for finding in document["findings"])


def test_the_first_screen_names_dataset_verdict_faults_and_what_they_do_to_the_loss() -> None:
    screen = "\n".join(traindx("data", controls(), "--target", "u").stdout.splitlines()[:24])
    for said in ("FAILING", "controls.npz", "9,000 rows", "Do now", "AUD002", "why:", "squared loss"):
        assert said in screen


def test_markdown_json_and_plain_text_tell_the_same_findings() -> None:
    path = controls()
    document = json.loads(traindx("data", path, "--target", "u", "--format", "json").stdout)
    markdown = traindx("data", path, "--target", "u", "--format", "md").stdout
    plain = traindx("data", path, "--target", "u", "--plain", "--no-color").stdout
    for finding in document["findings"]:
        assert finding["code"] in markdown
        assert finding["code"] in plain
    assert "─" not in plain


def test_the_document_keeps_to_the_published_schema() -> None:
    import jsonschema

    schema = json.loads((Path(__file__).parents[2] / "schemas" / "audit-v1.schema.json").read_text(encoding="utf-8"))
    document = json.loads(traindx("data", controls(), "--target", "u", "--format", "json").stdout)
    jsonschema.validate(document, schema)
    del document["verdict"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_numbers_that_do_not_exist_are_null_and_infinities_are_named(tmp_path: Path) -> None:
    np.savez("odd.npz", empty=np.full(20, np.nan), big=np.array([1.0, 2.0, np.inf] * 10))
    result = traindx("data", "odd.npz", "--format", "json")
    arrays = {one["name"]: one for one in json.loads(result.stdout)["arrays"]}
    assert arrays["empty"]["whole"]["mean"] is None
    assert arrays["empty"]["whole"]["nan"] == 20
    assert arrays["big"]["whole"]["positive_infinite"] == 10


def test_a_small_dataset_reads_as_stored_at_80_columns() -> None:
    y = np.arange(40.0) % 8 * 100
    np.savez("small.npz", x=np.where(np.arange(40) % 4 == 0, -1.0, 0.5), y=y, label=np.repeat([0, 1], [38, 2]))
    assert traindx("data", "small.npz", "--no-color").stdout == snapshot("""\
▲ ATTENTION  small.npz · npz · 40 rows · 1.7 KiB
  y is not scaled: it has mean 350 and deviation 229.1, and 1 more

  Do now  subtract the mean and divide by the deviation of the training split,
          per feature, and keep both with the model

── Findings ───────────────────────────────────────────────────────────── ▲ 2 ──
1 ▲ AUD001  y is not scaled: it has mean 350 and deviation 229.1            95 %
     mean of y: 350, expected 0 (scaled values)
     standard deviation: 229.1, expected 1 (scaled values)
     why: answering zero costs 175,000 in squared error instead of 1, so that is
          where the loss begins, and 52,500 is the loss of answering the mean:
          no loss above it has learnt anything
     do: subtract the mean and divide by the deviation of the training split,
         per feature, and keep both with the model
2 ▲ AUD010  always answering class 0 is right in 95 %: 19 times as many     95 %
            examples as of class 1
     accuracy of the most frequent class: 0.95, expected 0.5 (1/2, balanced
     classes)
     loss of knowing the frequencies alone: 0.1985 nats, expected 0.6931 (ln 2)
     why: a model that ignores its input scores 0.1985 nats and 95 % accuracy
          here: only what is better has learnt
     do: judge by balanced accuracy or the recall of each class

── Columns ────────────────────────────────────────────────── the worst first ──
  column             mean         sd        min        max    NaN/Inf  top 0.1 %
  y                   350      229.1          0        700          0      0.3 %
  x                 0.125     0.6495         -1        0.5          0      0.2 %

── What knowing nothing scores ─────────────────────────────────────────────────
  y: squared error 175,000 target units²  answering zero (E[y²])
  y: squared error 52,500 target units²  answering the mean (Var y)
  y: absolute error 350 target units  answering zero (E|y|)
  y: absolute error 200 target units  answering the median (E|y - median|)
  y: Huber's loss (delta 1) 199.5 target units²  answering the median (E huber(y
  - median, 1))
  label: cross-entropy 0.6931 nats  answering all classes equally (ln 2)
  label: cross-entropy 0.1985 nats  answering the class frequencies (H(0.95,
  0.05))
  label: accuracy 0.95  answering the most frequent class (0.95)
  and 4 more levels: -v

── What I could not judge ──────────────────────────────────────────────────────
? not asked, for want of: padding, or a mask: --mask NAME (AUD004); groups of
  rows: --group NAME (AUD005); token ids, and the size of the vocabulary:
  --vocab-size N (AUD013, AUD014); arrays to pair: --pair A B (AUD019, LEK006)

── What this rests on ──────────────────────────────────────────────────────────
  x: float64, 40, values
  y: float64, 40, target
  label: int64, 40, labels
  facts for runs: target_variance 52500, target_std 229.129, target_mean 350,
  target_abs_deviation 200, num_classes 2, class_prior 0.95, 0.05, positive_rate
  0.05, num_samples 40
  checks: 8 passed, 2 findings, 12 not asked; 95 % sure of the verdict
  next: traindx rule AUD001
  next: traindx data small.npz --baselines-out data.json && traindx check
    RUN --data-baselines data.json
""")


@pytest.mark.parametrize(("fail_on", "code"), [("warning", 1), ("error", 1), ("never", 0)])
def test_the_exit_code_follows_fail_on(fail_on: str, code: int) -> None:
    assert traindx("data", controls(), "--target", "u", "--fail-on", fail_on).exit_code == code


def test_a_path_that_is_not_there_and_a_name_that_is_not_there_are_misuse() -> None:
    gone = traindx("data", "nowhere.npz")
    assert gone.exit_code == 2
    wrong = traindx("data", healthy(), "--target", "labels")
    assert wrong.exit_code == 2
    assert "did you mean label" in wrong.stderr


def test_a_broken_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "data.npz").write_bytes(Path(healthy("whole.npz")).read_bytes()[:900])
    result = traindx("data", "data.npz")
    assert result.exit_code == 2
    assert "data.npz" in result.stderr
    assert "Traceback" not in result.output


def test_names_from_a_file_cannot_reach_the_terminal_as_escapes() -> None:
    np.savez("data.npz", **{"x\x1b[31mred": np.random.default_rng(0).normal(0, 500, 300)})
    result = traindx("data", "data.npz", "--no-color")
    assert "\x1b" not in result.stdout
    assert "xred" in result.stdout


def test_two_splits_are_compared_where_another_one_is_named() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((600, 5))
    np.savez("train.npz", x=x[:500])
    np.savez("val.npz", x=np.concatenate([x[500:], x[:60]]))
    result = traindx("data", "train.npz", "--against", "val.npz", "--format", "json")
    codes = {finding["code"] for finding in json.loads(result.stdout)["findings"]}
    assert "LEK001" in codes
    assert result.exit_code == 1


def test_pages_of_checks_are_shown_and_listed_in_groups_of_their_own() -> None:
    page = traindx("rule", "AUD005")
    assert page.exit_code == 0
    assert "pooled-groups" in page.stdout
    assert "traindx data" in page.stdout
    listed = {one["code"]: one for one in json.loads(traindx("rules", "--format", "json").stdout)}
    assert listed["AUD001"]["asked_of"] == "datasets"
    assert listed["BAS001"]["asked_of"] == "runs"
    table = traindx("rules").stdout
    assert (
        table.index("Asked of runs") < table.index("BAS001") < table.index("Asked of datasets") < table.index("AUD001")
    )


def run_at(level: float, name: str = "run.csv") -> str:
    rng = np.random.default_rng(1)
    rows = [f"{step},{level + 0.35 * np.exp(-step / 60) + rng.normal(0, 0.002):.5f}" for step in range(0, 3_000, 20)]
    Path(name).write_text("\n".join(["step,train_cross_entropy_loss", *rows]) + "\n")
    return name


def test_a_run_at_the_entropy_of_its_classes_is_called_so_with_the_baselines_of_its_data_alone() -> None:
    labels = np.repeat([0, 1, 2], [700, 200, 100])
    np.savez("train.npz", x=np.random.default_rng(0).standard_normal((1_000, 3)), label=labels)
    told = traindx("data", "train.npz", "--baselines-out", "data.json")
    assert told.exit_code in (0, 1)
    log = run_at(0.8018)
    alone = json.loads(traindx("check", log, "--format", "json").stdout)["runs"][0]
    assert "BAS002" not in {finding["code"] for finding in alone["findings"]}
    with_data = json.loads(traindx("check", log, "--data-baselines", "data.json", "--format", "json").stdout)["runs"][0]
    (trivial,) = [finding for finding in with_data["findings"] if finding["code"] == "BAS002"]
    assert trivial["evidence"][0]["expected"] == pytest.approx(0.8018, abs=1e-3)
    known = {fact["key"]: fact for fact in with_data["facts"]}
    assert known["num_classes"]["origin"] == "read"
    assert "data.json" in known["class_prior"]["source"]


def test_a_regression_is_held_against_the_variance_of_its_targets() -> None:
    y = np.random.default_rng(0).standard_t(5, 4_000) * 1.3
    np.savez("train.npz", y=y)
    traindx("data", "train.npz", "--baselines-out", "data.json", "--fail-on", "never")
    log = run_at(float(y.var()))
    Path(log).write_text(Path(log).read_text().replace("train_cross_entropy_loss", "train_mse_loss"))
    report = json.loads(traindx("check", log, "--data-baselines", "data.json", "--format", "json").stdout)["runs"][0]
    assert "BAS002" in {finding["code"] for finding in report["findings"]}


def test_a_file_of_baselines_that_is_none_is_refused() -> None:
    Path("data.json").write_text("{}")
    result = traindx("check", run_at(1.0), "--data-baselines", "data.json")
    assert result.exit_code == 2
    assert "not the baselines of a dataset" in result.stderr


def test_a_folder_of_pictures_is_measured_by_channel_and_its_folders_are_classes(tmp_path: Path) -> None:
    from PIL import Image

    rng = np.random.default_rng(0)
    for place in range(30):
        folder = tmp_path / "pictures" / ("cat" if place < 20 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8)).save(folder / f"{place}.png")
    result = traindx("data", "pictures")
    assert result.exit_code == 0
    assert "image[" in result.stdout
    assert "class: accuracy 0.6667" in result.stdout


def test_annotations_are_not_compared_with_one_another() -> None:
    Path("a.json").write_text('{"images": [], "annotations": [], "categories": []}')
    result = traindx("data", "a.json", "--against", "a.json")
    assert result.exit_code == 2
    assert "not compared" in result.stderr


def test_copies_are_named_without_a_second_split_and_weighed_in_batches_of_the_size_that_is_told() -> None:
    rng = np.random.default_rng(0)
    image = np.repeat(rng.standard_normal((100, 64)), 5, axis=0)
    np.savez("pairs.npz", image=image, caption=rng.standard_normal((500, 64)))
    document = json.loads(traindx("data", "pairs.npz", "--batch-size", "100", "--format", "json").stdout)
    (floor,) = (f for f in document["findings"] if f["code"] == "LEK006")
    assert floor["headline"].startswith("a contrastive loss over image in batches of 100 cannot fall below 0.488 nats")
    assert "LEK005" in document["passed"]


def test_nothing_is_wider_than_the_terminal_and_files_are_named_without_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    path = tmp_path / "embeddings.npy"
    np.save(path, 1e3 * np.random.default_rng(0).normal(size=(50, 3)))
    answer = traindx("data", str(path), "--fail-on", "never").output
    assert "embeddings.npy[0]" in answer
    assert "/embeddings.npy[" not in answer
    told = traindx("data", controls(), "--target", "u").output
    assert "facts for runs" in told
    assert max(len(line) for line in told.splitlines() if "next:" not in line) <= 60


def test_a_damaged_part_is_no_success(tmp_path: Path) -> None:
    h5py = importlib.import_module("h5py")
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        stored = file.create_dataset(
            "x", data=np.random.default_rng(0).normal(size=(400, 4)), chunks=(100, 4), compression="gzip"
        )
        info = stored.id.get_chunk_info(2)
    data = bytearray(path.read_bytes())
    data[info.byte_offset : info.byte_offset + info.size] = bytes(info.size)
    path.write_bytes(data)
    answer = traindx("data", str(path))
    assert answer.exit_code == 2
    assert "100 rows could not be read" in answer.output
    assert traindx("data", str(path), "--fail-on", "never").exit_code == 0


def test_a_run_that_stands_at_the_unigram_entropy_of_its_data_is_told_so(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    share = 1 / np.arange(1, 1_000)
    ids = draw.choice(np.arange(1, 1_000), (200, 64), p=share / share.sum())
    np.savez(tmp_path / "text.npz", input_ids=ids)
    levels = tmp_path / "levels.json"
    traindx("data", str(tmp_path / "text.npz"), "--vocab-size", "1000", "--baselines-out", str(levels))
    counts = np.unique(ids, return_counts=True)[1] / ids.size
    entropy = -(counts * np.log(counts)).sum()
    rows = "".join(f"{step},{entropy + 0.01 * draw.normal()}\n" for step in range(0, 1000, 10))
    (tmp_path / "run.csv").write_text(f"step,loss\n{rows}")
    answer = traindx("check", str(tmp_path / "run.csv"), "--data-baselines", str(levels), "--plain")
    assert "H(token frequencies)" in answer.output
    assert answer.exit_code == 1
