"""The ways in which people call a loss are understood, and what is none is refused with a hint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import lightning
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody writes it
from torch import nn

import traindx
from traindx import probe
from traindx.errors import UsageError
from traindx.render import Look, json_document, terminal_text

ONLY = ("doubling",)


def net() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3))


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(12, 6), torch.randint(0, 3, (12,))


def loss_of(report: Any) -> str:
    return str(next(fact.value for fact in report.facts if fact.key == "loss"))


class Module(lightning.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.net, self.logged = net(), 0

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        x, y = batch
        loss = F.cross_entropy(self.net(x), y)
        self.log("train/loss", loss)
        return {"loss": loss}

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.AdamW(self.parameters(), lr=0.0)
        return {"optimizer": optimizer, "lr_scheduler": torch.optim.lr_scheduler.ConstantLR(optimizer)}


def test_a_lightning_module_is_probed_by_its_training_step_and_its_own_optimiser() -> None:
    module = Module()
    report = probe.run(module, None, batch(), only=("movement", "fit"), budget_s=600)
    assert [f.code for f in report.findings if f.severity is traindx.Severity.ERROR] == ["PRB031"]
    assert "log" not in module.__dict__
    assert report.limits == ()


def test_a_lightning_module_that_optimises_by_hand_is_refused() -> None:
    module = Module()
    module.automatic_optimization = False
    with pytest.raises(UsageError, match="by hand"):
        probe.run(module, None, batch())


@pytest.mark.parametrize(
    "loss", [nn.CrossEntropyLoss(), F.cross_entropy, lambda model, batch: F.cross_entropy(model(batch[0]), batch[1])]
)
def test_a_criterion_a_function_of_torch_and_a_function_of_model_and_batch_are_the_same(loss: Any) -> None:
    report = probe.run(net(), loss, batch(), only=ONLY)
    assert "averaged" in loss_of(report)


class Pair(NamedTuple):
    x: torch.Tensor
    label: torch.Tensor


@dataclass
class Held:
    x: torch.Tensor
    label: torch.Tensor
    note: str = "kept as it is"


@pytest.mark.parametrize("kind", [Pair, Held])
def test_named_tuples_and_dataclasses_are_batches(kind: Any) -> None:
    def loss(model: Any, batch: Any) -> Any:
        assert isinstance(batch, kind)
        return F.cross_entropy(model(batch.x), batch.label)

    report = probe.run(net(), loss, kind(*batch()), only=ONLY)
    assert {(f.key, f.value) for f in report.facts} >= {("inputs", "x"), ("targets", "label"), ("batch_size", 12)}


def terms(model: Any, batch: Any) -> tuple[torch.Tensor, torch.Tensor]:
    out = model(batch[0])
    return F.cross_entropy(out, batch[1]), out.pow(2).mean()


RETURNS = {
    "pairs of term and weight": lambda a, b: {"ce": (a, 1.0), "size": (b, 0.5)},
    "terms, then weights": lambda a, b: ({"ce": a, "size": b}, {"size": 0.5}),
    "a total among its terms": lambda a, b: {"loss": a + 0.5 * b, "ce": a, "size": b},
}


@pytest.mark.parametrize("how", RETURNS)
def test_every_term_is_listed_with_its_value_and_what_knowing_nothing_costs(how: str) -> None:
    given = batch()
    report = probe.run(net(), lambda model, batch: RETURNS[how](*terms(model, batch)), given, only=("PRB018",))
    (found,) = [f for f in report.findings if f.code == "PRB018"]
    assert [e.label.partition(",")[0] for e in found.evidence] == ["ce", "size"]
    shares = torch.bincount(given[1]).double() / 12
    assert found.evidence[0].expected == pytest.approx(float(-(shares * shares.log()).nansum()), abs=1e-6)
    assert report.scale is not None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"model": 3, "loss": None, "batch": batch()}, "no model"),
        ({"model": net(), "loss": None, "batch": batch()}, "no loss was given"),
        ({"model": net(), "loss": None, "batch": None}, "a batch is needed"),
        ({"model": net(), "loss": 3, "batch": batch()}, "cannot be called"),
        ({"model": net(), "loss": lambda model: 0, "batch": batch()}, "must take .model, batch."),
        ({"model": net(), "loss": nn.CrossEntropyLoss(), "batch": {"x": batch()[0]}}, "two parts"),
        ({"model": net(), "loss": F.cross_entropy, "batch": "text"}, "two parts"),
        ({"model": net(), "loss": terms, "batch": 3}, "no tensors"),
        ({"model": net(), "loss": terms, "batch": batch(), "optimizer": 3}, "torch.optim.Optimizer"),
        ({"model": net(), "loss": lambda model, batch: model(batch[0]), "batch": batch()}, "36 numbers"),
        ({"model": net(), "loss": lambda model, batch: "low", "batch": batch()}, "returned a str"),
        ({"model": net(), "loss": terms, "batch": batch(), "only": ("PRB099",)}, "unknown experiment or check"),
        ({"model": net(), "loss": terms, "batch": batch(), "targets": ("2",)}, "unknown part of the batch"),
        ({"model": net(), "loss": terms, "batch": batch(), "facts": {"clases": 3}}, "unknown fact"),
        ({"model": net(), "loss": terms, "batch": batch(), "objective": 3}, "no facts"),
        ({"model": net(), "loss": terms, "batch": batch(), "budget_s": 0}, "budget_s"),
        ({"model": nn.LazyLinear(3), "loss": terms, "batch": batch()}, "no shape yet"),
        ({"model": nn.Linear(4, 3, device="meta"), "loss": terms, "batch": batch()}, "hold no numbers"),
        ({"model": net(), "loss": terms, "batch": tuple(part[:0] for part in batch())}, "holds no samples"),
        ({"model": net(), "loss": terms, "batch": batch(), "budget_s": "60"}, "budget_s"),
        ({"model": net(), "loss": terms, "batch": batch(), "budget_s": float("inf")}, "budget_s"),
        ({"model": net(), "loss": terms, "batch": batch(), "seed": "a"}, "seed must be a whole number"),
        ({"model": net(), "loss": terms, "batch": batch(), "seed": -1}, "seed must be a whole number"),
        ({"model": net(), "loss": terms, "batch": batch(), "facts": [1]}, "not a mapping"),
        ({"model": net(), "loss": terms, "batch": batch(), "weights": [1]}, "not a mapping"),
        ({"model": net(), "loss": terms, "batch": batch(), "weights": {"zz": 2.0}, "only": "doubling"}, "unknown term"),
    ],
)
def test_what_cannot_be_probed_is_refused_with_the_reason(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        probe.run(**arguments)


def test_an_objective_tells_what_theory_needs() -> None:
    def hidden(model: Any, batch: Any) -> Any:
        return F.cross_entropy(model[2](model[1](model[0](batch[0]))), batch[1]) * 1.0

    report = probe.run(
        net(),
        hidden,
        batch(),
        objective=Told(),
        only=ONLY,
    )
    assert any(mark.name == "chance" and mark.value == pytest.approx(1.0986, abs=1e-4) for mark in report.scale.marks)  # type: ignore[union-attr]


class Told:
    def facts(self) -> dict[str, Any]:
        return {"loss": "cross_entropy", "num_classes": 3}


def test_the_report_is_rendered_like_any_other() -> None:
    report = probe.run(net(), nn.CrossEntropyLoss(reduction="sum"), batch(), only=("doubling", "PRB015"))
    shown = terminal_text(report, Look(width=80))
    assert "PRB015" in shown
    assert "traindx rule PRB015" in shown
    assert '"code": "PRB015"' in json_document([report], version="0")


def test_warnings_of_the_loss_are_not_repeated_hundreds_of_times(recwarn: Iterator[Any]) -> None:
    def warning(model: Any, batch: Any) -> Any:
        return F.mse_loss(model(batch[0])[:, :1], batch[0][:, 0])  # torch warns of shapes here

    probe.run(net(), warning, batch(), only=("fit",))
    assert list(recwarn) == []


def test_a_single_name_stands_for_a_list_of_one() -> None:
    one, listed = (
        probe.run(net(), nn.CrossEntropyLoss(), batch(), only=names, targets=paths)
        for names, paths in (("doubling", "1"), (("doubling",), ("1",)))
    )
    assert one.passed == listed.passed
