"""All families by name, one group per line."""

from __future__ import annotations

from collections.abc import Mapping

from traindx.baselines.families.classes import CLASS_FAMILIES
from traindx.baselines.families.family import Family
from traindx.baselines.families.matching import MATCHING_FAMILIES
from traindx.baselines.families.numbers import NUMBER_FAMILIES
from traindx.baselines.families.ranking import RANKING_FAMILIES

FAMILIES: Mapping[str, Family] = {
    family.name: family
    for group in (
        CLASS_FAMILIES,
        MATCHING_FAMILIES,
        NUMBER_FAMILIES,
        RANKING_FAMILIES,
    )
    for family in sorted(group, key=lambda f: f.name)
}
