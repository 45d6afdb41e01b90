"""DVCLive's folder: one small table per metric below ``plots/metrics``, with the split as a sub-folder."""

from __future__ import annotations

from collections.abc import Iterator

from traindx.readers.plans import Part, Plan
from traindx.readers.walk import Folder


def dvclive_plan(folder: Folder, name: str) -> Plan | None:
    """Return the run of a folder that DVCLive wrote, or None. ``metrics.json`` beside it repeats the last step."""
    plots = folder.folders.get("plots")
    tree = plots.folders.get("metrics") if plots is not None else None
    if tree is None:
        return None
    parts = [Part(path, metric=metric) for metric, path in _tables(tree, "")]
    if not parts:
        return None
    settings = [folder.file("params.yaml")] if "params.yaml" in folder.files else []
    return Plan(name=name, home=folder.path, parts=parts, settings=settings)


def _tables(folder: Folder, prefix: str) -> Iterator[tuple[str, str]]:
    for file in folder.files:
        if file.endswith(".tsv"):
            yield prefix + file.removesuffix(".tsv"), folder.file(file)
    for sub, inner in folder.folders.items():
        yield from _tables(inner, f"{prefix}{sub}/")
