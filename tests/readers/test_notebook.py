"""A notebook is read by what its cells printed and showed, never by their source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from traindx.errors import UnreadableLogError
from traindx.readers import read_path


def _cell(*outputs: dict[str, object], source: str = "train()") -> dict[str, object]:
    return {"cell_type": "code", "metadata": {}, "source": [source], "outputs": list(outputs)}


def _notebook(path: Path, *cells: dict[str, object]) -> Path:
    path.write_text(json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def _printed(text: str) -> dict[str, object]:
    return {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}


LOSSES = [2.3, 1.9, 1.6, 1.2, 0.9]


def test_printed_lines_are_read_and_source_is_not(tmp_path: Path) -> None:
    lines = "".join(f"epoch {i}, train_loss: {loss}\n" for i, loss in enumerate(LOSSES))
    book = _notebook(tmp_path / "a.ipynb", _cell(_printed(lines), source="loss = 0.5  # epoch 7, val_loss: 3.0"))
    runs = read_path(book)
    assert len(runs) == 1
    assert runs[0].series["train_loss"].values.tolist() == LOSSES
    assert set(runs[0].series) == {"train_loss"}
    assert runs[0].sources[0].format == "notebook"


def test_the_table_of_a_trainer_is_read(tmp_path: Path) -> None:
    rows = "".join(
        f"<tr><td>{500 * (i + 1)}</td><td>{loss}</td><td>{loss + 0.1:.1f}</td></tr>" for i, loss in enumerate(LOSSES)
    )
    page = f'<table border="1"><thead><tr style="text-align: left;"><th>Step</th><th>Training Loss</th><th>Validation Loss</th></tr></thead><tbody>{rows}</tbody></table>'
    shown: dict[str, object] = {
        "output_type": "display_data",
        "data": {"text/html": [page], "text/plain": ["<IPython.core.display.HTML object>"]},
    }
    run = read_path(_notebook(tmp_path / "a.ipynb", _cell(shown)))[0]
    assert run.series["Training Loss"].values.tolist() == LOSSES
    assert run.series["Training Loss"].steps.tolist() == [500, 1000, 1500, 2000, 2500]
    assert len(run.series["Validation Loss"]) == len(LOSSES)


def test_two_trainings_in_two_cells_are_two_runs(tmp_path: Path) -> None:
    lines = "".join(f"epoch {i}, loss: {loss}\n" for i, loss in enumerate(LOSSES))
    book = _notebook(
        tmp_path / "a.ipynb", _cell(_printed(lines)), _cell(_printed("accuracy: 0.93\n")), _cell(_printed(lines))
    )
    assert [run.name for run in read_path(book)] == ["a.ipynb cell 1", "a.ipynb cell 3"]


@pytest.mark.parametrize(
    "content", ['{"cells": []}', '{"cells": [', '{"cells": [{"cell_type": "code", "outputs": [{"text": 3}]}]}']
)
def test_a_notebook_without_numbers_or_in_pieces_is_refused_with_a_hint(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.ipynb").write_text(content)
    with pytest.raises(UnreadableLogError) as caught:
        read_path(tmp_path / "a.ipynb")
    assert caught.value.hint
