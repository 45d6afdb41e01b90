"""Values that are not scaled, statistics that are stored and not applied, applied twice, or taken over padding."""

from __future__ import annotations

import numpy as np
import pytest

from tests.dataset.checks.made import found, only, rng, subject
from traindx.dataset.checks.statistics_applied_twice import StatisticsAppliedTwice
from traindx.dataset.checks.statistics_over_padding import StatisticsOverPadding
from traindx.dataset.checks.stored_statistics_unused import StoredStatisticsUnused
from traindx.dataset.checks.unscaled_values import UnscaledValues
from traindx.diagnosis import Severity

ROWS = 4_000


def targets(mean: float, deviation: float, columns: int = 3, seed: int = 0) -> np.ndarray:
    x = rng(seed).standard_normal((ROWS, columns))
    return (x - x.mean(0)) / x.std(0) * deviation + mean


def test_targets_of_deviation_68_are_named_with_the_loss_of_answering_zero() -> None:
    finding = only(UnscaledValues, subject({"y": targets(0.0, 67.825)}, targets=("y",)))
    assert "deviation 67.83" in finding.headline
    assert finding.evidence[1].measured == pytest.approx(67.825)
    assert "4,600" in finding.why  # 67.825² = 4600.2


def test_a_mean_of_twenty_deviations_is_told_as_a_share_of_the_square() -> None:
    finding = only(UnscaledValues, subject({"x": targets(20.0, 1.0)}))
    assert f"{100 * 400 / 401:.1f} %" in finding.why


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 1.0), (0.13, 0.31), (2.0, 0.9), (0.0, 9.5), (0.0, 0.11)])
def test_values_within_a_factor_of_ten_of_unit_scale_are_left_alone(mean: float, deviation: float) -> None:
    assert found(UnscaledValues, subject({"x": targets(mean, deviation)})) == []


def test_a_thousandfold_scale_is_an_error_and_a_tenfold_one_a_warning() -> None:
    assert only(UnscaledValues, subject({"x": targets(0, 5_000.0)})).severity is Severity.ERROR
    assert only(UnscaledValues, subject({"x": targets(0, 20.0)})).severity is Severity.WARNING


def test_features_that_differ_in_scale_are_told_with_the_square_of_their_ratio() -> None:
    x = targets(0.0, 1.0, 2) * [9.0, 0.0045]
    findings = found(UnscaledValues, subject({"x": x}))
    ratio = next(f for f in findings if "differ" in f.headline)
    assert ratio.evidence[0].measured == pytest.approx(2_000)
    assert "4,000,000" in ratio.why


def test_bytes_of_pictures_are_usual_and_floating_point_pixels_to_255_are_not() -> None:
    pixels = rng().integers(0, 256, (40, 8, 8, 3))
    assert found(UnscaledValues, subject({"images": pixels.astype(np.uint8)})) == []
    assert found(UnscaledValues, subject({"images": pixels.astype(np.float32)})) != []


def test_row_numbers_identifiers_and_seven_rows_are_not_judged() -> None:
    arrays = {"id": rng().integers(0, 10**9, ROWS), "row": np.arange(ROWS), "t": np.arange(ROWS)}
    assert found(UnscaledValues, subject(arrays)) == []
    assert found(UnscaledValues, subject({"x": [1e6, 2e6, 3e6, 1e6, 5e6, 6e6, 7e6]})) == []


def test_stored_statistics_that_the_array_still_has_were_not_applied() -> None:
    u = targets(12.0, 67.8)
    finding = only(
        StoredStatisticsUnused,
        subject({"u": u, "u_mean": u.mean(0), "u_std": u.std(0)}, targets=("u",)),
    )
    assert finding.severity is Severity.ERROR
    assert "u_mean and u_std" in finding.headline
    assert finding.evidence[0].measured == pytest.approx(67.8)
    assert "4,741" in finding.why  # 12² + 67.8² = 4740.8, and 1 once applied


def test_statistics_of_another_split_are_recognised_all_the_same() -> None:
    u, other = targets(12.0, 67.8), rng(5).normal(12.3, 66.9, (500, 3))
    assert found(StoredStatisticsUnused, subject({"u": u, "u_mean": other.mean(0), "u_std": other.std(0)})) != []


