"""The folder of one run in MLflow's file store: a tree of metric files, with parameters and tags beside it."""

from __future__ import annotations

from collections.abc import Iterator

from traindx.readers.mlflow_store import looks_like_metric
from traindx.readers.plans import Part, Plan
from traindx.readers.walk import Folder
from traindx.readers.yaml_subset import scalar
from traindx.run import Setting

_MAX_PARAMETER_BYTES = 4_096
_TAGS = ("mlflow.runName", "mlflow.note.content", "mlflow.source.name")


def mlflow_plan(folder: Folder, name: str) -> Plan | None:
    """Return the run of an MLflow run folder, or of a bare tree of its metrics; None where the folder is neither."""
    tree = folder.folders.get("metrics")
    if tree is None:
        if folder.name != "metrics" or folder.folders.keys() & {"metrics"}:
            return None
        tree = folder
    parts = [Part(path, metric=metric) for metric, path in _files(tree, "")]
    if not parts or not _is_metric_tree(parts[0].path):
        return None
    settings = [folder.file("meta.yaml")] if "meta.yaml" in folder.files else []
    for kind in ("params", "tags"):
        inner = folder.folders.get(kind)
        settings += [path for _, path in _files(inner, "")] if inner is not None else []
    return Plan(name=name, home=folder.path, parts=parts, settings=settings, is_mlflow=True)


def parameter(path: str, home: str, data: bytes) -> Setting | None:
    """Return the setting in a file of ``params`` or ``tags``, whose name is the file's path below them."""
    kind, _, name = path[len(home) :].strip("/\\").replace("\\", "/").partition("/")
    if kind not in ("params", "tags") or len(data) > _MAX_PARAMETER_BYTES:
        return None
    if kind == "tags" and name.startswith("mlflow.") and name not in _TAGS:
        return None
    return Setting(name, scalar(data.decode("utf-8", "replace").strip()), f"{path}:1")


def _files(folder: Folder, prefix: str) -> Iterator[tuple[str, str]]:
    for file in folder.files:
        if not file.startswith("."):
            yield prefix + file, folder.file(file)
    for sub, inner in folder.folders.items():
        yield from _files(inner, f"{prefix}{sub}/")


def _is_metric_tree(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return looks_like_metric(file.read(4096))
    except OSError:
        return False
