"""``compute_metrics`` for the Trainer of transformers: retrieval metrics of a dual encoder."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal, cast

from traindx.errors import UsageError
from traindx.retrieval import RetrievalMetric, RetrievalReport, Similarity, scalars


class RetrievalComputeMetrics:
    """Give it as ``Trainer(compute_metrics=...)`` of a model that returns the embeddings of both sides.

    ``queries`` and ``items`` say where they stand in the model's outputs without the loss: places in a tuple (for CLIP, text and image embeddings are 2 and 3).
    ``labels`` says what the labels hold: ids of samples (each counts once), groups (rows of one group share an item), or nothing
    of use. With ``batch_eval_metrics=True`` batches are taken one by one, and no more than the embeddings is kept; without it
    ``Trainer`` keeps all outputs of the model (``include_for_metrics`` is not needed). Trainer puts the processes together itself.

    The names are those of ``traindx.retrieval.scalars``, with chance levels and interval ends; ``metric_for_best_model="query_to_item/recall_at_1"`` works. ``report`` keeps the last report.
    Embeddings that cannot be ranked, as rows with NaN, are warned of and leave that evaluation without these metrics.
    """

    def __init__(
        self,
        *,
        queries: int = 0,
        items: int = 1,
        labels: Literal["ids", "groups"] | None = None,
        ks: Sequence[int] = (1, 5, 10),
        similarity: Similarity = "cosine",
        names: tuple[str, str] = ("query", "item"),
    ) -> None:
        self.places, self.labels = (queries, items), labels
        self.metric = RetrievalMetric(ks=ks, similarity=similarity, names=names, distributed=False)
        self.report: RetrievalReport | None = None
        self._left_out = False

    def __call__(self, prediction: Any, compute_result: bool = True) -> dict[str, float]:
        """Take an ``EvalPrediction``; return the metrics once the last batch is in, nothing before."""
        held = prediction.predictions
        outputs: Sequence[Any] = cast("Sequence[Any]", held) if isinstance(held, (tuple, list)) else (held,)
        if max(self.places) >= len(outputs):
            raise ValueError(
                f"the model's outputs hold {len(outputs)} arrays, and embeddings are looked for at {self.places}"
            )
        keys = {} if self.labels is None else {self.labels: prediction.label_ids}
        try:
            if not self._left_out:
                self.metric.update(outputs[self.places[0]], outputs[self.places[1]], **keys)
            return self._computed() if compute_result else {}
        except UsageError as error:  # rows with NaN, say: a metric must not end a training
            warnings.warn(f"retrieval metrics of this evaluation are left out: {error}", stacklevel=2)
            self._left_out = not compute_result
            self.metric.reset()
            return {}

    def _computed(self) -> dict[str, float]:
        """Judge all batches of an evaluation, and begin anew; nothing where one of them could not be taken."""
        if self._left_out:
            self._left_out = False
            return {}
        self.report = self.metric.compute()
        self.metric.reset()
        return scalars(self.report)