def test_one_stored_pair_for_all_features_is_compared_with_the_whole_array() -> None:
    u = rng().standard_normal((ROWS, 3)) * [1.0, 20.0, 300.0]
    stored = {"u": u, "u_mean": np.array([u.mean()]), "u_std": np.array([u.std()])}
    assert only(StoredStatisticsUnused, subject(stored)).evidence[0].measured == pytest.approx(u.std())


def test_statistics_that_were_applied_are_left_alone() -> None:
    u = targets(12.0, 67.8)
    one = subject({"u": (u - u.mean(0)) / u.std(0), "u_mean": u.mean(0), "u_std": u.std(0)})
    assert found(StoredStatisticsUnused, one) == []
    assert found(StatisticsAppliedTwice, one) == []


def test_stored_statistics_of_unit_scale_are_left_alone() -> None:
    u = targets(0.02, 1.1)
    assert found(StoredStatisticsUnused, subject({"u": u, "u_mean": u.mean(0), "u_std": u.std(0)})) == []


def test_statistics_of_something_else_say_nothing() -> None:
    u = targets(12.0, 67.8)
    assert found(StoredStatisticsUnused, subject({"u": u, "u_mean": [400.0], "u_std": [3.0]})) == []
    assert found(StoredStatisticsUnused, subject({"u": u, "v_mean": [12.0], "v_std": [67.8]})) == []


def test_values_scaled_twice_are_recognised_by_their_mean_and_deviation() -> None:
    u = targets(12.0, 4.0)
    twice = ((u - 12) / 4 - 12) / 4
    finding = only(StatisticsAppliedTwice, subject({"u": twice, "u_mean": [12.0], "u_std": [4.0]}, targets=("u",)))
    assert (finding.evidence[0].expected, finding.evidence[1].expected) == (-3.0, 0.25)
    assert "0.0625 in squared error" in finding.why


def padded(active: float, *, features: int = 40, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Rows of Gaussian values followed by zeros, of which a share is active on average, and their mask."""
    lengths = rng(seed).binomial(features, active, ROWS)
    mask = np.arange(features) < lengths[:, None]
    return np.where(mask, rng(seed + 1).normal(0, 5, (ROWS, features)), 0.0), mask


def test_stored_statistics_over_padding_have_a_mean_square_of_one_over_the_active_share() -> None:
    u, mask = padded(0.291)
    stored = {"u": u, "u_mean": [u.mean()], "u_std": [u.std()]}
    share = mask.mean()
    finding = only(StatisticsOverPadding, subject(stored, targets=("u",)))
    assert finding.evidence[0].measured == pytest.approx(1 / share, rel=0.02)
    assert finding.evidence[0].expected == pytest.approx(1 / share, rel=1e-6)
    assert "zeros at the end" in finding.evidence[1].note


def test_the_same_is_found_with_the_mask_and_more_surely() -> None:
    u, mask = padded(0.291)
    stored = {"u": u, "u_mean": [u.mean()], "u_std": [u.std()], "valid": mask}
    finding = only(StatisticsOverPadding, subject(stored, targets=("u",), mask="valid"))
    assert finding.evidence[0].measured == pytest.approx(1 / mask.mean(), rel=0.02)
    assert finding.confidence > 0.85


def test_padded_values_scaled_over_padding_are_found_without_stored_statistics() -> None:
    u, mask = padded(0.4)
    finding = only(StatisticsOverPadding, subject({"u": u / u.std(), "valid": mask}, mask="valid"))
    assert finding.evidence[0].measured == pytest.approx(2.5, rel=0.05)


def test_statistics_over_active_values_alone_are_left_alone() -> None:
    u, mask = padded(0.291)
    right = {"u": u, "u_mean": [u[mask].mean()], "u_std": [u[mask].std()], "valid": mask}
    assert found(StatisticsOverPadding, subject(right, mask="valid")) == []
    assert found(StatisticsOverPadding, subject({"u": u / u[mask].std(), "valid": mask}, mask="valid")) == []


def test_zeros_that_stand_anywhere_are_data() -> None:
    sparse = np.where(rng().random((ROWS, 40)) < 0.3, rng(1).normal(0, 5, (ROWS, 40)), 0.0)
    assert subject({"u": sparse}).active == {}
    assert (
        found(StatisticsOverPadding, subject({"u": sparse, "u_mean": [sparse.mean()], "u_std": [sparse.std()]})) == []
    )
