"""Tables of text, of any dialect and layout, as columns of numbers."""

from traindx.readers.tables.dialect import Dialect, sniff
from traindx.readers.tables.layout import runs_of_table
from traindx.readers.tables.read import read_table
from traindx.readers.tables.table import Table, Words

__all__ = ["Dialect", "Table", "Words", "read_table", "runs_of_table", "sniff"]
