"""The words by which logs mark the rows of training, validation and test."""

from __future__ import annotations

_SPLITS = {
    **dict.fromkeys(("train", "training", "fit", "tr", "trn"), ""),
    **dict.fromkeys(("val", "valid", "validation", "validate", "dev", "eval", "evaluation", "evaluate"), "val/"),
    **dict.fromkeys(("test", "testing", "tst"), "test/"),
}
_MARKS = {"val/": ("val", "dev", "eval"), "test/": ("test",)}


def is_split_word(word: str) -> bool:
    """Whether a word can only mean training, validation or test."""
    return word.strip().lower() in _SPLITS


def split_name(name: str, split: str) -> str:
    """Return the series name of a metric in a row that belongs to ``split``.

    Training rows keep the raw name, validation rows get ``val/`` and test rows ``test/`` unless the name says so
    already. A split of another name becomes the prefix itself.
    """
    prefix = _SPLITS.get(split.strip().lower(), f"{split.strip()}/")
    said = name.lower().startswith(_MARKS.get(prefix, (prefix.lower(),))) if prefix else True
    return name if said else prefix + name
