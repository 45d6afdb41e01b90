"""The future of one run, asked for by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from traindx.context import READINGS, FactValue, build_case
from traindx.diagnosis import Outlook
from traindx.engine.examine import examine
from traindx.engine.forecast import Question, outlook_of
from traindx.errors import UsageError, unknown_name
from traindx.forecast import FAMILIES, family_of
from traindx.rules import Rule
from traindx.run import Run


def predict_run(
    run: Run,
    rules: Sequence[Rule],
    question: Question,
    *,
    facts: Mapping[str, FactValue | str] | None = None,
    roles: Mapping[str, str] | None = None,
) -> Outlook:
    """Return the future of one run: rules are asked first, for a failing run has none.

    Raises ``UsageError`` for unknown facts, roles, series or schedules, and where the run holds no loss at all.
    """
    if question.schedule is not None and family_of(question.schedule) == "unknown":
        raise unknown_name("schedule", question.schedule, FAMILIES)
    with np.errstate(all="ignore"):
        case = build_case(run, given=facts, roles=roles)
        names = [reading.name for reading in case[READINGS]]
        if question.metric is not None and not any(
            question.metric in (r.name, r.series.logged_as) for r in case[READINGS]
        ):
            raise unknown_name("series", question.metric, names)
        outlook = outlook_of(case, examine(case, rules).findings, question)
    if outlook is None:
        raise UsageError(
            f"{run.name} holds no loss to carry on", hint=f"name a series with --metric: {', '.join(names[:8])}"
        )
    return outlook
