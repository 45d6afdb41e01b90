"""What a dataset holds before anything trains on it: statistics in a stream, findings, leaks, baselines, normalisers."""

from traindx.dataset.normalizer import Normalizer
from traindx.dataset.summary import ArraySummary, ColumnSummary, Profile

__all__ = ["ArraySummary", "ColumnSummary", "Normalizer", "Profile"]
