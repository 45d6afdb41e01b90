"""Makes trackio.db with Trackio itself (0.43): python make.py, with trackio installed.

Two runs; the first has NaN and an infinity, a nested object, a configuration and an alert.
"""

import math
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

FILE = Path(__file__).parent / "trackio.db"


def main() -> None:
    folder = tempfile.mkdtemp()
    os.environ["TRACKIO_DIR"] = folder
    import trackio

    for name, start in (("first", 2.0), ("second", 3.0)):
        trackio.init(project="demo", name=name, config={"lr": 0.1, "batch_size": 8}, embed=False)
        for step in range(12):
            row = {"loss": start / (1 + step), "epoch": step // 4, "val": {"acc": step / 12}}
            if name == "first" and step in (5, 6):
                row["grad_norm"] = math.nan if step == 5 else math.inf
            trackio.log(row)
        if name == "first":
            trackio.alert(title="loss rose", text="by a factor of two", level=trackio.AlertLevel.WARN)
        trackio.finish()
    (source,) = Path(folder).glob("demo*.db")
    connection = sqlite3.connect(source)
    connection.execute("PRAGMA journal_mode = DELETE").close()
    connection.executescript("PRAGMA page_size = 512; VACUUM; PRAGMA journal_mode = WAL;")
    connection.close()
    shutil.copy(source, FILE)


if __name__ == "__main__":
    main()
