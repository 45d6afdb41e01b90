"""Pure theory: what a loss or metric is worth to a predictor that knows nothing, or everything."""

from traindx.baselines.baseline import Baseline, Ladder, Rung

__all__ = ["Baseline", "Ladder", "Rung"]
