"""``traindx retrieval`` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner, Result
from inline_snapshot import snapshot

from traindx.cli.app import app

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def embeddings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of embeddings, the same at every run: two views of 400 rows, and worse encoders of the first."""
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "COLUMNS", "TRAINDX_FORMAT"):
        monkeypatch.delenv(name, raising=False)
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(400, 16))
    for name, noise in (("text", 0.6), ("audio", 0.6), ("close", 0.62), ("worse", 1.4)):
        np.save(f"{name}.npy", (truth + noise * rng.normal(size=truth.shape)).astype(np.float32))
    np.savez("both.npz", text=np.load("text.npy"), audio=np.load("audio.npy"))


def traindx(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["retrieval", *arguments], prog_name="traindx")


def test_the_first_screen_says_it_all() -> None:
    result = traindx("text.npy", "audio.npy", "--names", "text,audio", "--gallery-size", "4000")
    assert result.exit_code == 0
    assert result.stdout == snapshot("""\
✔ HEALTHY  text.npy in audio.npy · cosine · 16 dimensions
  half of the queries find their item first of 400 (guessing: 200.5); R@1 is
  69.2 % of 400 queries, 277 × chance

── Text to audio ───────────────────────────────────── 400 queries, 400 items ──
                value   95 % interval  chance  times chance
  R@1          69.2 %  64.6 to 73.6 %  0.25 %         277 ×
  R@5          90.0 %  86.7 to 92.6 %  1.25 %          72 ×
  R@10         95.5 %  93.0 to 97.1 %   2.5 %          38 ×
  MRR           0.785  0.750 to 0.816  0.0164          48 ×
  median rank       1          1 to 1     200         200 ×
  mean rank       2.8      2.3 to 3.6     200          71 ×
  mAP@10        0.782  0.747 to 0.815  0.0073         107 ×
  nDCG@10       0.824  0.794 to 0.851  0.0114          73 ×

── Audio to text ───────────────────────────────────── 400 queries, 400 items ──
                value   95 % interval  chance  times chance
  R@1          67.0 %  62.2 to 71.4 %  0.25 %         268 ×
  R@5          91.2 %  88.1 to 93.6 %  1.25 %          73 ×
  R@10         95.0 %  92.4 to 96.7 %   2.5 %          38 ×
  MRR           0.775  0.740 to 0.807  0.0164          47 ×
  median rank       1          1 to 1     200         200 ×

── Where the right items stand ───── queries by rank; in brackets a guesser's ──
  rank          1  277   (1)  ████████████████████████████
  rank          2   44   (1)  ████
  rank     3 to 5   39   (3)  ████
  rank    6 to 10   22   (5)  ██
  rank   11 to 20   10  (10)  █
  rank   21 to 50    7  (30)  █
  rank  51 to 100    1  (50)
  rank 101 to 200    0 (100)
  rank 201 to 400    0 (200)

── What it means ───────────────────────────────────────────────────────────────
  R@1  69.2 % of the queries have a right item first of 400
  MRR  the harmonic mean rank is 1.27 of 400; the mean rank is 2.8
  mean rank  the right item stands at 2.8 of 400 on average

── What this rests on ──────────────────────────────────────────────────────────
  R@1 among 4,000 items: 42.9 % (35.1 to 51.1 %; an estimate: normal scores
  fitted at 100 and 400 items)
  checks: 12 passed, 0 with findings; ties: mean
  next: traindx retrieval text.npy audio.npy --save-ranks ranks.csv
""")


