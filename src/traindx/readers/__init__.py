"""One file per log format, and the choice among them."""

from traindx.readers.choice import read_log
from traindx.readers.contract import Reader
from traindx.readers.crc32c import crc32c, masked
from traindx.readers.fingerprint import Fingerprint, fingerprint
from traindx.readers.growing import Continuation, GrowingLog, Growth
from traindx.readers.logfile import LogFile
from traindx.readers.read import read_path

__all__ = [
    "Continuation",
    "Fingerprint",
    "GrowingLog",
    "Growth",
    "LogFile",
    "Reader",
    "crc32c",
    "fingerprint",
    "masked",
    "read_log",
    "read_path",
]
