"""Retrieval metrics in a Lightning training."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch

with warnings.catch_warnings():  # Lightning's own imports warn of other libraries
    warnings.simplefilter("ignore")
    import lightning.pytorch as lightning

from traindx.integrations.lightning_retrieval import RetrievalCallback
from traindx.integrations.torchmetrics_retrieval import RetrievalMetrics

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::lightning.fabric.utilities.rank_zero.LightningDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The '.*dataloader' does not have many workers"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(autouse=True)
def same_weights() -> None:
    torch.manual_seed(0)


class DualEncoder(lightning.LightningModule):
    """Two linear maps trained to bring halves of the same rows together."""

    def __init__(self, *, hide: bool = False) -> None:
        super().__init__()
        self.one, self.other = torch.nn.Linear(8, 8), torch.nn.Linear(8, 8)
        self.ranks = RetrievalMetrics(only="query_to_item/recall_at_1")
        self.hide = hide

    def encoded(self, batch: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        one, other = self.one(batch[0]), self.other(batch[1])
        return torch.nn.functional.normalize(one), torch.nn.functional.normalize(other)

    def training_step(self, batch: list[torch.Tensor], index: int) -> torch.Tensor:
        one, other = self.encoded(batch)
        return torch.nn.functional.cross_entropy(10 * one @ other.T, torch.arange(len(one)))

    def validation_step(self, batch: list[torch.Tensor], index: int) -> Any:
        one, other = self.encoded(batch)
        self.ranks.update(one, other)
        self.log("val/metric", self.ranks)
        return None if self.hide else {"queries": one, "items": other}

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=0.03)


def data(rows: int) -> torch.utils.data.DataLoader[Any]:
    drawn = torch.Generator().manual_seed(rows)
    truth = torch.randn(rows, 8, generator=drawn)
    sides = [truth + 0.1 * torch.randn(rows, 8, generator=drawn) for _ in range(2)]
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*sides), batch_size=32)


def trained(module: DualEncoder, callback: RetrievalCallback, folder: Any, epochs: int = 3) -> lightning.Trainer:
    trainer = lightning.Trainer(
        max_epochs=epochs,
        callbacks=[callback],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        accelerator="cpu",
        default_root_dir=folder,
    )
    trainer.fit(module, data(256), data(100))
    return trainer


def test_the_callback_logs_metrics_with_their_chance(tmp_path: Any) -> None:
    callback = RetrievalCallback(names=("text", "audio"))
    trainer = trained(DualEncoder(), callback, tmp_path)
    logged = trainer.callback_metrics
    assert logged["val/text_to_audio/recall_at_1"] > 0.5
    assert logged["val/text_to_audio/recall_at_1_chance"] == pytest.approx(0.01)
    assert logged["val/metric"] == pytest.approx(logged["val/text_to_audio/recall_at_1"].item(), abs=1e-6)
    assert callback.report is not None
    assert callback.report.forward.gallery_size == 100  # the last epoch alone, and no sanity check


def test_embeddings_may_come_from_a_function(tmp_path: Any) -> None:
    callback = RetrievalCallback(embed=lambda module, batch: module.encoded(batch))  # type: ignore[operator, union-attr]
    trained(DualEncoder(hide=True), callback, tmp_path, epochs=1)
    assert callback.report is not None
    assert callback.report.forward.queries == 100


def test_a_module_without_embeddings_is_told_once_and_trains_on(tmp_path: Any) -> None:
    callback = RetrievalCallback()
    with pytest.warns(UserWarning, match="retrieval metrics are left out") as told:
        trainer = trained(DualEncoder(hide=True), callback, tmp_path, epochs=2)
    assert len([one for one in told if "left out" in str(one.message)]) == 1
    assert trainer.current_epoch == 2
    assert callback.report is None
