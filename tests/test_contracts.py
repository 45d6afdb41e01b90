"""The contracts for plug-in authors: ours hold to them, and a rule with a mistake does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import pytest

from traindx.context import TRAIN_LOSS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.readers import LogFile
from traindx.readers.registry import READERS
from traindx.rules import ALL_RULES, Rule
from traindx.rules.rule import RuleMeta
from traindx.testing import ReaderContract, RuleContract

CSV = b"step,loss\n" + b"".join(b"%d,%.3f\n" % (i * 10, 2.3 - i / 50) for i in range(40))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Alarmist(Rule):
    """Finds fault with everything."""

    meta: ClassVar = RuleMeta(code="TST001", name="alarmist", since="0", summary="a rule that always speaks")
    needs: ClassVar = (TRAIN_LOSS,)

    def check(self, case: Case) -> Iterator[Finding]:
        first = float(case[TRAIN_LOSS].series.values[3])
        yield self.finding("it is 1", Evidence(label="it", measured=first), severity=Severity.ERROR, confidence=1)


@pytest.mark.parametrize("rule", ALL_RULES[::6], ids=lambda rule: rule.meta.name)
def test_our_rules_hold_to_the_contract(rule: type[Rule]) -> None:
    contract = type("TestRule", (RuleContract,), {"rule": rule})()
    contract.test_it_says_what_it_is()
    contract.test_it_never_breaks()
    contract.test_it_answers_the_same_twice()
    contract.test_healthy_trainings_raise_no_alarm()


def test_a_rule_that_always_speaks_and_breaks_is_caught() -> None:
    contract = type("TestRule", (RuleContract,), {"rule": _Alarmist})()
    for test in ("test_it_says_what_it_is", "test_it_never_breaks", "test_healthy_trainings_raise_no_alarm"):
        with pytest.raises(AssertionError):
            getattr(contract, test)()


class TestCsv(ReaderContract):
    reader = next(reader for reader in READERS if reader.recognises(LogFile("metrics.csv", CSV)))
    samples = (("metrics.csv", CSV),)
