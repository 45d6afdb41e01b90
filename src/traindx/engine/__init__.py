"""Selecting rules, examining a case, judging it."""

from traindx.engine.diagnose import diagnose_run
from traindx.engine.examine import Examination, examine
from traindx.engine.forecast import Question
from traindx.engine.predict import predict_run
from traindx.engine.select import select_rules

__all__ = ["Examination", "Question", "diagnose_run", "examine", "predict_run", "select_rules"]
