"""Group A: is the absolute value normal, or too large?"""

from __future__ import annotations

import math
from pathlib import Path

from tests.questions.asking import asked, conditions, curve, flat, hf, loud, said, wanted
from traindx import compare, read


def test_my_loss_is_always_above_120(tmp_path: Path) -> None:
    """Q1: a classifier whose loss is summed over the batch of 64."""
    lines = [
        f"===> Epoch[{n // 25 + 1}]({n * 10}/250): Loss: {v:.4f}" for n, v in enumerate(curve(148.1, 122.0, 100, 1.5))
    ]
    asks = asked(tmp_path, lines)
    assert asks.verdict.state != "failing"
    assert {"reduction", "loss", "num_classes", "batch_size"} & set(wanted(asks))
    told = asked(tmp_path, lines, num_classes=10, batch_size=64, loss="cross_entropy")
    assert conditions(told) & {"scale"}
    assert said(told, "sum")


def test_my_loss_starts_at_ten_thousands(tmp_path: Path) -> None:
    """Q2: squared errors of targets that nobody normalised; at the variance of the targets nothing is learnt."""
    lines = [f"Epoch {n} loss {v:.2f}" for n, v in enumerate(flat(22_510.0, 40, 60.0))]
    asks = asked(tmp_path, lines)
    assert {"target_std", "loss"} & set(wanted(asks))
    told = asked(tmp_path, lines, target_std=150.0, loss="mse")
    assert told.verdict.state == "failing"
    assert said(told, "150²", "mean target")


def test_a_multi_label_loss_begins_above_ten_thousand(tmp_path: Path) -> None:
    """Q3: binary cross-entropies summed over 15,000 pairs of labels: 15,000 ln 2 = 10,397."""
    lines = [f"step: {10 * n} - loss: {v:.4f}" for n, v in enumerate(curve(10_390.0, 40.0, 60, 8.0))]
    asks = asked(tmp_path, lines)
    assert asks.verdict.state in ("healthy", "inconclusive")
    assert wanted(asks)


def test_fine_tuning_a_language_model_at_a_loss_above_30(tmp_path: Path) -> None:
    """Q4: above ln V, whatever the vocabulary: wrong labels, or a sum."""
    rate = [2e-5] * 40
    asks = asked(tmp_path, hf(curve(38.4, 31.0, 40, 0.6), learning_rate=rate, mean_token_accuracy=[0.01] * 40))
    assert asks.verdict.state in ("attention", "failing") or "vocab_size" in wanted(asks)
    told = asked(tmp_path, hf(curve(38.4, 31.0, 40, 0.6), learning_rate=rate), vocab_size=32_128)
    assert told.verdict.state in ("attention", "failing")
    assert said(told, "10.38", "ln 32128")


def test_what_range_of_closs_is_reasonable(tmp_path: Path) -> None:
    """Q6: only the vocabulary tells; with it the level gets its place between guessing and the floor."""
    lines = [
        f"Epoch: [0]  [{10 * n}/2000]  closs: {v:.4f} ({v + 0.1:.4f})  lr: 0.00002"
        for n, v in enumerate(curve(9.8, 8.6, 60, 0.05))
    ]
    assert {"vocab_size", "num_classes", "loss"} & set(wanted(asked(tmp_path, lines)))
    told = asked(tmp_path, lines, vocab_size=65_536)
    assert told.scale is not None
    assert told.scale.skill is not None
    assert 0.15 < told.scale.skill < 0.3


def test_a_detector_falls_from_2300_to_780_where_700_to_300_was_expected(tmp_path: Path) -> None:
    """Q9: the absolute value depends on weights and reduction; the shape says that it learns."""
    lines = [
        f"{n}/99   x 12.1   y 11.9   w 0.81   h 0.77   conf 510.2   cls 88.1   total {v:.1f}"
        for n, v in enumerate(curve(2300, 780, 100, 8))
    ]
    report = asked(tmp_path, lines)
    assert report.verdict.state == "healthy"
    assert "own start" in report.verdict.summary


