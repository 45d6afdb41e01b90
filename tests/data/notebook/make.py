"""A notebook whose cells printed a training: python make.py writes it beside this file."""

from __future__ import annotations

import json
from pathlib import Path

PRINTED = "".join(f"Epoch {i}: loss={2.0 * 0.8**i:.4f} val_loss={2.1 * 0.8**i:.4f}\n" for i in range(1, 7))
TABLE = "<table><tr><th>Step</th><th>Training Loss</th></tr><tr><td>10</td><td>1.5</td></tr><tr><td>20</td><td>1.2</td></tr></table>"


def cell(output: dict[str, object]) -> dict[str, object]:
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": ["# train"], "outputs": [output]}


if __name__ == "__main__":
    cells = [
        cell({"output_type": "stream", "name": "stdout", "text": PRINTED.splitlines(keepends=True)}),
        cell({"output_type": "display_data", "data": {"text/html": [TABLE]}, "metadata": {}}),
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (Path(__file__).parent / "training.ipynb").write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")
