"""Ways to record a few scalars a step: what people use, and the least that it can cost."""

from __future__ import annotations

import json
import mmap
import os
import sqlite3
import struct
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Values = Mapping[str, float]
Log = Callable[[int, Values], object]
Way = tuple[Log, Callable[[], object]]  # what is called at each step, and what ends it


def monitor(folder: Path) -> Way:
    import traindx

    made = traindx.Monitor(folder, quiet=True)
    return lambda _, values: made.log(**values), made.close


def monitor_in_python(folder: Path) -> Way:
    """The same without the package that lets the processor make the checksums."""
    from traindx.live import recorder

    theirs = recorder.crc32c_extension
    recorder.crc32c_extension = lambda: None
    try:
        return monitor(folder)
    finally:
        recorder.crc32c_extension = theirs


def summary_writer(folder: Path) -> Way:
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(folder))

    def log(step: int, values: Values) -> None:
        for name, value in values.items():
            writer.add_scalar(name, value, step)

    return log, writer.close


def tensorboardx(folder: Path) -> Way:
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(str(folder))

    def log(step: int, values: Values) -> None:
        for name, value in values.items():
            writer.add_scalar(name, value, step)

    return log, writer.close


def wandb_offline(folder: Path) -> Way:
    os.environ["WANDB_SILENT"] = "true"
    import wandb

    run = wandb.init(dir=str(folder), mode="offline", project="bench", settings=wandb.Settings(console="off"))
    return lambda step, values: run.log(dict(values), step=step), run.finish


def csv_logger(folder: Path) -> Way:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lightning.pytorch.loggers import CSVLogger

    logger = CSVLogger(str(folder), flush_logs_every_n_steps=100)

    def log(step: int, values: Values) -> None:
        logger.log_metrics(dict(values), step)
        if step % 100 == 99:
            logger.save()

    return log, logger.save


def json_line(folder: Path) -> Way:
    try:
        from orjson import dumps
    except ImportError:

        def dumps(what: Any) -> bytes:
            return json.dumps(what).encode()

    file = os.open(folder / "log.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    return lambda step, values: os.write(file, dumps({"step": step, **values}) + b"\n"), lambda: os.close(file)


def sqlite_wal(folder: Path) -> Way:
    base = sqlite3.connect(folder / "log.db", isolation_level=None)
    base.executescript("pragma journal_mode=wal; pragma synchronous=off; create table log (step, name, value)")
    insert = "insert into log values (?, ?, ?)"

    def log(step: int, values: Values) -> None:
        base.execute("begin")
        base.executemany(insert, [(step, name, value) for name, value in values.items()])
        base.execute("commit")

    return log, base.close


def mapped(folder: Path) -> Way:
    with (folder / "log.bin").open("wb+") as file:
        file.truncate(1 << 28)
        memory = mmap.mmap(file.fileno(), 0)
    packers: dict[int, struct.Struct] = {}
    at = 0

    def log(step: int, values: Values) -> None:
        nonlocal at
        packer = packers.get(len(values)) or packers.setdefault(len(values), struct.Struct(f"<q{len(values)}d"))
        packer.pack_into(memory, at, step, *values.values())
        at += packer.size

    return log, memory.close


def appended(folder: Path) -> Way:
    del folder
    rows: list[object] = []
    return lambda step, values: rows.append((step, values)), rows.clear


WAYS: dict[str, Callable[[Path], Way]] = {
    "traindx.Monitor": monitor,
    "the same, checksums in Python": monitor_in_python,
    "torch SummaryWriter": summary_writer,
    "tensorboardX": tensorboardx,
    "wandb offline": wandb_offline,
    "Lightning CSVLogger": csv_logger,
    "sqlite3 WAL, one transaction a step": sqlite_wal,
    "orjson line, unbuffered write": json_line,
    "struct into a mapped file": mapped,
    "list append (nothing is kept)": appended,
}
