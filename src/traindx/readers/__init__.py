"""One file per log format, and the choice among them."""

from traindx.readers.contract import Reader
from traindx.readers.logfile import LogFile

__all__ = ["LogFile", "Reader"]
