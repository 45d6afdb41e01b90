"""All families by name, one group per line."""

from __future__ import annotations

from collections.abc import Mapping

from traindx.baselines.families.agents import AGENT_FAMILIES
from traindx.baselines.families.classes import CLASS_FAMILIES
from traindx.baselines.families.detectors import DETECTOR_FAMILIES
from traindx.baselines.families.family import Family
from traindx.baselines.families.generative import GENERATIVE_FAMILIES
from traindx.baselines.families.matching import MATCHING_FAMILIES
from traindx.baselines.families.metrics import METRIC_FAMILIES
from traindx.baselines.families.numbers import NUMBER_FAMILIES
from traindx.baselines.families.pairs import PAIR_FAMILIES
from traindx.baselines.families.preferences import PREFERENCE_FAMILIES
from traindx.baselines.families.ranking import RANKING_FAMILIES
from traindx.baselines.families.self_supervision import SELF_SUPERVISED_FAMILIES
from traindx.baselines.families.sums import SUM_FAMILIES
from traindx.baselines.families.tokens import TOKEN_FAMILIES

FAMILIES: Mapping[str, Family] = {
    family.name: family
    for group in (
        CLASS_FAMILIES,
        TOKEN_FAMILIES,
        NUMBER_FAMILIES,
        MATCHING_FAMILIES,
        PAIR_FAMILIES,
        SELF_SUPERVISED_FAMILIES,
        DETECTOR_FAMILIES,
        GENERATIVE_FAMILIES,
        PREFERENCE_FAMILIES,
        AGENT_FAMILIES,
        SUM_FAMILIES,
        METRIC_FAMILIES,
        RANKING_FAMILIES,
    )
    for family in sorted(group, key=lambda f: f.name)
}
