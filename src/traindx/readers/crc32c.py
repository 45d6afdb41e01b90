"""The Castagnoli CRC, of one message and of many at once.

Source: RFC 3720, appendix B.4 (polynomial 0x1EDC6F41, reflected); the masking is that of TFRecord files, so that a
checksum of data that holds checksums keeps its strength.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from traindx.readers.byteview import Bytes, Words

_POLYNOMIAL = 0x82F63B78
_MASK_DELTA = 0xA282EAD8
_LOW32 = np.uint64(0xFFFFFFFF)


def _byte_table() -> tuple[int, ...]:
    table: list[int] = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)  # noqa: PLW2901 - the register of the CRC
        table.append(value)
    return tuple(table)


def _word_tables() -> NDArray[np.uint64]:
    """Table k tells what a byte adds to the checksum when k bytes follow it."""
    first = np.array(_TABLE, dtype=np.uint64)
    tables = [first]
    for _ in range(7):
        tables.append(first[tables[-1] & np.uint64(0xFF)] ^ (tables[-1] >> np.uint64(8)))
    return np.stack(tables)


_TABLE = _byte_table()
_ARRAY = np.array(_TABLE, dtype=np.uint64)
_WORDS = _word_tables()
_CRC_OF_ZEROS = 0x8C28B28A  # of eight zero bytes


def crc32c(message: bytes) -> int:
    """Return the checksum of one message.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    crc = 0xFFFFFFFF
    for byte in message:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    """Return a checksum in the form that TFRecord files store."""
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF


def unmasked_many(stored: Words) -> Words:
    """Return the checksums behind stored ones."""
    rotated = (stored - np.uint64(_MASK_DELTA)) & _LOW32
    return ((rotated >> np.uint64(17)) | (rotated << np.uint64(15))) & _LOW32


def crc32c_of_words(words: Words) -> Words:
    """Return the checksum of each 8-byte little-endian word."""
    bits = int(words.max(initial=0)).bit_length()
    crc = np.full(words.shape, _CRC_OF_ZEROS, dtype=np.uint64)
    for index in range(-(-bits // 8)):  # bytes that are zero in all words are in the constant
        crc ^= _WORDS[7 - index][(words >> np.uint64(8 * index)) & np.uint64(0xFF)]
    return crc


def crc32c_of_rows(rows: Bytes) -> Words:
    """Return the checksum of each row."""
    crc = np.full(len(rows), _LOW32, dtype=np.uint64)
    for column in rows.T:
        crc = _ARRAY[(crc ^ column) & np.uint64(0xFF)] ^ (crc >> np.uint64(8))
    return crc ^ _LOW32
