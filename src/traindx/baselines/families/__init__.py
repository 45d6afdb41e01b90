"""The table of loss and metric families, and the ladder that each builds from facts."""

from traindx.baselines.families.build import build_ladder, find_family, is_family, relevant_facts
from traindx.baselines.families.family import Family, Options, Parameter
from traindx.baselines.families.table import FAMILIES

__all__ = ["FAMILIES", "Family", "Options", "Parameter", "build_ladder", "find_family", "is_family", "relevant_facts"]
