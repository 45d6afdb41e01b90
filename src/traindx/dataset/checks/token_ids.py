"""AUD013: tokens outside the vocabulary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import some
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TokenIds(DataCheck):
    """Token ids lie outside the vocabulary.

    ## What it looks at
    The distinct token ids against the size of the vocabulary (`--vocab-size`).

    ## Why it matters
    An id beyond the embedding table is an error on the CPU and a device-side assertion, or a neighbour's memory, on a GPU. It usually means that another
    tokeniser wrote the file: then all other ids mean other words too, and the first loss lies above ln V.

    ## What to try
    - Tokenise with the tokeniser of the model; enlarge the embedding table for tokens that were added.

    ## When it is wrong
    Where the size given is not that of the table: padded tables are larger than the tokeniser.
    """

    meta: ClassVar = RuleMeta(
        code="AUD013", name="token-ids", since="0.1", summary="token ids that lie outside the vocabulary"
    )
    needs: ClassVar = "vocab_size"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak where the size of the vocabulary is known."""
        size = subject.vocab_size
        for tokens in subject.tokens if size else ():
            assert size is not None
            wrong = (tokens.values >= size) | ((tokens.values < 0) & (tokens.values != -100))
            if not wrong.any():
                continue
            count = int(tokens.counts[wrong].sum())
            ids = [str(v) for v in sorted(tokens.values[wrong].tolist(), reverse=True)]
            yield self.finding(
                f"{count:,} tokens of {tokens.name or 'the array'} lie outside the vocabulary of {size:,}: {some(ids)}",
                Evidence(
                    label="largest token id",
                    measured=float(tokens.values.max()),
                    expected=float(size - 1),
                    formula="vocab_size - 1",
                ),
                Evidence(
                    label="share of tokens outside",
                    measured=count / tokens.total,
                    expected=0.0,
                    formula="one tokeniser",
                ),
                severity=Severity.ERROR,
                confidence=0.95,
                why="the embedding table has no row for them; and if another tokeniser wrote the file, all other ids mean other words too",
                do=("tokenise with the tokeniser of the model, or enlarge the table for added tokens",),
                check="decode a few rows with the model's tokeniser: sense refutes a wrong tokeniser",
                decided_by="data",
                rank=88,
            )
