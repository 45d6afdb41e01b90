"""Five real stories: what their people were told was wrong; the answer must follow from what their logs hold."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from traindx.api import diagnose_all
from traindx.diagnosis import Finding, Report, Severity

LOGS = Path(__file__).parent / "logs"


def _report(path: str, **facts: object) -> Report:
    reports = diagnose_all(LOGS / path, facts=facts or None)  # type: ignore[arg-type]
    assert len(reports) == 1
    return reports[0]


def _finding(report: Report, code: str) -> Finding:
    found = [f for f in report.findings if f.code == code]
    assert found, f"{code} is missing among {[f.code for f in report.findings]}"
    return found[0]


def _fact(report: Report, key: str) -> object:
    return next(f.value for f in report.facts if f.key == key)


def _said(report: Report) -> str:
    return " ".join([report.verdict.summary, *(f.headline + f.why for f in report.findings)])


class TestClipOnChessBoards:
    """Ten epochs at ln 256, called ordinary; then one good epoch, called suspicious."""

    @pytest.mark.parametrize("log", ["clip_chess/previous.log", "clip_chess/table.md"])
    def test_the_first_run_learned_nothing(self, log: str) -> None:
        report = _report(log)
        assert report.verdict.state == "failing"
        finding = _finding(report, "BAS001")
        assert finding.condition == "at_chance"
        assert finding.confidence >= 0.9

    def test_its_batch_and_validation_size_are_recovered_and_labelled(self) -> None:
        report = _report("clip_chess/previous.log")
        assert (_fact(report, "batch_size"), _fact(report, "num_val_samples")) == (256, 5_000)
        assert {f.origin for f in report.facts if f.key in ("batch_size", "num_val_samples")} == {"inferred"}

    def test_the_short_last_batches_explain_the_gap_between_training_and_validation(self) -> None:
        train, _, val = _finding(_report("clip_chess/previous.log"), "BAS001").evidence
        whole, rest = divmod(5_000, 256)
        assert val.expected == pytest.approx((whole * math.log(256) + math.log(rest)) / (whole + 1))
        assert val.measured == 5.51
        assert train.expected == pytest.approx(5.5392, abs=1e-4)

    def test_a_contradicting_batch_size_changes_the_answer(self) -> None:
        report = _report("clip_chess/previous.log", batch_size=1024)
        assert not [f for f in report.findings if f.code == "BAS001"]
        assert report.verdict.state != "failing"

    def test_the_second_run_is_healthy_so_far_and_its_metric_too_easy(self) -> None:
        report = _report("clip_chess/current.log")
        assert report.verdict.state == "healthy"
        assert "95 %" in report.verdict.summary
        assert "gallery" in report.verdict.summary

    def test_its_low_validation_loss_is_explained_by_averaging(self) -> None:
        finding = _finding(_report("clip_chess/current.log"), "GEN002")
        assert finding.severity is Severity.INFO
        assert "mean over an epoch" in finding.why

    def test_the_document_itself_holds_two_runs_with_two_verdicts(self) -> None:
        first, second = diagnose_all(LOGS / "clip_chess/document.md")
        assert (first.verdict.state, second.verdict.state) == ("failing", "healthy")


class TestSamWithAdapters:
    """A first loss of 10,500, called possibly normal: boxes in pixels."""

    @pytest.mark.parametrize("log", ["sam_lora/train.log", "sam_lora/status.md"])
    def test_the_first_loss_is_impossible(self, log: str) -> None:
        report = _report(log)
        assert report.verdict.state == "failing"
        finding = _finding(report, "BAS005")
        assert finding.condition == "scale"
        assert finding.evidence[0].measured == 10_500
        assert finding.evidence[0].expected is not None
        assert finding.evidence[0].expected < 1_000

    def test_the_arithmetic_points_at_boxes_in_pixels(self) -> None:
        finding = _finding(_report("sam_lora/train.log"), "BAS005")
        pixels = next(e for e in finding.evidence if "pixel" in e.label)
        assert pixels.expected == pytest.approx(5 * 4 * 1008 / 2)

    def test_the_advice_is_to_print_the_terms_and_to_leave_the_learning_rate(self) -> None:
        report = _report("sam_lora/train.log")
        assert "unweighted" in report.action.text
        assert "learning rate" in _finding(report, "BAS005").why

    def test_without_pixels_of_that_size_the_arithmetic_is_gone(self) -> None:
        finding = _finding(_report("sam_lora/train.log", image_size=64), "BAS005")
        assert not [e for e in finding.evidence if e.expected == pytest.approx(10_080)]


class TestTextToAudioRetrieval:
    """3.50 and 0.22 %, called normal for a start: chance, in a gallery that nobody logged."""

    def test_the_loss_is_near_the_level_of_guessing_and_it_is_too_early_to_judge(self) -> None:
        report = _report("text_audio/train.log")
        assert report.verdict.state == "inconclusive"
        assert _fact(report, "batch_size") == 32
        assert _finding(report, "BAS001").evidence[0].expected == pytest.approx(math.log(32))

    def test_the_gallery_is_recovered_from_the_percentages(self) -> None:
        assert 889 <= float(str(_fact(_report("text_audio/train.log"), "gallery_size"))) <= 892

    def test_ranks_are_weighed_against_chance_with_a_probability(self) -> None:
        finding = _finding(_report("text_audio/train.log"), "RET001")
        r_at_1 = next(e for e in finding.evidence if e.label.endswith("R@1"))
        r_at_10 = next(e for e in finding.evidence if e.label.endswith("R@10"))
        assert r_at_1.expected == pytest.approx(0.112, abs=0.001)
        assert r_at_10.measured is not None
        assert r_at_10.expected is not None
        assert r_at_10.measured / r_at_10.expected == pytest.approx(2.2, abs=0.05)

    def test_the_inverse_of_the_reciprocal_rank_is_no_mean_rank(self) -> None:
        finding = _finding(_report("text_audio/train.log"), "RET001")
        assert any("harmonic" in e.note and "guessing has mean rank 44" in e.note for e in finding.evidence)

    def test_the_sizes_are_asked_for(self) -> None:
        asked = [m.key for m in _report("text_audio/train.log").missing_facts]
        assert asked == ["batch_size", "gallery_size"]

    def test_a_later_example_fits_no_gallery_of_the_first(self) -> None:
        finding = _finding(_report("text_audio/with_example.log"), "MET003")
        assert "12.45 / 31.22 / 42.18" in finding.headline

    def test_another_batch_size_moves_the_level(self) -> None:
        report = _report("text_audio/train.log", batch_size=256)
        assert not [f for f in report.findings if f.code == "BAS001"]


class TestControlRegression:
    """A loss 1,792 times smaller, called a fix: other units, the same skill."""

    @pytest.mark.parametrize("log", ["lqr/before_after.md", "lqr/before_after.csv"])
    def test_skill_is_unchanged(self, log: str) -> None:
        report = _report(log)
        assert report.verdict.state == "failing"
        before, after = _finding(report, "BAS006").evidence[:2]
        assert before.measured == pytest.approx(15_781 / 67.8**2)
        assert after.measured == pytest.approx(8.8 / 1.5**2)

    def test_the_factor_is_the_square_of_the_scale(self) -> None:
        finding = _finding(_report("lqr/before_after.csv"), "BAS006")
        assert "1,793" in finding.headline
        assert "45.2" in finding.headline

    def test_scales_per_group_and_a_robust_loss_are_proposed(self) -> None:
        advice = " ".join(_finding(_report("lqr/before_after.csv"), "BAS006").do)
        assert "per group" in advice
        assert "Huber" in advice


class TestVisionLanguageAction:
    """Two logs of one loss that differ by four, three streams in one of them, called converged."""

    @pytest.mark.parametrize("log", ["vla", "vla_tables.md"])
    def test_the_log_must_be_mended_first(self, log: str) -> None:
        report = _report(log)
        assert report.verdict.state == "inconclusive"
        assert "log must be mended" in report.verdict.summary

    def test_the_two_logs_are_not_one_quantity_and_differ_by_four(self) -> None:
        finding = _finding(_report("vla"), "LOG004")
        assert "factor of 4" in finding.headline
        assert finding.evidence[0].measured == pytest.approx(13.18 / 3.26)

    def test_the_rows_are_three_streams(self) -> None:
        streams = [e.label for e in _finding(_report("vla"), "LOG003").evidence]
        assert len(streams) == 3
        assert any("1, 4, 11" in s for s in streams)
        assert any("3, 6, 9" in s for s in streams)

    def test_the_first_epoch_is_worse_than_a_uniform_guess(self) -> None:
        finding = _finding(_report("vla"), "BAS003")
        assert finding.evidence[0].measured == 13.18
        assert finding.evidence[0].expected == pytest.approx(math.log(65_536))

    def test_with_a_larger_vocabulary_it_is_not(self) -> None:
        report = _report("vla", vocab_size=2_000_000)
        assert not [f for f in report.findings if f.code == "BAS003"]

    def test_the_rows_of_the_second_log_are_shared_out_among_the_terms(self) -> None:
        finding = _finding(_report("vla/output.log"), "OPT004")
        assert "87 %" in finding.headline

    def test_training_longer_is_advised_against(self) -> None:
        assert any("neither extend the training" in step for step in _finding(_report("vla"), "LOG003").do)
