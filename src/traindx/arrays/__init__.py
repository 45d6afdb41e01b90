"""Arrays and tables in files, read a block of rows at a time: what retrieval and dataset measure."""

from traindx.arrays.source import ArraySource, Kind, MemorySource

__all__ = ["ArraySource", "Kind", "MemorySource"]