def test_a_shift_of_rows_is_named_first_and_fails() -> None:
    np.save("shifted.npy", np.roll(np.load("audio.npy"), 1, axis=0))
    result = traindx("text.npy", "shifted.npy", "--k", "1,10")
    assert result.exit_code == 1
    assert result.stdout == snapshot("""\
✖ FAILING  text.npy in shifted.npy · cosine · 16 dimensions
  the ranks cannot be told from guessing: R@1 is 0 % of 400 queries, chance
  0.25 % in a gallery of 400 (p = 1)

  Do now  join the two files by id, not by order (EMB010)

── Query to item ───────────────────────────────────── 400 queries, 400 items ──
                value     95 % interval  chance  times chance
  R@1             0 %      0 to 0.951 %  0.25 %     at chance
  R@10          2.5 %    1.36 to 4.54 %   2.5 %     at chance
  MRR          0.0147  0.0115 to 0.0201  0.0164     at chance
  median rank     202        185 to 218     200     at chance
  mean rank       200        189 to 211     200     at chance
  mAP@10       0.0058  0.0027 to 0.0115  0.0073     at chance
  nDCG@10      0.0103  0.0050 to 0.0193  0.0114     at chance

── Item to query ───────────────────────────────────── 400 queries, 400 items ──
                value     95 % interval  chance  times chance
  R@1             0 %      0 to 0.951 %  0.25 %     at chance
  R@10         2.25 %    1.19 to 4.22 %   2.5 %     at chance
  MRR          0.0143  0.0112 to 0.0206  0.0164     at chance
  median rank     200        184 to 217     200     at chance

── Where the right items stand ───── queries by rank; in brackets a guesser's ──
  rank          1    0   (1)
  rank          2    0   (1)
  rank     3 to 5    6   (3)  █
  rank    6 to 10    4   (5)  █
  rank   11 to 20   11  (10)  ██
  rank   21 to 50   22  (30)  ███
  rank  51 to 100   54  (50)  ███████
  rank 101 to 200  101 (100)  ██████████████
  rank 201 to 400  202 (200)  ████████████████████████████

── Findings ───────────────────────────────────────────────────────────── ✖ 2 ──
1 ✖ EMB010  69 % of sampled queries find the item 1 row after their own     97 %
     first item at offset +1: 69 %, expected 0.25 (chance) · 276 of 400 queries;
     own row 0, offset -1 0
     do: join the two files by id, not by order
2 ✖ EMB001  ranks cannot be told from guessing: R@1 0 %, chance 0.25 % of   99 %
            400 items
     R@1: 0, expected 0.0025 (1/400) · p = 1
     R@10: 0.025, expected 0.025 (10/400) · p = 0.54
     do: check that row i of the queries belongs to row i of the gallery, or
         pass the right pairs

── What it means ───────────────────────────────────────────────────────────────
  R@1  0 % of the queries have a right item first of 400
  MRR  the harmonic mean rank is 68.2 of 400; the mean rank is 199.8
  mean rank  the right item stands at 199.8 of 400 on average

── What this rests on ──────────────────────────────────────────────────────────
  checks: 10 passed, 2 with findings; ties: mean
  next: traindx retrieval text.npy shifted.npy --save-ranks ranks.csv
""")
    assert traindx("text.npy", "shifted.npy", "--fail-on", "never").exit_code == 0


def test_encoders_are_compared_in_a_table() -> None:
    result = traindx(
        "--encoder",
        "good=text.npy,audio.npy",
        "--encoder",
        "close=close.npy,audio.npy",
        "--encoder",
        "worse=worse.npy,audio.npy",
    )
    assert result.exit_code == 0
    assert result.stdout == snapshot("""\
close has the highest R@1, 70.5 %; good (69.2 %) is tied with it; behind it:
worse by 50.7 points (45.1 to 56.1)

── Query to item ───────────────────────────────────── 400 queries, 400 items ──
  model  dim.            R@1, %             R@5, %                   MRR
  good     16  69.2 (64.6–73.6)=  90.0 (86.7–92.6)=  0.785 (0.750–0.816)=
  close    16  70.5 (65.9–74.8)*  90.5 (87.2–93.0)*  0.797 (0.763–0.828)*
  worse    16  19.8 (16.1–23.9)   41.5 (36.8–46.4)   0.309 (0.274–0.347)
  = tied with the best, * the best; 95 % intervals

── Differences ────────────── paired, with Holm's correction over these pairs ──
  R@1  close against good  tied  +1.2 points (-4.1 to +6.6), p = 0.71 (McNemar, 62
                               gained and 57 lost)
  R@1  worse against good  worse  -49.5 points (-54.8 to -44.0), p < 1e-16
                               (McNemar, 11 gained and 209 lost)
  R@1  worse against close  worse  -50.7 points (-56.1 to -45.1), p < 1e-16
                                (McNemar, 13 gained and 216 lost)
  R@5  close against good  tied  +0.5 points (-2.5 to +3.5), p = 0.87 (McNemar, 20
                               gained and 18 lost)
  R@5  worse against good  worse  -48.5 points (-53.6 to -43.4), p < 1e-16
                               (McNemar, 4 gained and 198 lost)
  R@5  worse against close  worse  -49.0 points (-54.1 to -43.8), p < 1e-16
                                (McNemar, 6 gained and 202 lost)
  MRR  close against good  tied  +0.012 (-0.023 to +0.048), p = 0.5 (paired)
  MRR  worse against good  worse  -0.476 (-0.518 to -0.432), p < 1e-16 (paired)
  MRR  worse against close  worse  -0.488 (-0.530 to -0.444), p < 1e-16 (paired)

── What to keep in mind ────────────────────────────────────────────────────────
? close was chosen as the best of 3: about 1.0 points of its R@1 are luck,
  expect 69.5 % on new queries
""")


