"""Retrieval metrics in the Trainer of transformers, on a tiny dual encoder with random weights."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import transformers
    from transformers import EvalPrediction, Trainer, TrainingArguments

from traindx.integrations.hf_retrieval import RetrievalComputeMetrics
from traindx.retrieval import evaluate, scalars

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]


class DualEncoder(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.one, self.other = torch.nn.Linear(6, 6), torch.nn.Linear(6, 6)

    def forward(
        self, left: torch.Tensor, right: torch.Tensor, labels: torch.Tensor | None = None
    ) -> dict[str, torch.Tensor]:
        one, other = self.one(left), self.other(right)
        loss = torch.nn.functional.cross_entropy(one @ other.T, torch.arange(len(one)))
        return {"loss": loss, "queries": one, "items": other}


class Rows(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    def __init__(self, rows: int) -> None:
        drawn = torch.Generator().manual_seed(1)
        truth = torch.randn(rows, 6, generator=drawn)
        self.left = truth + 0.1 * torch.randn(rows, 6, generator=drawn)
        self.right = truth + 0.1 * torch.randn(rows, 6, generator=drawn)

    def __len__(self) -> int:
        return len(self.left)

    def __getitem__(self, at: int) -> dict[str, torch.Tensor]:
        return {"left": self.left[at], "right": self.right[at], "labels": torch.tensor(at)}


@pytest.mark.parametrize("by_batch", [True, False])
def test_the_trainer_reports_ranks_over_the_whole_set(tmp_path: Any, by_batch: bool) -> None:
    transformers.logging.set_verbosity_error()
    metrics = RetrievalComputeMetrics(labels="ids", names=("text", "audio"))
    arguments = TrainingArguments(
        output_dir=str(tmp_path),
        per_device_eval_batch_size=16,
        batch_eval_metrics=by_batch,
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )
    data = Rows(50)
    trainer = Trainer(model=DualEncoder(), args=arguments, eval_dataset=data, compute_metrics=metrics)
    found = trainer.evaluate()
    with torch.no_grad():
        model = DualEncoder()
        whole = scalars(
            evaluate(
                model.one(data.left).numpy(), model.other(data.right).numpy(), examine=False, names=("text", "audio")
            )
        )
    assert {name: found[f"eval_{name}"] for name in whole} == pytest.approx(whole, rel=1e-5)
    assert metrics.report is not None
    assert metrics.report.forward.gallery_size == 50
    again = trainer.evaluate()
    assert again["eval_text_to_audio/mrr"] == pytest.approx(found["eval_text_to_audio/mrr"])


def test_outputs_without_embeddings_are_refused_in_words() -> None:
    prediction = EvalPrediction(predictions=np.zeros((3, 2)), label_ids=np.arange(3))
    with pytest.raises(ValueError, match="outputs hold 1 arrays"):
        RetrievalComputeMetrics()(prediction)


@pytest.mark.filterwarnings("default::UserWarning")
def test_rows_that_cannot_be_ranked_are_warned_of_and_the_training_goes_on() -> None:
    rows = np.random.default_rng(0).normal(size=(20, 4))
    holes = rows.copy()
    holes[3] = np.nan
    metrics = RetrievalComputeMetrics()
    with pytest.warns(UserWarning, match=r"left out: .*hold NaN: row 3"):
        assert metrics(EvalPrediction(predictions=(holes, rows), label_ids=None)) == {}
    assert metrics(EvalPrediction(predictions=(rows, rows), label_ids=None))["query_to_item/recall_at_1"] == 1
    with pytest.warns(UserWarning, match="5 queries and 4 items"):
        assert metrics(EvalPrediction(predictions=(rows[:5], rows[:4]), label_ids=None), compute_result=False) == {}
    assert metrics(EvalPrediction(predictions=(rows, rows), label_ids=None)) == {}  # of a part of the rows
    assert metrics(EvalPrediction(predictions=(rows, rows), label_ids=None))["query_to_item/gallery_size"] == 20
