"""Selecting rules, examining a case, judging it."""

from traindx.engine.diagnose import diagnose_run
from traindx.engine.examine import Examination, examine
from traindx.engine.pick import Picked, pick
from traindx.engine.select import select_rules

__all__ = ["Examination", "Picked", "diagnose_run", "examine", "pick", "select_rules"]
