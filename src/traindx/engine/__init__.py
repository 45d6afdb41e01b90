"""Selecting rules, examining a case, judging it."""

from traindx.engine.diagnose import diagnose_run
from traindx.engine.examine import Examination, examine
from traindx.engine.select import select_rules

__all__ = ["Examination", "diagnose_run", "examine", "select_rules"]
