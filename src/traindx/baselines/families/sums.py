"""The family of totals: sums of terms whose levels were computed from the terms' own theory."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.baselines.baseline import Baseline, Rung
from traindx.baselines.families.family import Family, Options, Parameter

_MEANINGS: dict[Rung, str] = {
    "floor": "every term at its floor",
    "trivial": "every term answered by a constant",
    "chance": "every term guessed",
}


def _weighted_sum(o: Options) -> Sequence[Baseline]:
    levels: dict[Rung, float | None] = {rung: o.maybe_number(f"sum_{rung}") for rung in _MEANINGS}
    if levels["trivial"] == levels["chance"]:
        levels["trivial"] = None  # the terms know one of the two only: the same level twice would say nothing more
    return [
        Baseline(
            rung=rung,
            value=value,
            unit="loss units",
            formula=f"weighted sum of the terms' {rung} levels",
            meaning=_MEANINGS[rung],
            source="linearity",
        )
        for rung, value in levels.items()
        if value is not None
    ]


SUM_FAMILIES = (
    Family(
        name="weighted_sum",
        summary="total of weighted terms, by the levels of its terms",
        parameters=(
            Parameter(
                name="sum_chance",
                type="float",
                meaning="the total where every term is guessed",
                required=True,
                example="3.1",
            ),
            Parameter(name="sum_trivial", type="float", meaning="the total where every term is answered by a constant"),
            Parameter(name="sum_floor", type="float", meaning="the total where every term is at its floor"),
        ),
        build=_weighted_sum,
    ),
)
