"""States as summaries: plain values to read."""

from __future__ import annotations

from dataclasses import replace

from traindx.arrays import ArraySource
from traindx.dataset.statistics.columns import FEATURES_KEPT, Column, State
from traindx.dataset.statistics.distribution import (
    LEVELS,
    Distribution,
    distribution,
    moments_about,
    pooled_distribution,
)
from traindx.dataset.statistics.features import GroupSummaries, column_summaries, column_summary
from traindx.dataset.statistics.fields import Floats, no_values
from traindx.dataset.statistics.groups import GroupMoments, scatter
from traindx.dataset.statistics.images import ImageState
from traindx.dataset.statistics.numbers import features_of
from traindx.dataset.statistics.numeric import NumberState
from traindx.dataset.statistics.selection import Grouping
from traindx.dataset.statistics.texts import TextState
from traindx.dataset.statistics.tiles import pooled
from traindx.dataset.statistics.tokens import TokenState
from traindx.dataset.summary import ArraySummary, ColumnSummary


def empty_summary(source: ArraySource) -> ArraySummary:
    """Return the summary of an array of which nothing was measured."""
    return ArraySummary(
        name=source.name,
        where=source.where,
        shape=source.shape,
        dtype=source.dtype.name,
        kind=source.kind,
        whole=column_summary("whole", no_values(1)[:, 0]),
        features=(),
    )


def array_summary(column: Column, state: State, grouping: Grouping | None) -> ArraySummary:
    """Return the summary of an array that was measured."""
    empty = empty_summary(column.source)
    if isinstance(state, NumberState):
        return _numbers(empty, column, state, grouping)
    if isinstance(state, TextState):
        return replace(empty, text=state.summary())
    if isinstance(state, TokenState):
        return replace(empty, tokens=state.summary(), whole=column_summary("whole", state.state[:, 0]))
    return _images(empty, state)


def _images(empty: ArraySummary, state: ImageState) -> ArraySummary:
    pixels = state.state()
    whole = empty.whole if pixels is None else column_summary("whole", pooled(pixels[None])[0])
    return replace(empty, images=state.summary(), whole=whole)


def _numbers(empty: ArraySummary, column: Column, state: NumberState, grouping: Grouping | None) -> ArraySummary:
    states = state.moments.state()
    features = column_summaries(states)
    whole = column_summary("whole", pooled(states[None])[0])
    limits: list[str] = []
    if column.features < features_of(column.source.shape):
        limits.append(f"more than {FEATURES_KEPT:,} features: they were measured together, as one")
    if state.sketch is not None and state.sketch.plan.features == len(features):
        parts = [distribution(state.sketch, number, states[:, number]) for number in range(len(features))]
        centres = state.sketch.plan.centre.tolist()
        error = state.sketch.plan.error
        features = tuple(
            _described(one, part, states[:, number], centres[number], error)
            for number, (one, part) in enumerate(zip(features, parts, strict=True))
        )
        spread = parts[0] if len(parts) == 1 else pooled_distribution(parts)
        middle = centres[0] if len(parts) == 1 else float("nan")
        whole = _described(whole, spread, pooled(states[None])[0], middle, error)
    elif state.sketch is not None:
        limits.append(f"{len(features):,} features: quantiles and commonest values are those of all of them together")
        total = pooled(states[None])[0]
        spread = distribution(state.sketch, 0, total)
        whole = _described(whole, spread, total, float(state.sketch.plan.centre[0]), state.sketch.plan.error)
    summary = replace(
        empty,
        whole=whole,
        features=features,
        masked_share=state.left_out / state.seen if state.seen else 0.0,
        limits=tuple(limits),
    )
    return summary if state.groups is None or grouping is None else _grouped(summary, state.groups, grouping)


def _described(
    summary: ColumnSummary, spread: Distribution, state: Floats, centre: float, error: float
) -> ColumnSummary:
    raw, about_mean = moments_about(state)
    share, share_error = spread.top_share(*raw)
    return replace(
        summary,
        quantile_levels=LEVELS if len(spread.counts) else (),
        quantiles=spread.quantiles(),
        quantile_error=0.0 if spread.exact else error,
        sketch_centre=centre,
        square_sum_top=share,
        square_sum_top_error=share_error,
        deviation_sum_top=spread.top_share(*about_mean)[0],
        frequent=spread.frequent,
        distinct=spread.distinct,
    )


def _grouped(summary: ArraySummary, moments: GroupMoments, grouping: Grouping) -> ArraySummary:
    groups = GroupSummaries(grouping.names, moments.states)
    features = moments.states.shape[2]
    parts = [scatter(str(number), moments.states[:, :, number]) for number in range(features)]
    if features > 1:
        parts.append(scatter("whole", pooled(moments.states)))
    per_row = 1
    for size in summary.shape[1:-1]:
        per_row *= size
    limits = summary.limits
    if grouping.beyond:
        limits = (*limits, f"{grouping.beyond:,} rarer groups were not told apart; the {len(groups):,} commonest were")
    return replace(
        summary,
        groups=groups,
        scatter=tuple(parts),
        rows_without_group=moments.outside // per_row,
        limits=limits,
    )
