"""Opening: whatever the compression, the pipe or the path, readers see the content, and damage is told."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from traindx.errors import MissingExtraError, UnreadableLogError
from traindx.readers import compression
from traindx.readers.opening import open_log

BODY = b"".join(b"step %d loss %.6f\n" % (i, 1 / (i + 1)) for i in range(20_000))
CODECS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
    ".zst": lambda data: zstandard.ZstdCompressor(level=3).compress(data),
}


@pytest.mark.parametrize("suffix", CODECS)
def test_a_compressed_log_is_read_like_a_plain_one_also_when_members_are_appended(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"train.log{suffix}"
    path.write_bytes(CODECS[suffix](BODY) + CODECS[suffix](BODY))
    log = open_log(str(path))
    assert bytes(log.data) == BODY * 2
    assert (log.name, log.truncated, log.local) == ("train.log", "", None)


@pytest.mark.parametrize("suffix", CODECS)
@pytest.mark.parametrize("sevenths", range(1, 7))
def test_a_torn_compressed_log_gives_what_was_readable_and_says_so(tmp_path: Path, suffix: str, sevenths: int) -> None:
    whole = CODECS[suffix](BODY)
    path = tmp_path / f"train.log{suffix}"
    path.write_bytes(whole[: len(whole) * sevenths // 7])
    log = open_log(str(path))
    assert BODY.startswith(bytes(log.data))
    assert "torn" in log.truncated


@pytest.mark.parametrize("suffix", CODECS)
def test_a_decompression_bomb_stops_at_the_limit(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"bomb.log{suffix}"
    path.write_bytes(CODECS[suffix](b"\0" * 60_000_000))
    log = open_log(str(path), limit_bytes=1_000_000)
    assert len(log.data) == 1_000_000
    assert log.truncated == "stopped after 1,000,000 decompressed bytes"


def test_zstd_without_its_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.log.zst"
    path.write_bytes(CODECS[".zst"](BODY))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    with pytest.raises(MissingExtraError, match=r"zstandard.*traindx\[zst\]"):
        open_log(str(path))
    assert compression.codec_of(path.read_bytes()[:6]) == "zstd"


def test_a_large_file_is_mapped_and_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("traindx.readers.opening._MAP_BYTES", 1000)
    path = tmp_path / "train.log"
    path.write_bytes(BODY)
    log = open_log(str(path))
    assert isinstance(log.data, memoryview)
    assert bytes(log.data) == BODY
    assert log.head == BODY[:65_536]
    assert log.text == BODY.decode()
    assert log.local == str(path)


def test_standard_input_is_read_under_the_name_that_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(BODY))))
    log = open_log("-", stdin_filename="run.log")
    assert (log.path, bytes(log.data)) == ("run.log", BODY)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BODY)))
    assert open_log("-").path == "<stdin>"


def test_a_remote_path_is_read_through_fsspec() -> None:
    import fsspec

    with fsspec.open("memory://bucket/train.log.gz", "wb") as file:
        file.write(gzip.compress(BODY))
    log = open_log("memory://bucket/train.log.gz")
    assert bytes(log.data) == BODY
    with pytest.raises(UnreadableLogError, match="cannot open"):
        open_log("memory://bucket/absent.log")
    with pytest.raises(UnreadableLogError, match="cannot open"):
        open_log("nosuchscheme://bucket/absent.log")


def test_a_remote_path_without_fsspec_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match=r"s3:// paths.*fsspec.*traindx\[remote\]"):
        open_log("s3://bucket/train.log")


@pytest.mark.parametrize("path", ["absent.log", "a\0b", "x" * 5000])
def test_a_path_that_cannot_be_opened_is_an_error_with_its_place(path: str) -> None:
    with pytest.raises(UnreadableLogError, match="cannot open the file") as caught:
        open_log(path)
    assert caught.value.where == path
