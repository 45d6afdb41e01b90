"""Real, small training runs with known faults, and what traindx and its peers say of them."""