def test_a_baseline_is_compared_with_the_others_alone() -> None:
    sets = [word for name in ("text", "close", "worse") for word in ("--encoder", f"{name}={name}.npy,audio.npy")]
    result = traindx(*sets, "--baseline", "close")
    assert "text against close" in result.stdout
    assert "worse against text" not in result.stdout
    assert "unknown encoder 'clse'" in traindx(*sets, "--baseline", "clse").stderr


def test_the_table_of_encoders_is_markdown_to_paste() -> None:
    result = traindx("--encoder", "a|b=text.npy,audio.npy", "--encoder", "worse=worse.npy,audio.npy", "--format", "md")
    assert result.stdout.split("\n\n")[1] == snapshot("""\
| model | dimension | R@1 | R@5 | MRR |
| --- | --- | --- | --- | --- |
| a\\|b | 16 | **69.2 %** (64.6 % to 73.6 %) | **90.0 %** (86.7 % to 92.6 %) | **0.785** (0.750 to 0.816) |
| worse | 16 | 19.8 % (16.1 % to 23.9 %) | 41.5 % (36.8 % to 46.4 %) | 0.309 (0.274 to 0.347) |\
""")


def test_the_document_is_version_one_and_holds_every_number() -> None:
    result = traindx(
        "both.npz::text",
        "both.npz",
        "--key-gallery",
        "audio",
        "--format",
        "json",
        "--batch-loss",
        "0.9",
        "--batch-size",
        "32",
    )
    found = json.loads(result.stdout)
    assert (found["schema_version"], found["comparison"]) == ("1", None)
    schema = json.loads((ROOT / "schemas" / "retrieval-v1.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, schema)
    (one,) = found["retrievals"]
    assert [way["name"] for way in one["directions"]] == ["query to item", "item to query"]
    first = one["directions"][0]["measures"][0]
    assert (first["name"], first["chance"], first["formula"]) == ("R@1", 1 / 400, "1/400")
    assert one["batch"]["violated"] is False
    assert len(one["passed"]) + len({f["code"] for f in one["findings"]}) == 12


def test_csv_has_a_line_for_each_metric() -> None:
    lines = traindx("text.npy", "audio.npy", "--format", "csv").stdout.splitlines()
    assert lines[0] == "direction,queries,gallery_size,metric,value,low,high,chance,times_chance,p_value,ceiling"
    assert len(lines) == 1 + 2 * 8
    assert lines[1].startswith("query to item,400,400,R@1,")


def test_the_ending_of_the_output_chooses_the_format(tmp_path: Path) -> None:
    assert traindx("text.npy", "audio.npy", "-o", "out.json").stdout == ""
    assert json.loads((tmp_path / "out.json").read_text())["retrievals"][0]["state"] == "healthy"


def test_saved_ranks_are_what_compare_reads() -> None:
    for name in ("text", "worse"):
        assert traindx(f"{name}.npy", "audio.npy", "--save-ranks", f"{name}.csv").exit_code == 0
    result = CliRunner().invoke(app, ["compare", "--ranks", "text.csv", "worse.csv"], prog_name="traindx")
    assert result.exit_code == 0
    assert "worse.csv against text.csv is worse: R@1" in " ".join(result.stdout.split())


def test_several_encoders_save_a_file_each() -> None:
    traindx("--encoder", "a=text.npy,audio.npy", "--encoder", "b/c=worse.npy,audio.npy", "--save-ranks", "ranks.csv")
    assert Path("ranks-a.csv").read_text().startswith("query,rank\n0,2\n1,1\n")
    assert Path("ranks-b_c.csv").exists()


def test_right_items_and_clusters_come_from_files() -> None:
    np.save("images.npy", np.load("audio.npy")[::5])
    Path("pairs.csv").write_text("query,item\n" + "".join(f"{n},{n // 5}\n" for n in range(400)))
    result = traindx("text.npy", "images.npy", "--relevant", "pairs.csv", "--format", "json", "--fail-on", "never")
    forward, backward = json.loads(result.stdout)["retrievals"][0]["directions"]
    assert (forward["gallery_size"], forward["clusters"], backward["positives"]) == (80, 80, 5)
    Path("ids.txt").write_text("".join(f"song {n // 4}\n" for n in range(400)))
    result = traindx("text.npy", "audio.npy", "--clusters", "ids.txt", "--format", "json")
    assert json.loads(result.stdout)["retrievals"][0]["directions"][0]["clusters"] == 100


def test_items_twice_count_as_right_when_asked_to() -> None:
    np.save("twice.npy", np.concatenate([np.load("audio.npy")[:200]] * 2))
    np.save("pairs.npy", np.stack([np.arange(400), np.arange(400) % 200], axis=1))
    capped = traindx("text.npy", "twice.npy", "--relevant", "pairs.npy")
    assert "identical rows keep R@1 at or below 50 %" in capped.stdout
    assert "at best" in capped.stdout
    assert (
        "identical rows keep" not in traindx("text.npy", "twice.npy", "--relevant", "pairs.npy", "--duplicates").stdout
    )


def test_plain_text_has_no_drawings() -> None:
    shown = traindx("text.npy", "audio.npy", "--plain").stdout
    assert "█" not in shown
    assert "──" not in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["text.npy"], "a file of queries without one of the gallery"),
        ([], "nothing to rank"),
        (["--encoder", "a=text.npy,audio.npy"], "one encoder is nothing to compare"),
        (["--encoder", "a"], "is not of the form NAME=QUERIES,GALLERY"),
        (["--encoder", "a=text.npy,audio.npy", "--encoder", "a=text.npy,audio.npy"], "two encoders are called 'a'"),
        (["text.npy", "audio.npy", "--encoder", "a=text.npy,audio.npy"], "exclude each other"),
        (["text.npy", "audio.npy", "--k", "1,x"], "not a list of whole numbers"),
        (["text.npy", "audio.npy", "--batch-loss", "1"], "belong together"),
        (["text.npy", "missing.npy"], "missing.npy: no such file"),
        (["both.npz", "audio.npy"], "both.npz: holds 2 arrays"),
        (["text.npy", "audio.npy", "--clusters", "missing.txt"], "missing.txt: no such file"),
        (["text.npy", "audio.npy", "--relevant", "missing.csv"], "missing.csv"),
    ],
)
def test_misuse_is_told_in_words_with_exit_code_two(arguments: list[str], words: str) -> None:
    result = traindx(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_rows_that_cannot_be_ranked_are_named_with_their_file() -> None:
    rows = np.load("audio.npy")
    rows[[3, 8]] = np.nan
    np.save("holes.npy", rows)
    result = traindx("text.npy", "holes.npy")
    assert result.exit_code == 2
    assert "holes.npy: 2 of 400 rows of gallery hold NaN: rows 3, 8" in result.stderr


def test_a_name_with_escapes_is_shown_clean() -> None:
    result = traindx("--encoder", "\x1b[31mred=text.npy,audio.npy", "--encoder", "b=close.npy,audio.npy")
    assert "\x1b" not in result.stdout
    assert "red" in result.stdout
