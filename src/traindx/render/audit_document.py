"""An audit as a JSON document of version 1."""

from __future__ import annotations

import math

import msgspec

import traindx.render.audit_v1 as v1
from traindx.dataset import ArraySummary, Audit, ColumnSummary, DataFact, Level
from traindx.render.document_v1 import ActionV1, Number, ToolV1, VerdictV1
from traindx.render.json_v1 import finding_v1, json_number, json_probability
from traindx.render.untrusted import storable


def audit_json(audit: Audit, *, version: str) -> str:
    """Return the document of version 1 for an audit, ending in a newline. ``version`` is that of traindx."""
    verdict = audit.verdict
    document = v1.AuditV1(
        tool=ToolV1(name="traindx", version=version),
        path=storable(audit.path),
        format=audit.format,
        rows=audit.rows,
        size_bytes=audit.size_bytes,
        verdict=VerdictV1(
            state=verdict.state,
            summary=storable(verdict.summary),
            confidence=json_probability(verdict.confidence),
            stage=verdict.stage,
        ),
        action=ActionV1(do=audit.action.do, text=storable(audit.action.text)),
        findings=[finding_v1(finding) for finding in audit.findings],
        arrays=[_array(array, audit) for array in audit.profile.arrays],
        against=storable(audit.against),
        baselines=[_level(level) for level in audit.baselines.levels],
        facts=[_fact(fact) for fact in audit.baselines.facts],
        notes=[storable(note) for note in audit.notes],
        passed=list(audit.passed),
        unasked=[v1.UnaskedV1(codes=list(one.codes), lacks=one.lacks) for one in audit.unasked],
        limits=[storable(limit) for limit in audit.limits],
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _array(array: ArraySummary, audit: Audit) -> v1.ArrayV1:
    return v1.ArrayV1(
        name=storable(array.name),
        where=storable(array.where),
        shape=list(array.shape),
        dtype=array.dtype,
        role=audit.roles.get(array.name, "values"),
        target=array.name in audit.targets,
        masked_share=array.masked_share,
        unread_rows=array.unread_rows,
        unread=[storable(one) for one in array.unread],
        whole=_column(array.whole),
        features=[_column(column) for column in array.features],
        groups=[
            v1.GroupV1(group=storable(group), features=[_column(column) for column in features])
            for group, features in array.groups.items()
        ],
    )


def _column(column: ColumnSummary) -> v1.ColumnV1:
    return v1.ColumnV1(
        name=storable(column.name),
        rows=column.rows,
        count=column.count,
        nan=column.nan,
        positive_infinite=column.positive_infinite,
        negative_infinite=column.negative_infinite,
        zeros=column.zeros,
        mean=_known(column.mean),
        deviation=_known(column.deviation),
        minimum=_known(column.minimum),
        maximum=_known(column.maximum),
        skewness=_known(column.skewness),
        kurtosis=_known(column.kurtosis),
        square_sum_top=_known(column.square_sum_top),
        quantile_levels=list(column.quantile_levels),
        quantiles=[json_number(value) for value in column.quantiles],
        distinct=None if column.distinct < 0 else column.distinct,
    )


def _known(value: float) -> Number | None:
    """A number, or None where there is none to tell: NaN of a statistic means that it does not exist."""
    return None if math.isnan(value) else json_number(value)


def _level(level: Level) -> v1.LevelV1:
    base = level.baseline
    return v1.LevelV1(
        array=storable(level.array),
        loss=level.loss,
        answer=level.answer,
        rung=base.rung,
        value=json_number(base.value),
        unit=base.unit,
        formula=base.formula,
        meaning=base.meaning,
        source=base.source,
    )


def _fact(fact: DataFact) -> v1.DataFactV1:
    value = fact.value if isinstance(fact.value, str) else json_number(fact.value)
    return v1.DataFactV1(
        key=fact.key, value=storable(value) if isinstance(value, str) else value, source=storable(fact.source)
    )
