"""AUD014: one token fills much of the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import share
from traindx.dataset.counts import padding_in
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MostlyPadding(DataCheck):
    """One token fills much of the data: padding.

    ## What it looks at
    The share of the most frequent token. In text, no word is as frequent as padding: the commonest makes about 5 %.

    ## Why it matters
    Padding that counts in the loss is predicted with certainty after a few steps and adds zeros to the mean: with a share q of it, the logged
    loss is (1 - q) times the true one. Where it is left out, q of the computation is spent on nothing: where a mask or ignored
    labels stand beside the tokens, that is all, and this is told for information.

    ## What to try
    - Leave padding out of the loss (`ignore_index`, label -100), and pack or sort sequences by length.

    ## When it is wrong
    Images and sounds as tokens, where one code may be silence or background.
    """

    meta: ClassVar = RuleMeta(
        code="AUD014", name="mostly-padding", since="0.1", summary="one token fills much of the data"
    )
    needs: ClassVar = "tokens"

    most: float = 0.3
    """Six times what the commonest word of any language makes up."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak of each array of tokens that one of them fills."""
        for tokens in subject.tokens:
            token = padding_in(tokens, self.most)
            if token is None:
                continue
            part = float(tokens.counts[tokens.values == token][0]) / tokens.total
            marked = _marked(subject, tokens.name)
            yield self.finding(
                f"{share(part)} of {tokens.name or 'the tokens'} is token {token}, as padding is",
                Evidence(
                    label=f"share of token {token}",
                    measured=part,
                    expected=0.05,
                    formula="about the commonest word of a text",
                ),
                severity=Severity.INFO if marked else Severity.WARNING,
                confidence=0.75,
                why=f"{marked} leaves it out, and {share(part)} of the computation is spent on it"
                if marked
                else f"if it counts in the loss, the logged loss is {1 - part:.2f} times the true one; if it does not, {share(part)} of the computation is spent on it",
                do=("pack or sort sequences by length",)
                if marked
                else ("leave it out of the loss (ignore_index), and pack or sort sequences by length",),
                check=f"decode token {token}: a word or a code that means something refutes it",
                decided_by="data",
                rank=48,
            )


def _marked(subject: Subject, name: str) -> str:
    """The mask, or the labels with ignored ones, that stand beside each of these tokens; "" where there are none."""
    arrays = {array.name: array for array in subject.profile.arrays}
    tokens = arrays.get(name)
    if tokens is None:
        return ""
    ignoring = {labels.name for labels in subject.labels if labels.total > labels.classes().total}
    beside = [array for array in subject.of_role("mask") if array.name != name]
    beside += [array for array in subject.of_role("labels") if array.name in ignoring]
    same = (array.name for array in beside if (array.kind, array.shape) == (tokens.kind, tokens.shape))
    return next(same, "")
