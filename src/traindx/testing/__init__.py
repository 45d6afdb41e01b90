"""For our tests and those of plug-in authors: case pages, synthetic runs, the contracts of rules and readers."""

from traindx.testing.case_page import PageCase, check_case, read_page
from traindx.testing.contracts import ReaderContract, RuleContract
from traindx.testing.synthetic import run_of, series_of
from traindx.testing.trainings import FAMILIES, FAULTS, Family, Training, facts_of, faulty_run, healthy_run

__all__ = [
    "FAMILIES",
    "FAULTS",
    "Family",
    "PageCase",
    "ReaderContract",
    "RuleContract",
    "Training",
    "check_case",
    "facts_of",
    "faulty_run",
    "healthy_run",
    "read_page",
    "run_of",
    "series_of",
]
