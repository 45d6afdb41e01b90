"""python -m benchmarks.accuracy generate|report: see README.md beside this file."""

from __future__ import annotations

import argparse
from pathlib import Path


def main() -> None:
    """Run one of the two commands."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("generate", help="make the runs that are missing, and labels.jsonl")
    making.add_argument("--out", type=Path, required=True, help="the folder to fill")
    making.add_argument("--small", action="store_true", help="only the slice that the tests judge")
    making.add_argument("--only", action="append", default=[], metavar="PROGRAM", help="only this program (repeatable)")
    told = commands.add_parser("report", help="judge the runs and write docs/accuracy.md and the figures")
    told.add_argument("--runs", type=Path, required=True, help="a folder that generate has filled")
    told.add_argument("--peers", type=Path, help="the bin folder of an environment with the peers")
    asked = parser.parse_args()
    if asked.command == "generate":
        from benchmarks.accuracy.generate import generate

        print(f"{generate(asked.out, small=asked.small, only=asked.only)} runs made in {asked.out}")
        return
    from benchmarks.accuracy.report import write_report

    write_report(asked.runs, asked.peers)


if __name__ == "__main__":
    main()
