"""Facts that stand in words, not in settings: a banner, a title, the name of a model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from traindx.context.keys import Fact, FactValue
from traindx.run import Run

# (words, fact, value): words with capitals as the field writes them, so that "clip_grad" is not CLIP.
_WORDS: tuple[tuple[re.Pattern[str], str, FactValue], ...] = (
    (re.compile(r"\bSigLIP", re.IGNORECASE), "loss", "siglip"),
    (
        re.compile(r"\bInfoNCE\b|\bNT-?Xent\b|\bOpenCLIP\b|\bCLIP\b|\bCLIPModel\b|(?i:\bcontrastive loss\b)"),
        "loss",
        "info_nce",
    ),
    (re.compile(r"\bSAM[ -]?3\b|\bSAM\b(?=.*\b(?:LoRA|DETR|quer))"), "loss", "sam3"),
    (re.compile(r"\bDETR\b|\bDeformable-?DETR\b"), "loss", "detr"),
    (re.compile(r"\bCTC\b"), "loss", "ctc"),
    (re.compile(r"\bDPO\b"), "loss", "dpo"),
    (re.compile(r"\bGRPO\b"), "loss", "grpo"),
    (re.compile(r"\bDINO(?:v[23])?\b"), "loss", "dino"),
    (re.compile(r"\bMSE\b|(?i:\bmean squared error\b)"), "loss", "mse"),
    (re.compile(r"\bLoRA\b|\bQLoRA\b"), "lora", True),
    (re.compile(r"(?i:\bpre-?trained\b)|\bLAION\b"), "pretrained", True),
)

# Settings whose value names a model or an objective.
_NAMING = re.compile(
    r"(?:^|[./])(?:model|model_name|model_name_or_path|_name_or_path|arch|architecture|architectures|criterion|objective|loss_type|trainer)$"
)


def facts_in_words(run: Run) -> tuple[Fact, ...]:
    """Return facts told by the words of the log's head and by names of models among its settings, the first for each key.

    They are weaker than any setting of that name: those override them.
    """
    found: dict[str, Fact] = {}
    for text, source in _texts(run):
        for pattern, key, value in _WORDS:
            match = pattern.search(text)
            if match is not None and key not in found:
                found[key] = Fact(key, value, "read", f"{source}: {match.group(0)!r}")
    return tuple(found.values())


def _texts(run: Run) -> Iterator[tuple[str, str]]:
    for setting in run.settings:
        if isinstance(setting.value, str) and _NAMING.search(setting.name):
            yield setting.value[:200], setting.source
    if run.words:
        yield run.words, f"the head of {run.sources[0].path}" if run.sources else "the head of the log"
    yield run.name.partition(": ")[2][:200], "the heading of the run"
