"""How the distributions of two splits differ, feature by feature, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

from traindx.dataset.drift.tails import adjusted

FeatureKind = Literal["number", "category"]

_NAN = float("nan")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureDrift:
    """One feature in two splits.

    ``train_rows`` and ``other_rows`` were compared; they are worth ``train_effective`` and ``other_effective`` independent ones. ``effect`` is the largest
    gap between the distribution functions (numbers) or between the shares of a value (categories): from 0 to 1, whatever the number of rows. ``p`` is the probability of a difference as
    large by luck. Of numbers ``mean_shift`` is in standard deviations of the training split, ``mean_z`` in standard errors, ``deviation_ratio`` other over training, ``deviation_z`` its
    logarithm in standard errors. ``stability`` is the PSI over ``bins`` bins, and ``stability_expected`` and ``stability_limit`` what it would be by luck, on average and in
    99 of 100 cases; ``divergence`` is Jensen-Shannon's, in nats. ``new_share`` is the share of the other split's rows whose category the training split lacks; ``top`` is the category whose share
    moved most, from ``top_train`` to ``top_other``.
    """

    feature: str
    kind: FeatureKind
    train_rows: int
    other_rows: int
    train_effective: float
    other_effective: float
    effect: float
    p: float
    mean_shift: float = _NAN
    mean_z: float = _NAN
    deviation_ratio: float = _NAN
    deviation_z: float = _NAN
    stability: float = _NAN
    stability_expected: float = _NAN
    stability_limit: float = _NAN
    bins: int = 0
    divergence: float = _NAN
    new_share: float = 0.0
    top: str = ""
    top_train: float = _NAN
    top_other: float = _NAN


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The features of two splits, and their label apart; ``limits`` say what was not compared or only in part."""

    features: tuple[FeatureDrift, ...] = ()
    label: FeatureDrift | None = None
    limits: tuple[str, ...] = ()

    @property
    def adjusted(self) -> tuple[float, ...]:
        """The p-values of the features after Benjamini and Hochberg: those below q hold a share q of false alarms."""
        return tuple(adjusted([feature.p for feature in self.features]))
