"""``compute_metrics`` for the Trainer of transformers: retrieval metrics of a dual encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast

from traindx.retrieval import RetrievalMetric, RetrievalReport, Similarity, scalars


class RetrievalComputeMetrics:
    """Give it as ``Trainer(compute_metrics=...)`` of a model that returns the embeddings of both sides.

    ``queries`` and ``items`` say where they stand in the model's outputs without the loss: places in a tuple (for CLIP, text and image embeddings are 2 and 3).
    ``labels`` says what the labels hold: ids of samples (each counts once), groups (rows of one group share an item), or nothing
    of use. With ``batch_eval_metrics=True`` batches are taken one by one, and no more than the embeddings is kept; without it
    ``Trainer`` keeps all outputs of the model (``include_for_metrics`` is not needed). Trainer puts the processes together itself.

    The names are those of ``traindx.retrieval.scalars``, with chance levels and interval ends; ``metric_for_best_model="query_to_item/recall_at_1"`` works. ``report`` keeps the last report.
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

    def __call__(self, prediction: Any, compute_result: bool = True) -> dict[str, float]:
        """Take an ``EvalPrediction``; return the metrics once the last batch is in, nothing before."""
        held = prediction.predictions
        outputs: Sequence[Any] = cast("Sequence[Any]", held) if isinstance(held, (tuple, list)) else (held,)
        if max(self.places) >= len(outputs):
            raise ValueError(
                f"the model's outputs hold {len(outputs)} arrays, and embeddings are looked for at {self.places}"
            )
        keys = {} if self.labels is None else {self.labels: prediction.label_ids}
        self.metric.update(outputs[self.places[0]], outputs[self.places[1]], **keys)
        if not compute_result:
            return {}
        try:
            self.report = self.metric.compute()
        finally:
            self.metric.reset()
        return scalars(self.report)
