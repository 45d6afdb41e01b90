"""Healthy models of many kinds, each with its loss, one batch and an optimiser, for any seed and batch size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everybody writes it
from torch import nn

Made = dict[str, Any]
Make = Callable[[int], Made]


def classified(model: Any, batch: Any) -> Any:
    return F.cross_entropy(model(batch[0]), batch[1])


def _adam(model: nn.Module, rate: float = 1e-3) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=rate)


def mlp(size: int) -> Made:
    model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    return {
        "model": model,
        "loss": classified,
        "batch": (torch.randn(size, 20), torch.randint(0, 10, (size,))),
        "optimizer": _adam(model),
    }


def deep_relu(size: int) -> Made:
    layers: list[nn.Module] = [nn.Linear(20, 48)]
    for _ in range(6):
        layers += [nn.ReLU(), nn.Linear(48, 48)]
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    model = nn.Sequential(*layers, nn.ReLU(), nn.Linear(48, 5))
    return {
        "model": model,
        "loss": nn.CrossEntropyLoss(),
        "batch": (torch.randn(size, 20), torch.randint(0, 5, (size,))),
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9),
    }


def cnn(size: int) -> Made:
    model = nn.Sequential(
        nn.Conv2d(3, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(24, 10),
    )  # fmt: skip
    return {
        "model": model,
        "loss": classified,
        "batch": (torch.randn(size, 3, 12, 12), torch.randint(0, 10, (size,))),
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4),
    }


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.a, self.b = (
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
        )
        self.norm_a, self.norm_b = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        nn.init.zeros_(self.norm_b.weight)  # the usual start of a residual block: nothing is added yet

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.norm_b(self.b(F.relu(self.norm_a(self.a(x))))))


def resnet(size: int) -> Made:
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        Block(16),
        Block(16),
        Block(16),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
    )
    pixels = torch.rand(size, 3, 12, 12)  # from 0 to 1, not standardised: common, and no fault
    return {
        "model": model,
        "loss": classified,
        "batch": (pixels, torch.randint(0, 10, (size,))),
        "optimizer": _adam(model),
    }


class TokenModel(nn.Module):
    """A small causal transformer; ``shift`` and ``causal`` are where the faults go."""

    def __init__(self, vocab: int = 50, width: int = 48, *, causal: bool = True, dropout: float = 0.0) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocab, width), nn.Embedding(64, width)
        for table in (self.tokens, self.places):
            nn.init.normal_(table.weight, std=0.02)
        layer = nn.TransformerEncoderLayer(width, 4, 2 * width, dropout=dropout, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm, self.head, self.causal = nn.LayerNorm(width), nn.Linear(width, vocab, bias=False), causal
        nn.init.normal_(self.head.weight, std=0.02)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        length = ids.shape[1]
        x = self.tokens(ids) + self.places(torch.arange(length, device=ids.device))
        mask = nn.Transformer.generate_square_subsequent_mask(length) if self.causal else None
        return self.head(self.norm(self.blocks(x, mask=mask, is_causal=self.causal)))


def next_token(model: Any, ids: Any, shift: int = 1) -> Any:
    logits = model(ids)
    kept, wanted = (logits[:, :-shift], ids[:, shift:]) if shift else (logits, ids)
    return F.cross_entropy(kept.reshape(-1, kept.shape[-1]), wanted.reshape(-1))


def language_model(size: int) -> Made:
    model = TokenModel()
    return {
        "model": model,
        "loss": next_token,
        "batch": torch.randint(0, 50, (size, 16)),
        "facts": {"loss": "lm", "vocab_size": 50},
        "optimizer": torch.optim.AdamW(model.parameters(), lr=3e-4),
    }


class Patches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cut = nn.Conv2d(3, 32, 4, stride=4)
        self.token, self.places = nn.Parameter(torch.zeros(1, 1, 32)), nn.Parameter(torch.zeros(1, 10, 32))
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.1, batch_first=True, norm_first=True, activation="gelu")
        self.blocks, self.head = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False), nn.Linear(32, 10)
        nn.init.zeros_(self.head.weight)  # as in the original: the head starts at zero

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.cut(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.places
        return self.head(self.blocks(x)[:, 0])


def vit(size: int) -> Made:
    model = Patches()
    return {
        "model": model,
        "loss": nn.CrossEntropyLoss(label_smoothing=0.1),
        "batch": (torch.randn(size, 3, 12, 12), torch.randint(0, 10, (size,))),
        "optimizer": torch.optim.AdamW(model.parameters(), lr=1e-3),
    }


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.gru, self.head = (
            nn.Embedding(40, 24),
            nn.GRU(24, 32, num_layers=2, batch_first=True),
            nn.Linear(32, 4),
        )

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.head(self.gru(self.words(ids))[0][:, -1])


def gru(size: int) -> Made:
    model = Recurrent()
    batch = {"tokens": torch.randint(0, 40, (size, 12)), "label": torch.randint(0, 4, (size,))}
    return {
        "model": model,
        "loss": lambda model, batch: F.cross_entropy(model(batch["tokens"]), batch["label"]),
        "batch": batch,
        "optimizer": _adam(model),
    }


class Towers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.left = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 24))
        self.right = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 24))
        self.scale = nn.Parameter(torch.tensor(2.659))

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return self.scale.exp() * F.normalize(self.left(a), dim=-1) @ F.normalize(self.right(b), dim=-1).T


def info_nce(model: Any, batch: Any) -> Any:
    scores = model(*batch)
    labels = torch.arange(len(scores))
    return (F.cross_entropy(scores, labels) + F.cross_entropy(scores.T, labels)) / 2


def two_towers(size: int) -> Made:
    model = Towers()
    return {
        "model": model,
        "loss": info_nce,
        "batch": (torch.randn(size, 16), torch.randn(size, 12)),
        "facts": {"loss": "info_nce", "negatives": size},
        "optimizer": _adam(model),
    }


def autoencoder(size: int) -> Made:
    model = nn.Sequential(
        nn.Linear(30, 24), nn.GELU(), nn.Linear(24, 12), nn.GELU(), nn.Linear(12, 24), nn.GELU(), nn.Linear(24, 30)
    )
    codes = torch.randn(size, 4)
    return {
        "model": model,
        "loss": lambda model, x: F.mse_loss(model(x), x),
        "batch": codes @ torch.randn(4, 30) / 2,
        "optimizer": _adam(model),
    }


class Variational(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encode, self.decode = (
            nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 16)),
            nn.Sequential(nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 64)),
        )

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        mean, log_variance = self.encode(x).chunk(2, -1)
        z = mean + torch.randn_like(mean) * (log_variance / 2).exp()
        return self.decode(z), mean, log_variance


def vae(size: int) -> Made:
    model = Variational()

    def loss(model: Any, x: Any) -> Any:
        logits, mean, log_variance = model(x)
        reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
        kl = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum() / len(x)
        return {"reconstruction": (reconstruction, 1.0), "kl": (kl, 1.0)}

    return {"model": model, "loss": loss, "batch": (torch.rand(size, 64) < 0.3).float(), "optimizer": _adam(model)}


def regression(size: int) -> Made:
    model = nn.Sequential(nn.Linear(10, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 3))
    x = torch.randn(size, 10)
    return {
        "model": model,
        "loss": nn.MSELoss(),
        "batch": (x, torch.sin(x[:, :3]) + 0.5 * x[:, 3:6] + 0.1 * torch.randn(size, 3)),
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.05),
    }


def segmentation(size: int) -> Made:
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.GroupNorm(4, 16),
        nn.ReLU(),
        nn.Conv2d(16, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 1, 1),
    )
    pictures = torch.randn(size, 3, 16, 16)
    masks = (pictures.mean(1, keepdim=True) > 0.6).float()

    def loss(model: Any, batch: Any) -> Any:
        logits = model(batch["image"])
        p, t = logits.sigmoid().flatten(1), batch["mask_target"].flatten(1)
        dice = 1 - ((2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1)).mean()
        return {"bce": (F.binary_cross_entropy_with_logits(logits, batch["mask_target"]), 1.0), "dice": (dice, 0.5)}

    return {
        "model": model,
        "loss": loss,
        "batch": {"image": pictures, "mask_target": masks},
        "optimizer": _adam(model, 3e-3),
    }


class Adapted(nn.Module):
    def __init__(self, layer: nn.Linear, rank: int = 4) -> None:
        super().__init__()
        self.layer = layer.requires_grad_(False)
        self.down, self.up = (
            nn.Parameter(torch.randn(rank, layer.in_features) / rank),
            nn.Parameter(torch.zeros(layer.out_features, rank)),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x) + x @ self.down.T @ self.up.T


def adapters(size: int) -> Made:
    model = nn.Sequential(
        Adapted(nn.Linear(20, 96)), nn.ReLU(), Adapted(nn.Linear(96, 96)), nn.ReLU(), nn.Linear(96, 6)
    )
    return {
        "model": model,
        "loss": classified,
        "batch": (torch.randn(size, 20), torch.randint(0, 6, (size,))),
        "facts": {"lora": True},
        "optimizer": _adam(model),
    }


def dropout_heavy(size: int) -> Made:
    model = nn.Sequential(
        nn.Linear(20, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 5),
    )
    return {
        "model": model,
        "loss": classified,
        "batch": (torch.randn(size, 20), torch.randint(0, 5, (size,))),
        "optimizer": _adam(model),
    }


def multilabel(size: int) -> Made:
    model = nn.Sequential(nn.LayerNorm(24), nn.Linear(24, 64), nn.SiLU(), nn.Linear(64, 7))
    return {
        "model": model,
        "loss": nn.BCEWithLogitsLoss(),
        "batch": (torch.randn(size, 24), (torch.rand(size, 7) < 0.2).float()),
        "optimizer": _adam(model),
    }


def warming_up(size: int) -> Made:
    made = mlp(size)
    torch.optim.lr_scheduler.LambdaLR(made["optimizer"], lambda step: min(step / 100, 1.0))
    return made


def _hugging(model: Any, batch: dict[str, Any], **more: Any) -> Made:
    return {
        "model": model,
        "loss": None,
        "batch": batch,
        "optimizer": torch.optim.AdamW(model.parameters(), lr=5e-4),
        **more,
    }


def hf_bert(size: int) -> Made:
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(
        vocab_size=60, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, num_labels=3
    )
    mask = (torch.arange(12) < torch.randint(5, 13, (size, 1))).long()
    batch = {
        "input_ids": torch.randint(5, 60, (size, 12)) * mask,
        "attention_mask": mask,
        "labels": torch.randint(0, 3, (size,)),
    }
    return _hugging(BertForSequenceClassification(config), batch)


def hf_gpt2(size: int) -> Made:
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(vocab_size=60, n_positions=32, n_embd=32, n_layer=2, n_head=4, bos_token_id=0, eos_token_id=0)
    ids = torch.randint(1, 60, (size, 16))
    mask = (torch.arange(16) < torch.randint(8, 17, (size, 1))).long()
    labels = ids.masked_fill(mask == 0, -100)
    return _hugging(GPT2LMHeadModel(config), {"input_ids": ids * mask, "attention_mask": mask, "labels": labels})


def hf_clip(size: int) -> Made:
    from transformers import CLIPConfig, CLIPModel

    text = {
        "vocab_size": 60,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 16,
        "eos_token_id": 59,
        "bos_token_id": 1,
        "pad_token_id": 0,
    }
    vision = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "image_size": 16,
        "patch_size": 8,
    }
    model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=24))
    ids = torch.randint(2, 58, (size, 10))
    ids[:, -1] = 59
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "pixel_values": torch.randn(size, 3, 16, 16)}

    def loss(model: Any, batch: Any) -> Any:
        return model(**batch, return_loss=True)

    return _hugging(model, batch) | {"loss": loss, "facts": {"loss": "info_nce", "negatives": size}}


HEALTHY: dict[str, Make] = {
    make.__name__: make
    for make in (
        mlp, deep_relu, cnn, resnet, language_model, vit, gru, two_towers, autoencoder, vae, regression, segmentation,
        adapters, dropout_heavy, multilabel, warming_up, hf_bert, hf_gpt2, hf_clip,
    )
}  # fmt: skip
