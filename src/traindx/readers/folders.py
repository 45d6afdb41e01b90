"""Which files of a directory belong to one run, and which are different runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Final

from traindx.readers.checkpoints import checkpoint_of_file, checkpoint_of_folder
from traindx.readers.dvclive_folder import dvclive_plan
from traindx.readers.file_kinds import Kind, kind_of
from traindx.readers.mlflow_folder import mlflow_plan
from traindx.readers.plans import SPLITS, Part, Plan
from traindx.readers.walk import Folder
from traindx.run import Checkpoint

_CONTAINERS: Final = frozenset(
    (
        "wandb",
        "runs",
        "log",
        "logs",
        "tb",
        "tb_logs",
        "tf_logs",
        "tensorboard",
        "events",
        "summaries",
        "vis_data",
        "tflogs",
    )
)
_WANDB_RUN: Final = re.compile(r"(?:offline-)?run-\d{8}_\d{6}-(\w{1,64})\Z")
_HPARAMS_FOLDER: Final = re.compile(r"\d{9,11}\.\d{1,9}\Z")  # what SummaryWriter.add_hparams creates
_STAMP: Final = re.compile(r"\d{8}[-_]?\d{4,6}|\d{4}-\d\d-\d\d(?:[-_T ]\d\d[-:.]\d\d(?:[-:.]\d\d)?)?")
_RANK: Final = re.compile(r"[-_.]?(?:rank|worker|workerlog|gpu|node)[-_.]?\d{1,5}\Z")
_ENDINGS: Final = re.compile(r"\.(?:log|txt|csv|tsv|jsonl?|ndjson|out|err|gz|xz|zst|bz2|\d{1,4})\Z")
_SPLIT_STEM: Final = re.compile(
    r"(train|training|val|valid|validation|eval|evaluation|dev|test)(?:[-_.]?(?:log|logs|loss|losses|metrics|history|results))?\Z"
)
_PER_EPOCH: Final = re.compile(r"metrics_epoch_(\d{1,9})\.json\Z")


def plans_of(folder: Folder, name: str) -> list[Plan]:
    """Return the runs in ``folder`` and below it; ``name`` is what the run of the folder itself is called."""
    special = mlflow_plan(folder, name) or dvclive_plan(folder, name) or _wandb_plan(folder, name)
    if special is not None:
        return [special]
    own = _own_plans(folder, name)
    below = {sub: plans_of(inner, _below(name, sub)) for sub, inner in folder.folders.items() if _is_entered(inner)}
    merged_wandb = {sub: _joined_by_id(plans) for sub, plans in below.items()}
    _take_splits(own, merged_wandb, folder, name)
    if len(own) == 1:
        _take_containers(own[0], merged_wandb, folder)
    rest = [plan for plans in merged_wandb.values() for plan in plans]
    _give_settings(own, rest, folder)
    return own + rest


def files_plan(paths: list[str]) -> Plan:
    """Return the plan of files that were given one by one and together make one run."""
    home = os.path.dirname(paths[0])
    ordered = sorted(paths, key=lambda path: _file_order(os.path.basename(path)))
    return Plan(name=os.path.basename(home) or home, home=home, parts=[Part(path) for path in ordered])


def _below(name: str, sub: str) -> str:
    return f"{name}/{sub}" if name else sub


def _is_entered(folder: Folder) -> bool:
    return folder.name != ".hydra" and checkpoint_of_folder(folder.path) is None


def _own_plans(folder: Folder, name: str) -> list[Plan]:
    """Return the runs whose files lie in the folder itself."""
    chosen = [file for file in folder.files if kind_of(file) is Kind.LOG]
    unsure = [file for file in folder.files if kind_of(file) is Kind.MAYBE]
    if not any(_stem(file)[0] == "" for file in chosen):
        chosen, unsure = chosen + unsure, []  # no name says "the log of this folder": each file may be one
    if any(_PER_EPOCH.match(file) for file in chosen):  # the same numbers once more, of the last or best epoch
        chosen = [file for file in chosen if file != "metrics.json"]
    groups: dict[str, list[Part]] = {}
    for file in sorted(chosen, key=_file_order):
        stem, prefix = _stem(file)
        groups.setdefault(stem, []).append(Part(folder.file(file), prefix))
    state = _largest_state(folder)
    if state and "trainer_state.json" not in folder.files:
        groups.setdefault("", []).append(Part(state))
    if "" in groups:  # files of known names make this the folder of one run: the others are of the same
        groups = {"": [part for parts in groups.values() for part in parts]}
    if len(groups) == 1:
        skipped = [folder.file(file) for file in unsure]
        return [Plan(name=name, home=folder.path, parts=next(iter(groups.values())), left_out=skipped)]
    return [Plan(name=_below(name, stem), home=folder.path, parts=parts) for stem, parts in groups.items()]


def _largest_state(folder: Folder) -> str:
    """Each checkpoint repeats the whole history: return the longest one."""
    states = [
        (inner.files["trainer_state.json"], inner.file("trainer_state.json"))
        for inner in folder.folders.values()
        if checkpoint_of_folder(inner.path) and "trainer_state.json" in inner.files
    ]
    return max(states)[1] if states else ""


_ONE_RUN: Final = re.compile(
    r"(?:events\.out|trainer_state|trainer_log|metrics|progress|results?|measurements|monitor|.{0,60}\.monitor|wandb-history"
    r"|loss_log|logs?|log_history|history|stdout|stderr|output|console|nohup|main|cout|scalars|workerlog|scalar"
    r"|train(?:ing)?[-_]?(?:log|metrics|history|losses)?)\Z"
)


def _stem(file: str) -> tuple[str, str]:
    """Return the part of a file's name that tells runs apart ("" where nothing does), and the split that it names."""
    if "tfevents" in file or _PER_EPOCH.match(file):
        return "", ""
    stem = file.lower()
    while (shorter := _ENDINGS.sub("", stem)) != stem and shorter:
        stem = shorter
    stem = _RANK.sub("", _STAMP.sub("", stem).strip("-_. "))
    split = _SPLIT_STEM.match(stem)
    if split:
        return "", SPLITS.get(split[1], "")
    return ("", "") if not stem or _ONE_RUN.match(stem) else (stem, "")


