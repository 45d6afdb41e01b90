"""Every cause says what it is, how to test for it and what to do; every sign names something that can be seen."""

from __future__ import annotations

import re

import pytest

from traindx.causes import CAUSES, FEATURES, NONE_OF_THESE, stored_table
from traindx.causes.catalogue.by_rule import RULE_SIGNS
from traindx.diagnosis import CONDITIONS
from traindx.rules import ALL_RULES

CODES = {rule.meta.code for rule in ALL_RULES}
LEVELS = {feature.name: set(feature.levels) for feature in FEATURES}
SAID = {"found", "remark", "absent"}
SIGN = re.compile(r"([\w:-]+?)=([\w,-]+?)([+]{1,3}|[-]{1,3})")


def is_seen(feature: str, answer: str) -> bool:
    """Whether a feature of the curves, a rule or a condition can give this answer."""
    if feature in LEVELS:
        return answer in LEVELS[feature]
    code = feature.removeprefix("condition:")
    return answer in SAID and (code in CODES or (code != feature and code in CONDITIONS))


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_a_cause_has_meaning_test_fix_and_signs_that_exist(cause) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", cause.name)
    for text in (cause.meaning, cause.test, cause.fix):
        assert 10 < len(text) < 220
        assert not text.endswith(".")
        assert text.count("`") % 2 == 0
    assert cause.often > 0
    signs = [SIGN.fullmatch(word) for word in cause.signs.split()]
    assert signs
    assert None not in signs
    unseen = {(m[1], answer) for m in signs if m for answer in m[2].split(",") if not is_seen(m[1], answer)}
    assert unseen == set()


def test_causes_and_features_are_named_once_and_in_order() -> None:
    names = [cause.name for cause in CAUSES]
    assert names == sorted(set(names))
    assert NONE_OF_THESE not in names
    assert len(LEVELS) == len(FEATURES)


def test_no_feature_is_called_like_a_rule_or_a_condition() -> None:
    assert CODES.isdisjoint(LEVELS)
    assert not any(name.startswith("condition:") for name in LEVELS)


def test_the_stored_table_weighs_these_causes_and_what_can_be_seen() -> None:
    table = stored_table()
    assert table.causes == (*(cause.name for cause in CAUSES), NONE_OF_THESE)
    unseen = {(f, answer) for f, answers in table.weights.items() for answer in answers if not is_seen(f, answer)}
    assert unseen == set(), "fit the table again: python -m benchmarks.accuracy fit"
    assert 0 < table.floor < 0.1
    assert 0.2 < table.sharpness < 2


def test_all_evidence_that_a_cause_needs_can_be_seen() -> None:
    needed = [word.partition("=") for cause in CAUSES for word in cause.evidence]
    assert needed
    assert [(feature, answer) for feature, _, answer in needed if not is_seen(feature, answer)] == []


def test_what_rules_say_is_said_of_causes_that_exist() -> None:
    assert RULE_SIGNS.keys() <= {cause.name for cause in CAUSES}
