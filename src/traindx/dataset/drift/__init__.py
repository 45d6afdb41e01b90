"""Whether two sets of rows come from one distribution, with a null that knows how many rows there are."""

from traindx.dataset.drift.drift import Drift, FeatureDrift
from traindx.dataset.drift.feature import Sample, category_drift, number_drift
from traindx.dataset.drift.measure import drift_between, evenly, held_rows, read_sample
from traindx.dataset.drift.summaries import summaries_drift, summary_drift

__all__ = [
    "Drift",
    "FeatureDrift",
    "Sample",
    "category_drift",
    "drift_between",
    "evenly",
    "held_rows",
    "number_drift",
    "read_sample",
    "summaries_drift",
    "summary_drift",
]