def _file_order(file: str) -> tuple[str, int, str]:
    """Order epochs by number, and rotated logs (``log.2``, ``log.1``, ``log``) from the oldest on."""
    epoch = _PER_EPOCH.match(file)
    if epoch:
        return "metrics_epoch", int(epoch[1]), file
    stem, _, tail = file.rpartition(".")
    if tail.isdigit() and len(tail) <= 4 and not stem.startswith("workerlog"):
        return stem, -int(tail), file
    return file, 0, file


def _take_splits(own: list[Plan], below: dict[str, list[Plan]], folder: Folder, name: str) -> None:
    """Sub-folders that writers make for a split belong to the run above them; so do those of single scalars."""
    for sub, plans in below.items():
        if len(plans) != 1 or plans[0].home != folder.folders[sub].path or not plans[0].only_events:
            continue
        is_split = sub.lower() in SPLITS
        is_hparams = bool(_HPARAMS_FOLDER.match(sub))
        if is_split and not own:
            own.append(Plan(name=name, home=folder.path))
        if len(own) != 1 or not (is_split or own[0].parts):
            continue
        if is_split or is_hparams:
            own[0].absorb(plans[0], SPLITS.get(sub.lower(), ""))
        elif own[0].parts and any(part.is_events for part in own[0].parts) and "_" in sub:
            own[0].scalars.append(plans[0])
        else:
            continue
        below[sub] = []


def _take_containers(own: Plan, below: dict[str, list[Plan]], folder: Folder) -> None:
    """A single run in a folder named like a tracker is the same run seen by it; Hugging Face restarts make several."""
    is_hf = any(os.path.basename(part.path) == "trainer_state.json" for part in own.parts)
    for sub, plans in below.items():
        alone = sub.lower() in _CONTAINERS and len(plans) == 1
        restarts = is_hf and sub == "runs" and all(plan.only_events for plan in plans)
        if alone or restarts:
            for plan in plans:
                own.absorb(plan)
            below[sub] = []
        elif _STAMP.fullmatch(sub) and len(plans) == 1 and folder.folders[sub].folders.keys() & {"vis_data"}:
            own.absorb(plans[0])  # mmengine keeps its JSON below a folder named by the time
            below[sub] = []


def _give_settings(own: list[Plan], rest: list[Plan], folder: Folder) -> None:
    """The settings and checkpoints of a folder are those of its only run, be it in the folder or below."""
    runs = own or rest
    if len(runs) != 1:
        return
    runs[0].settings = settings_of(folder) + runs[0].settings
    runs[0].checkpoints += checkpoints_of(folder)


def settings_of(folder: Folder) -> list[str]:
    """Return the settings files of a folder, the most specific first."""
    found = [folder.file(file) for file in folder.files if kind_of(file) is Kind.SETTINGS]
    for inner in (".hydra", "files"):
        if inner in folder.folders:
            found += settings_of(folder.folders[inner])
    return [path for path in found if not path.endswith("hydra.yaml")]


def checkpoints_of(folder: Folder) -> list[Checkpoint]:
    """Return the checkpoints in a folder and in its folder of checkpoints."""
    found = [checkpoint_of_file(folder.file(file)) for file in folder.files]
    for sub, inner in folder.folders.items():
        one = checkpoint_of_folder(inner.path)
        found.append(one)
        if one is None and sub.lower() in ("checkpoints", "checkpoint", "ckpts", "ckpt", "weights", "models", "orbax"):
            found += checkpoints_of(inner)
    return [one for one in found if one is not None]


def _wandb_plan(folder: Folder, name: str) -> Plan | None:
    """The folder of one W&B run: its ``.wandb`` file, or where that is missing what lies in ``files``."""
    if not _WANDB_RUN.match(folder.name):
        return None
    files = folder.folders.get("files", Folder(folder.path))
    logs = [folder.file(file) for file in folder.files if file.endswith(".wandb")]
    for other in ("wandb-history.jsonl", "output.log"):
        if not logs and other in files.files:
            logs = [files.file(other)]
    if not logs:
        return None
    parts = [Part(path) for path in logs]
    return Plan(name=name, home=folder.path, parts=parts, settings=settings_of(files))


def _joined_by_id(plans: Iterable[Plan]) -> list[Plan]:
    """A resumed W&B run has several folders with one id."""
    joined: dict[str, Plan] = {}
    for plan in plans:
        match = _WANDB_RUN.search(os.path.basename(plan.home))
        key = match[1] if match else f"{plan.home}//{plan.name}"
        if key in joined:
            joined[key].absorb(plan)
        else:
            joined[key] = plan
    return list(joined.values())
