"""Keeping checkpoints: which one is worth it, and how it is written so that a whole one is always there."""

from traindx.live.keeping.choosing import Chance, Ties, newest_is_best
from traindx.live.keeping.index import INDEX_FILE, Kept
from traindx.live.keeping.keeper import HOME, By, Keeper
from traindx.live.keeping.writing import Saver

__all__ = ["HOME", "INDEX_FILE", "By", "Chance", "Keeper", "Kept", "Saver", "Ties", "newest_is_best"]
