"""Opening an SQLite file that may be damaged, hostile or in use, without ever writing to it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from urllib.parse import quote

from traindx.errors import UnreadableLogError
from traindx.readers.logfile import LogFile

# A damaged name can stand inside SQLite's message, which then is no text that Python can decode.
DAMAGE = (sqlite3.Error, UnicodeDecodeError)
MAGIC = b"SQLite format 3\0"
# Steps of SQLite's virtual machine: ample for some scans of the file, and an end for a schema made to run for ever.
_STEPS_PER_BYTE = 100
_STEPS_AT_LEAST = 10**9
_STEPS_PER_CALL = 10**6
# The two header bytes that say "write-ahead log"; a copy in memory cannot have one.
_MODE_BYTES = slice(18, 20)


def is_database(log: LogFile) -> bool:
    """Whether the content begins as every SQLite database does."""
    return log.head[:16] == MAGIC


@contextmanager
def opened(log: LogFile) -> Generator[sqlite3.Connection]:
    """Open the database for reading; errors of SQLite become ``UnreadableLogError``."""
    try:
        with closing(_connect(log)) as connection:
            _guard(connection, len(log.data))
            yield connection
    except DAMAGE as error:
        raise UnreadableLogError(
            f"the database could not be read: {cause(error)}",
            where=log.path,
            hint="is it complete? copy it together with its -wal file, or run sqlite3 FILE .recover",
        ) from None


def cause(error: Exception) -> str:
    """Return what SQLite said of a failure."""
    return str(error).lower() if isinstance(error, sqlite3.Error) else "its text is damaged"


def _connect(log: LogFile) -> sqlite3.Connection:
    if log.local is None:
        connection = sqlite3.connect(":memory:")
        image = bytearray(log.data)
        image[_MODE_BYTES] = b"\1\1"
        connection.deserialize(bytes(image))
        return connection
    busy = any(os.path.exists(log.local + suffix) for suffix in ("-wal", "-journal"))
    return sqlite3.connect(
        f"file:{quote(log.local)}?mode=ro{'' if busy else '&immutable=1'}",
        uri=True,
        timeout=5,
    )


def _guard(connection: sqlite3.Connection, size: int) -> None:
    """Keep the connection from writing, from running what the schema says, and from running for ever."""
    calls = (_STEPS_AT_LEAST + size * _STEPS_PER_BYTE) // _STEPS_PER_CALL
    budget = iter(range(calls))
    connection.set_progress_handler(lambda: next(budget, None) is None, _STEPS_PER_CALL)
    connection.text_factory = _text
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}").close()


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def tables(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    """Return the columns of each ordinary table, by its name."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type='table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
    names = [str(name) for (name,) in rows.fetchmany(1000)]
    return {
        name: frozenset(
            str(column) for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", (name,))
        )
        for name in names
    }
