"""For our tests and those of plug-in authors: case pages, synthetic runs, the contracts of rules and readers."""

from traindx.testing.case_page import PageCase, check_case, read_page
from traindx.testing.synthetic import run_of, series_of

__all__ = ["PageCase", "check_case", "read_page", "run_of", "series_of"]
