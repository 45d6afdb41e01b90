"""Rules about sequences: transcription and language models."""

from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = ()
