"""Settings that differ between runs, the likelier reasons first, and what may be put down to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from traindx.context import FACTS
from traindx.diagnosis import Changed
from traindx.engine.compare.member import Member

# What people change on purpose and what moves a curve, the strongest first; the place in this list is the rank.
_LIKELY: Final = (
    "learning_rate|(^|_)lr($|_)|base_lr|peak_lr",
    "batch|accum|world_size|num_gpus|devices",
    "data|split|corpus|num_samples|train_size|augment|vocab|tokenizer|max_len|seq_len|resolution|image_size",
    "optim|schedul|beta|momentum|eps",
    "model|arch|hidden|width|depth|layers|heads|dim|pretrained|lora|rank",
    "loss|temperature|margin|smoothing|weight|reduction",
    "clip|warmup|decay|dropout|ema|precision|fp16|bf16|amp",
    "epoch|steps|iters|max_",
)
_SEED: Final = re.compile(r"(^|[._/])(random_|manual_)?seed($|[._/])")
# Names of places, machines, people and times: they differ between any two runs and move no curve.
_IDLE: Final = re.compile(
    r"(^|[._/-])(name|path|dir|root|file|folder|output|log|logging|id|uuid|run|exp|experiment|project|group|tags?|notes?|date|time|timestamp|host|hostname"
    r"|user|port|device|gpu_ids?|cuda|num_workers|workers|pid|version|commit|verbose|resume|ckpt|checkpoint|save|wandb|global_step|epoch|best\w*|total_flos"
    r"|start\w*|end\w*|url|entity|mode|is_\w+|trial_\w+)($|[._/-])"
)
_SHOWN: Final = 60


def changed_settings(before: Sequence[Member], after: Sequence[Member]) -> tuple[Changed, ...]:
    """Return the settings and facts whose values differ between two groups, the likelier reasons first."""
    one, other = _settings(before), _settings(after)
    differing = [
        Changed(name, one.get(name, ""), other.get(name, ""))
        for name in {**one, **other}
        if one.get(name) != other.get(name)
    ]
    return tuple(sorted(differing, key=lambda c: (_rank(c.name), c.name)))


def attribution(changed: Sequence[Changed], *, seeds: int) -> str:
    """Say what a difference may be put down to."""
    told = [c for c in changed if not _SEED.search(c.name.lower())]
    both = [c for c in told if c.before and c.after]
    noise = "" if seeds > 1 else "; with one run each, the noise between seeds is not known"
    if not told:
        return (
            f"no logged setting differs but the seed: the difference is chance, or something that was not logged{noise}"
        )
    names = ", ".join(c.name for c in told[:4]) + (f" and {len(told) - 4} more" if len(told) > 4 else "")
    if len(told) == 1:
        return f"only {told[0].name} differs ({told[0].before or 'not set'} to {told[0].after or 'not set'}): the difference may be put down to it{noise}"
    some = f" ({len(told) - len(both)} of them known for one run only)" if len(both) < len(told) else ""
    return f"not attributable: {len(told)} settings changed at once{some}: {names}. Change one at a time to tell them apart"


def _settings(members: Sequence[Member]) -> dict[str, str]:
    """Facts that were given or read, and settings that are no facts; several runs give all their values."""
    found: dict[str, set[str]] = {}
    for member in members:
        facts = {f.key: f.value for f in member.case[FACTS].values() if f.origin != "inferred"}
        sources = {f.source for f in member.case[FACTS].values()}
        plain = {s.name: s.value for s in member.case.run.settings if s.source not in sources}
        for name, value in {**plain, **facts}.items():
            if value is not None and not name.startswith("traindx.") and not _IDLE.search(name.lower()):
                found.setdefault(name, set()).add(_shown(value))
    return {name: " | ".join(sorted(values)) for name, values in found.items()}


def _shown(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _rank(name: str) -> int:
    low = name.lower()
    if _SEED.search(low):
        return len(_LIKELY) + 1
    return next((place for place, words in enumerate(_LIKELY) if re.search(words, low)), len(_LIKELY))


def seeds_of(members: Iterable[Member]) -> list[object]:
    """Return the seed of every run, None where it is not known."""
    return [m.fact("seed") for m in members]
