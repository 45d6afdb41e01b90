"""A progress bar that was redirected to a file: redrawn with carriage returns, one line per epoch kept."""

from __future__ import annotations

from pathlib import Path

from benchmarks.accuracy.forms.rows import MACHINE, held_out, per_epoch, renamed
from benchmarks.accuracy.recorder import Recorder


def write(recorder: Recorder, folder: Path) -> Path:
    """Write output.txt."""
    rows = per_epoch(recorder)
    total = max((row.number for row in rows), default=0) + 1
    lines = []
    for row in rows:
        kept = {n: v for n, v in row.metrics.items() if not held_out(n) and n not in {"grad_norm", *MACHINE}}
        cells = ", ".join(
            f"{name}={value:.3g}" for name, value in renamed(kept, train="", val="val_", names={}).items()
        )
        lines.append(f"\rEpoch {row.number + 1}/{total}: 100%|██████████| 45/45 [00:02<00:00, 21.4it/s, {cells}]")
        tested = {n: v for n, v in row.metrics.items() if held_out(n)}
        if tested:
            shown = renamed(tested, train="", val="val_", names={})
            lines.append("  ".join(f"{name}: {value:.4f}" for name, value in shown.items()))
    path = folder / "output.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
