"""The log of a program's output: whole lines of both streams, up to a limit, and no error that reaches the program."""

from __future__ import annotations

from pathlib import Path

from traindx.cli.kept_output import KeptOutput

STDOUT, STDERR = 1, 2


def test_a_line_of_one_stream_is_never_cut_by_the_others(tmp_path: Path) -> None:
    kept = KeptOutput(tmp_path / "made" / "out.log")
    for stream, data in (
        (STDOUT, b"step 1 | lo"),
        (STDERR, b"a warning\nand"),
        (STDOUT, b"ss 2.5\nstep 2"),
        (STDERR, b" more\n"),
        (STDOUT, b" | loss 2.0"),
    ):
        kept.add(stream, data)
    assert kept.path.read_bytes() == b"a warning\nstep 1 | loss 2.5\nand more\n"
    kept.close()
    assert kept.path.read_bytes().endswith(b"step 2 | loss 2.0")


def test_frames_of_a_progress_bar_and_lines_without_end_are_kept_as_they_come(tmp_path: Path) -> None:
    kept = KeptOutput(tmp_path / "out.log")
    kept.add(STDOUT, b"10%\r20%\r3")
    assert kept.path.read_bytes() == b"10%\r20%\r"
    kept.add(STDOUT, b"x" * 70_000)
    kept.close()
    assert kept.path.read_bytes() == b"10%\r20%\r3" + b"x" * 70_000


def test_at_its_limit_the_log_stops_at_a_whole_line_and_says_so(tmp_path: Path) -> None:
    kept = KeptOutput(tmp_path / "out.log", most_bytes=25)
    for number in range(9):
        kept.add(STDOUT, b"line %d ...\n" % number)
    kept.close()
    assert kept.path.read_bytes() == b"line 0 ...\nline 1 ...\n"
    assert "grows no further" in kept.problem


def test_a_disk_that_is_full_ends_the_log_and_nothing_else(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        return
    link = tmp_path / "out.log"
    link.symlink_to(full)
    kept = KeptOutput(link)
    kept.add(STDOUT, b"a line\n")
    assert "no space left" in kept.problem
    kept.add(STDOUT, b"another line\n")
    kept.close()
