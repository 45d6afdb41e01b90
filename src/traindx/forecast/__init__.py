"""Learning curves extrapolated, with intervals: pure functions of arrays."""