def test_at_which_value_has_it_converged(tmp_path: Path) -> None:
    """Q10: where it is flat, not where it is small."""
    values = curve(2.4, 0.61, 40, 0.01, tau=0.1) + flat(0.61, 80, 0.01, seed=1)
    report = asked(tmp_path, [f"step {20 * n} total_loss {v:.4f}" for n, v in enumerate(values)])
    assert report.verdict.state in ("healthy", "attention")
    assert report.verdict.stage == "converged"
    assert report.action.do in ("finish", "fix")


def test_where_does_the_loss_of_a_gpt_begin(tmp_path: Path) -> None:
    """Q11: at ln 50257 = 10.82 and half the variance of the logits from scratch; 3.6 is a pretrained start."""

    def lines(start: float) -> list[str]:
        return [
            f"iter {10 * n}: loss {v:.4f}, time 210.11ms, mfu 31.2%"
            for n, v in enumerate(curve(start, 3.4, 200, 0.03, tau=0.1))
        ]

    scratch = asked(tmp_path, lines(10.97), vocab_size=50_257)
    assert scratch.verdict.state == "healthy"
    assert not loud(scratch)
    assert "vocab_size" in wanted(asked(tmp_path, lines(10.97)))
    begun = asked(tmp_path, lines(3.6), vocab_size=50_257)
    assert begun.verdict.state in ("healthy", "attention")


def test_a_loss_of_6_7_after_31_epochs_from_scratch(tmp_path: Path) -> None:
    """Q13: for a vocabulary of 50,000 that is 38 % of the way, and flat: too high."""
    lines = [
        f"epoch {n} loss {v:.3f} valid_loss {v + 0.1:.3f}" for n, v in enumerate(curve(9.1, 6.7, 31, 0.01, tau=0.12), 1)
    ]
    asks = asked(tmp_path, lines)
    assert {"vocab_size", "num_classes"} & set(wanted(asks))
    told = asked(tmp_path, lines, vocab_size=50_000)
    assert told.scale is not None
    assert told.scale.skill is not None
    assert abs(told.scale.skill - (1 - 6.7 / math.log(50_000))) < 0.02


def test_is_a_tenth_of_a_nat_worth_days(tmp_path: Path) -> None:
    """Q14, Q15: the difference of 3.0 and 2.9 stands with its noise; one run each says nothing of seeds."""
    for name, end, seed in (("mine", 3.0, 1), ("theirs", 2.9, 2)):
        rows = [
            f"step {250 * n}: train loss {v:.4f}, val loss {w:.4f}"
            for n, (v, w) in enumerate(
                zip(
                    curve(10.9, end, 60, 0.01, tau=0.08, seed=seed),
                    curve(10.9, end + 0.02, 60, 0.01, tau=0.08, seed=seed + 5),
                    strict=True,
                )
            )
        ]
        (tmp_path / f"{name}.log").write_text("\n".join(rows))
    found = compare(read(tmp_path / "mine.log"), read(tmp_path / "theirs.log"))
    (val,) = [d for d in found.differences if d.quantity.startswith("val")]
    assert val.outcome == "better"
    assert val.low is not None
    assert val.high is not None
    assert val.low < -0.1 < val.high < 0
    assert any("seeds" in limit for limit in found.limits)


def test_the_loss_fluctuates_between_0_75_and_1_5(tmp_path: Path) -> None:
    """Q17: loud noise about a level; whether it falls is asked of all points, and the noise is named."""
    falls = [v + n for v, n in zip(curve(1.35, 0.95, 400, 0.0, tau=0.4), flat(0, 400, 0.18), strict=True)]
    report = asked(tmp_path, [f"step {n}: loss={v:.4f}" for n, v in enumerate(falls)])
    assert report.verdict.state in ("healthy", "inconclusive")
    assert not any(f.severity.value == "error" for f in report.findings)
