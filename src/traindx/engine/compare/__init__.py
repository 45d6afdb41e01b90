"""Comparing runs: what is the same quantity, where they part, what differs, and what that proves."""

from traindx.engine.compare.compare import compare_groups
from traindx.engine.compare.member import Member, judged_member, member_of
from traindx.engine.compare.ranks import compare_ranks

__all__ = ["Member", "compare_groups", "compare_ranks", "judged_member", "member_of"]
