"""Selecting rules, examining a case, judging it."""

from traindx.engine.compare import Member, compare_groups, compare_ranks, judged_member, member_of
from traindx.engine.diagnose import diagnose_run
from traindx.engine.examine import Examination, examine
from traindx.engine.forecast import Question
from traindx.engine.pick import Picked, pick
from traindx.engine.predict import predict_run
from traindx.engine.select import select_rules

__all__ = [
    "Examination",
    "Member",
    "Picked",
    "Question",
    "compare_groups",
    "compare_ranks",
    "diagnose_run",
    "examine",
    "judged_member",
    "member_of",
    "pick",
    "predict_run",
    "select_rules",
]
