"""Tables of text, of any dialect and layout, as columns of numbers."""

from traindx.readers.tables.cut import as_utf8
from traindx.readers.tables.dialect import SPACES, Dialect, header_names, sniff
from traindx.readers.tables.layout import renamed, runs_of_table, table_source
from traindx.readers.tables.read import read_table
from traindx.readers.tables.table import Table, Words

__all__ = [
    "SPACES",
    "Dialect",
    "Table",
    "Words",
    "as_utf8",
    "header_names",
    "read_table",
    "renamed",
    "runs_of_table",
    "sniff",
    "table_source",
]
