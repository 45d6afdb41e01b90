"""CTC and transducer losses: exact sums over alignments of predictors that ignore the input. Values in nats."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, log_choose, log_sum_exp, lowest, shown
from traindx.baselines.baseline import Baseline

GRAVES = "Graves et al. 2006, Connectionist Temporal Classification, section 4"
LONGEST = 20_000


def _check(frames: int, labels: int, symbols: int, repeats: int) -> None:
    at_least(1, frames=frames, labels=labels)
    at_least(2, symbols=symbols)
    at_least(0, repeats=repeats)
    at_least(frames, longest_supported_frames=LONGEST)
    at_least(repeats, labels_minus_one=labels - 1)


def ctc_uniform(frames: int, labels: int, symbols: int, repeats: int = 0) -> Baseline:
    """Return the CTC loss of uniform outputs: T ln C - ln C(T + L - R, 2L), all alignments being equally likely.

    L runs of at least one frame and L + 1 gaps of blanks fill T frames; the R gaps between equal neighbours need
    one blank: stars and bars give C(T + L - R, 2L). Infinite where T < L + R.

    >>> round(ctc_uniform(50, 10, 29).value, 2)
    132.39
    """
    _check(frames, labels, symbols, repeats)
    return Baseline(
        rung="chance",
        value=frames * math.log(symbols) - log_choose(frames + labels - repeats, 2 * labels),
        unit="nats per sequence",
        formula=f"{frames} ln {symbols} - ln C({frames + labels - repeats}, {2 * labels})",
        meaning="all symbols equally likely in every frame",
        source=GRAVES + "; alignments counted here",
        conditions="sum over one sequence, blank among the symbols; infinite where frames are too few",
    )


def ctc_blank_plateau(frames: int, labels: int, symbols: int, repeats: int = 0) -> Baseline:
    """Return the CTC loss of the best constant output: blank with probability b, the rest spread evenly.

    With k blanks in the L + 1 gaps there are C(T-k-1, L-1) C(k-R+L, L) alignments of b^k ((1-b)/(C-1))^(T-k).

    >>> round(ctc_blank_plateau(50, 10, 29).value / 10, 2)
    3.52
    """
    _check(frames, labels, symbols, repeats)
    counts = [
        (k, log_choose(frames - k - 1, labels - 1) + log_choose(k - repeats + labels, labels))
        for k in range(repeats, frames - labels + 1)
    ]

    def loss(logit: float) -> float:
        log_blank, log_label = -math.log1p(math.exp(-logit)), -math.log1p(math.exp(logit)) - math.log(symbols - 1)
        return -log_sum_exp([ways + k * log_blank + (frames - k) * log_label for k, ways in counts])

    # 40 rounds narrow the logit to 1e-7, far below what the flat valley shows.
    best = lowest(loss, -12.0, 12.0, rounds=40) if counts else 0.0
    return Baseline(
        rung="trivial",
        value=loss(best) if counts else math.inf,
        unit="nats per sequence",
        formula=f"best constant: blank {shown(1 / (1 + math.exp(-best)))}, the rest even",
        meaning="mostly blanks whatever the input: the usual early plateau of CTC",
        source=GRAVES + "; minimised here",
        conditions=f"per label it is near ln {symbols - 1}; a plateau there has heard nothing yet",
    )


def transducer_uniform(frames: int, labels: int, symbols: int) -> Baseline:
    """Return the transducer (RNN-T) loss of uniform outputs: (T + U) ln V - ln C(T + U - 1, U).

    A path makes T blank steps and U labels, the last step a blank.

    >>> round(transducer_uniform(50, 10, 29).value, 2)
    177.17
    """
    _check(frames, labels, symbols, 0)
    return Baseline(
        rung="chance",
        value=(frames + labels) * math.log(symbols) - log_choose(frames + labels - 1, labels),
        unit="nats per sequence",
        formula=f"{frames + labels} ln {symbols} - ln C({frames + labels - 1}, {labels})",
        meaning="all symbols equally likely at every step",
        source="Graves 2012, Sequence Transduction with Recurrent Neural Networks, equation 12; paths counted here",
        conditions="sum over one sequence, blank among the symbols",
    )


def transducer_blank_plateau(frames: int, labels: int, symbols: int) -> Baseline:
    """Return the transducer loss of the best constant: blank T/(T+U), the rest spread evenly over V - 1.

    Every path has T blanks and U labels, so b^T ((1-b)/(V-1))^U is largest there.

    >>> round(transducer_blank_plateau(50, 10, 29).value / 10, 2)
    3.55
    """
    _check(frames, labels, symbols, 0)
    blank = frames / (frames + labels)
    paths = log_choose(frames + labels - 1, labels)
    return Baseline(
        rung="trivial",
        value=-paths - frames * math.log(blank) - labels * math.log((1 - blank) / (symbols - 1)),
        unit="nats per sequence",
        formula=f"best constant: blank {shown(blank)}, the rest even",
        meaning="mostly blanks whatever the input",
        source="derived: all paths have the same counts",
        conditions="sum over one sequence",
    )
