"""Faults, one each, planted in models that are healthy without them; with the codes of which one must be said."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everybody writes it
from benchmarks.probing.healthy import Made, TokenModel, Towers, classified, cnn, info_nce, mlp, next_token
from torch import nn

SIZE = 24


def lr_zero() -> Made:
    made = mlp(SIZE)
    return made | {"optimizer": torch.optim.AdamW(made["model"].parameters(), lr=0.0)}


def lr_far_too_high() -> Made:
    made = mlp(SIZE)
    return made | {"optimizer": torch.optim.SGD(made["model"].parameters(), lr=300.0)}


def lr_far_too_low() -> Made:
    made = mlp(SIZE)
    return made | {"optimizer": torch.optim.AdamW(made["model"].parameters(), lr=1e-7)}


def detached_branch() -> Made:
    model = Towers()

    def loss(model: Any, batch: Any) -> Any:
        a, b = F.normalize(model.left(batch[0]), dim=-1).detach(), F.normalize(model.right(batch[1]), dim=-1)
        return F.cross_entropy(model.scale.exp() * a @ b.T, torch.arange(len(a)))

    return {
        "model": model,
        "loss": loss,
        "batch": (torch.randn(SIZE, 16), torch.randn(SIZE, 12)),
        "facts": {"loss": "info_nce", "negatives": SIZE},
    }


def detached_loss() -> Made:
    made = mlp(SIZE)
    return made | {"loss": lambda model, batch: F.cross_entropy(model(batch[0]).detach(), batch[1])}


def detached_term() -> Made:
    model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 4))

    def loss(model: Any, batch: Any) -> Any:
        out = model(batch[0])
        return {"value": (F.mse_loss(out, batch[1]), 1.0), "smoothness": (out.detach().diff(dim=1).pow(2).mean(), 5.0)}

    return {"model": model, "loss": loss, "batch": (torch.randn(SIZE, 10), torch.randn(SIZE, 4))}


def frozen_backbone() -> Made:
    made = cnn(SIZE)
    for part in list(made["model"])[:-1]:
        part.requires_grad_(False)
    return made


def softmax_twice() -> Made:
    made = mlp(SIZE)
    return made | {"model": nn.Sequential(made["model"], nn.Softmax(-1)), "optimizer": None}


def softmax_before_the_loss() -> Made:
    return mlp(SIZE) | {"loss": lambda model, batch: F.cross_entropy(F.softmax(model(batch[0]), -1), batch[1])}


def sigmoid_twice() -> Made:
    model = nn.Sequential(nn.Linear(24, 64), nn.SiLU(), nn.Linear(64, 7), nn.Sigmoid())
    return {
        "model": model,
        "loss": nn.BCEWithLogitsLoss(),
        "batch": (torch.randn(SIZE, 24), (torch.rand(SIZE, 7) < 0.2).float()),
    }


def sum_reduction() -> Made:
    return mlp(SIZE) | {"loss": nn.CrossEntropyLoss(reduction="sum")}


def divided_twice() -> Made:
    return mlp(SIZE) | {"loss": lambda model, batch: classified(model, batch) / len(batch[1])}


def sign_turned() -> Made:
    return mlp(SIZE) | {"loss": lambda model, batch: -classified(model, batch)}


def _tokens() -> torch.Tensor:
    return torch.randint(0, 50, (8, 16))


def labels_shifted_twice() -> Made:
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(vocab_size=60, n_positions=32, n_embd=32, n_layer=2, n_head=4, bos_token_id=0, eos_token_id=0)
    text = torch.randint(1, 60, (8, 17))
    return {
        "model": GPT2LMHeadModel(config),
        "loss": None,
        "batch": {"input_ids": text[:, :-1], "labels": text[:, 1:].clone()},
    }


def labels_shifted_twice_in_the_loss() -> Made:
    return {
        "model": TokenModel(),
        "loss": lambda model, ids: next_token(model, ids, 2),
        "batch": _tokens(),
        "facts": {"loss": "lm", "vocab_size": 50},
    }


def labels_not_shifted() -> Made:
    return {
        "model": TokenModel(),
        "loss": lambda model, ids: next_token(model, ids, 0),
        "batch": _tokens(),
        "facts": {"loss": "lm", "vocab_size": 50},
    }


def mask_not_causal() -> Made:
    return {
        "model": TokenModel(causal=False),
        "loss": next_token,
        "batch": _tokens(),
        "facts": {"loss": "lm", "vocab_size": 50},
    }


def padding_counted() -> Made:
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(vocab_size=60, n_positions=32, n_embd=32, n_layer=2, n_head=4, bos_token_id=0, eos_token_id=0)
    mask = (torch.arange(16) < torch.randint(6, 17, (8, 1))).long()
    ids = torch.randint(1, 60, (8, 16)) * mask
    return {
        "model": GPT2LMHeadModel(config),
        "loss": None,
        "batch": {"input_ids": ids, "attention_mask": mask, "labels": ids.clone()},
    }


def padding_counted_without_a_mask() -> Made:
    lengths = torch.randint(6, 17, (8, 1))
    ids = torch.randint(1, 50, (8, 16)).masked_fill(torch.arange(16) >= lengths, 0)
    return {"model": TokenModel(), "loss": next_token, "batch": ids, "facts": {"loss": "lm", "vocab_size": 50}}


def inputs_in_bytes() -> Made:
    made = cnn(SIZE)
    model = nn.Sequential(
        nn.Conv2d(3, 12, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 10)
    )
    return made | {
        "model": model,
        "optimizer": None,
        "batch": (torch.randint(0, 256, (SIZE, 3, 12, 12)).float(), made["batch"][1]),
    }


def targets_in_other_units() -> Made:
    model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 1))
    x = torch.randn(SIZE, 10)
    return {"model": model, "loss": nn.MSELoss(), "batch": (x, 200_000 + 50_000 * x[:, :1])}


def softmax_over_the_batch() -> Made:
    def loss(model: Any, batch: Any) -> Any:
        return F.nll_loss(F.log_softmax(model(batch[0]), dim=0), batch[1])

    return mlp(SIZE) | {"loss": loss}


class SequenceFirst(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru, self.head = nn.GRU(8, 24), nn.Linear(24, 4)  # batch_first was forgotten

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.gru(x)[0][:, -1])


def sequence_taken_for_batch() -> Made:
    return {
        "model": SequenceFirst(),
        "loss": classified,
        "batch": (torch.randn(SIZE, 10, 8), torch.randint(0, 4, (SIZE,))),
    }


def dead_relu() -> Made:
    made = mlp(SIZE)
    nn.init.constant_(made["model"][2].bias, -30.0)
    return made


def train_mode_batch_norm() -> Made:
    made = cnn(SIZE)
    norms = [part for part in made["model"] if isinstance(part, nn.BatchNorm2d)]
    for norm in norms:
        norm.track_running_stats, norm.running_mean, norm.running_var = False, None, None
    return made


def vanishing_gradients() -> Made:
    layers: list[nn.Module] = [nn.Linear(20, 32)]
    for _ in range(12):
        layers += [nn.Sigmoid(), nn.Linear(32, 32)]
    model = nn.Sequential(*layers, nn.Sigmoid(), nn.Linear(32, 5))
    return {"model": model, "loss": classified, "batch": (torch.randn(SIZE, 20), torch.randint(0, 5, (SIZE,)))}


def optimizer_of_another_model() -> Made:
    made = mlp(SIZE)
    return made | {"optimizer": torch.optim.Adam(copy.deepcopy(made["model"]).parameters())}


def head_not_in_the_optimizer() -> Made:
    made = mlp(SIZE)
    return made | {"optimizer": torch.optim.Adam(made["model"][:4].parameters())}


def hidden_layer_starts_at_zero() -> Made:
    made = mlp(SIZE)
    for part in (made["model"][2], made["model"][4]):
        nn.init.zeros_(part.weight)
        nn.init.zeros_(part.bias)
    return made


def all_units_alike() -> Made:
    made = mlp(SIZE)
    for part in made["model"]:
        if isinstance(part, nn.Linear):
            nn.init.constant_(part.weight, 0.05)
            nn.init.zeros_(part.bias)
    return made


def shapes_broadcast() -> Made:
    model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 1))
    x = torch.randn(SIZE, 10)
    return {"model": model, "loss": nn.MSELoss(), "batch": (x, x[:, 0] - x[:, 1])}


def nan_in_the_batch() -> Made:
    made = mlp(SIZE)
    made["batch"][0][3, 4] = float("nan")
    return made


def labels_from_one() -> Made:
    made = mlp(SIZE)
    labels = torch.arange(SIZE) % 10 + 1
    return made | {"batch": (made["batch"][0], labels)}


class Forgetful(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.head = nn.Linear(20, 32), nn.Linear(32, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.ones_like(x)  # overwritten while somebody was debugging
        return self.head(F.relu(self.first(x)))


def input_overwritten() -> Made:
    return mlp(SIZE) | {"model": Forgetful(), "optimizer": None}


class Cheating(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, x: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        return self.body(torch.cat([x, F.one_hot(label, 10).float()], -1))


def label_among_the_inputs() -> Made:
    made = mlp(SIZE)
    return made | {
        "model": Cheating(),
        "optimizer": None,
        "loss": lambda model, batch: F.cross_entropy(model(*batch), batch[1]),
        "targets": ("1",),
    }


def overflow_in_float16() -> Made:
    made = mlp(SIZE)

    class Large(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = made["model"]

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.body[4](self.body[3](self.body[2](300 * self.body[1](self.body[0](300 * x)))) / 90_000)

    return made | {"model": Large(), "optimizer": None, "facts": {"precision": "fp16"}}


def head_far_too_large() -> Made:
    made = mlp(SIZE)
    nn.init.normal_(made["model"][4].weight, std=20.0)
    return made


def dropout_at_evaluation() -> Made:
    class Dropping(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(20, 64), nn.Linear(64, 10)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.b(F.dropout(F.relu(self.a(x)), 0.3))

    return mlp(SIZE) | {"model": Dropping(), "optimizer": None}


def one_class_in_the_batch() -> Made:
    made = mlp(SIZE)
    return made | {"batch": (made["batch"][0], torch.full((SIZE,), 3))}


def nan_gradient() -> Made:
    made = mlp(SIZE)

    def loss(model: Any, batch: Any) -> Any:
        out = model(batch[0])
        return F.cross_entropy(out, batch[1]) + (out - out.detach()).pow(2).sum().sqrt()

    return made | {"loss": loss}


def towers_collapse_by_temperature() -> Made:
    model = Towers()
    nn.init.constant_(model.scale, 7.0)
    return {
        "model": model,
        "loss": info_nce,
        "batch": (torch.randn(SIZE, 16), torch.randn(SIZE, 12)),
        "facts": {"loss": "info_nce", "negatives": SIZE},
    }


FAULTS: dict[str, tuple[Callable[[], Made], tuple[str, ...]]] = {
    make.__name__: (make, codes)
    for make, codes in (
        (lr_zero, ("PRB031",)),
        (lr_far_too_high, ("PRB032",)),
        (lr_far_too_low, ("PRB032",)),
        (detached_branch, ("PRB020",)),
        (detached_loss, ("PRB020",)),
        (detached_term, ("PRB018",)),
        (frozen_backbone, ("PRB021",)),
        (softmax_twice, ("PRB013",)),
        (softmax_before_the_loss, ("PRB013",)),
        (sigmoid_twice, ("PRB013",)),
        (sum_reduction, ("PRB015",)),
        (divided_twice, ("PRB015",)),
        (sign_turned, ("PRB012",)),
        (labels_shifted_twice, ("PRB053",)),
        (labels_shifted_twice_in_the_loss, ("PRB053",)),
        (labels_not_shifted, ("PRB053",)),
        (mask_not_causal, ("PRB053",)),
        (padding_counted, ("PRB017",)),
        (padding_counted_without_a_mask, ("PRB017",)),
        (inputs_in_bytes, ("PRB003",)),
        (targets_in_other_units, ("PRB004",)),
        (softmax_over_the_batch, ("PRB014",)),
        (sequence_taken_for_batch, ("PRB041",)),
        (dead_relu, ("PRB023",)),
        (train_mode_batch_norm, ("PRB041",)),
        (vanishing_gradients, ("PRB022",)),
        (optimizer_of_another_model, ("PRB030",)),
        (head_not_in_the_optimizer, ("PRB030",)),
        (hidden_layer_starts_at_zero, ("PRB024",)),
        (all_units_alike, ("PRB024",)),
        (shapes_broadcast, ("PRB016",)),
        (nan_in_the_batch, ("PRB002",)),
        (nan_gradient, ("PRB010",)),
        (labels_from_one, ("PRB005",)),
        (one_class_in_the_batch, ("PRB005",)),
        (input_overwritten, ("PRB051",)),
        (label_among_the_inputs, ("PRB052",)),
        (overflow_in_float16, ("PRB040",)),
        (head_far_too_large, ("PRB011",)),
        (towers_collapse_by_temperature, ("PRB011",)),
        (dropout_at_evaluation, ("PRB042",)),
    )
}
