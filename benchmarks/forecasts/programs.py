"""Fourteen small training programs on data that is made, or comes with scikit-learn and with Python itself."""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
import torch
from benchmarks.forecasts.stacked import Params, Program
from sklearn import datasets
from torch import Generator, Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


def _normal(runs: int, rows: int, columns: int, draw: Generator, scale: float = 1.0) -> Tensor:
    return torch.randn((runs, rows, columns), generator=draw) * scale / math.sqrt(rows)


def _dense(runs: int, sizes: tuple[int, ...], draw: Generator) -> Params:
    made: Params = {}
    for i, (a, b) in enumerate(itertools.pairwise(sizes)):
        made[f"w{i}"] = _normal(runs, a, b, draw, math.sqrt(2) if i < len(sizes) - 2 else 0.5)
        made[f"b{i}"] = torch.zeros((runs, 1, b))
    return made


def _forward(p: Params, x: Tensor, act=torch.relu) -> Tensor:
    depth = len(p) // 2
    for i in range(depth):
        x = torch.matmul(x, p[f"w{i}"]) + p[f"b{i}"]
        x = act(x) if i < depth - 1 else x
    return x


def _ce(logits: Tensor, y: Tensor) -> Tensor:
    chosen = logits.gather(-1, y.expand(logits.shape[0], -1).unsqueeze(-1)).squeeze(-1)
    return (torch.logsumexp(logits, -1) - chosen).mean(-1)


def _pick(size: int, batch: int, draw: Generator) -> Tensor:
    return torch.randint(0, size, (batch,), generator=draw)


def _split(x: np.ndarray, y: np.ndarray, held: float = 0.3) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order], y[order]
    cut = int(len(x) * (1 - held))
    x = (x - x[:cut].mean(0)) / (x[:cut].std(0) + 1e-3)
    to = lambda a: torch.from_numpy(np.ascontiguousarray(a))  # noqa: E731
    return to(x[:cut].astype(np.float32)), to(y[:cut]), to(x[cut:].astype(np.float32)), to(y[cut:])


def _classes(name: str, load, sizes: tuple[int, ...], batch: int, rates, act=torch.relu, noise: float = 0.0) -> Program:
    x, y = load(return_X_y=True)
    if noise:
        rng = np.random.default_rng(1)
        y = np.where(rng.random(len(y)) < noise, rng.integers(0, y.max() + 1, len(y)), y)
    tx, ty, vx, vy = _split(x, y.astype(np.int64))
    shape = (tx.shape[1], *sizes, int(y.max()) + 1)

    def batch_loss(p: Params, draw: Generator) -> Tensor:
        i = _pick(len(tx), batch, draw)
        return _ce(_forward(p, tx[i], act), ty[i])

    return Program(name, lambda r, d: _dense(r, shape, d), batch_loss, lambda p: _ce(_forward(p, vx, act), vy), rates)


def digits() -> Program:
    return _classes("digits", datasets.load_digits, (48,), 32, {"momentum": (0.003, 0.06), "adam": (3e-4, 1e-2)})


def noisy_digits() -> Program:
    return _classes(
        "noisy-digits", datasets.load_digits, (32, 32), 64, {"momentum": (0.002, 0.04), "adam": (2e-4, 5e-3)}, noise=0.2
    )


def tumours() -> Program:
    return _classes(
        "tumours", datasets.load_breast_cancer, (16,), 16, {"sgd": (0.003, 0.1), "adam": (2e-4, 5e-3)}, act=torch.tanh
    )


def diabetes() -> Program:
    x, y = datasets.load_diabetes(return_X_y=True)
    tx, ty, vx, vy = _split(x, ((y - y.mean()) / y.std()).astype(np.float32))

    def error(p: Params, x: Tensor, y: Tensor) -> Tensor:
        return (_forward(p, x, torch.tanh).squeeze(-1) - y).square().mean(-1)

    def batch_loss(p: Params, draw: Generator) -> Tensor:
        i = _pick(len(tx), 32, draw)
        return error(p, tx[i], ty[i])

    return Program(
        "diabetes",
        lambda r, d: _dense(r, (10, 24, 1), d),
        batch_loss,
        lambda p: error(p, vx, vy),
        {"momentum": (0.0005, 0.01), "adam": (3e-4, 5e-3)},
    )


def teacher() -> Program:
    """A student of a random network, on fresh samples: no overfitting, a floor of noise."""
    draw = torch.Generator().manual_seed(5)
    goal = _dense(1, (20, 24, 24, 1), draw)
    goal = {k: v * 1.5 for k, v in goal.items()}
    vx = torch.randn((512, 20), generator=draw)
    scale = _forward(goal, vx, torch.tanh).std()
    vy = (_forward(goal, vx, torch.tanh)[0, :, 0] / scale) + 0.1 * torch.randn(512, generator=draw)

    def error(p: Params, x: Tensor, y: Tensor) -> Tensor:
        return (_forward(p, x, torch.tanh).squeeze(-1) - y).square().mean(-1)

    def batch_loss(p: Params, draw: Generator) -> Tensor:
        x = torch.randn((32, 20), generator=draw)
        y = _forward(goal, x, torch.tanh)[0, :, 0] / scale + 0.1 * torch.randn(32, generator=draw)
        return error(p, x, y)

    return Program(
        "teacher",
        lambda r, d: _dense(r, (20, 64, 64, 1), d),
        batch_loss,
        lambda p: error(p, vx, vy),
        {"momentum": (0.002, 0.03), "adam": (3e-4, 1e-2)},
    )


def autoencoder() -> Program:
    x, y = datasets.load_digits(return_X_y=True)
    tx, _, vx, _ = _split(x / 16, y)
    tx, vx = tx.clamp(-3, 3), vx.clamp(-3, 3)

    def error(p: Params, x: Tensor) -> Tensor:
        return (_forward(p, x) - x).square().mean((-1, -2))

    return Program(
        "autoencoder",
        lambda r, d: _dense(r, (64, 32, 12, 32, 64), d),
        lambda p, draw: error(p, tx[_pick(len(tx), 32, draw)]),
        lambda p: error(p, vx),
        {"momentum": (0.02, 0.3), "adam": (3e-4, 1e-2)},
    )


@functools.cache
def _text() -> tuple[Tensor, int]:
    """The reference manual that comes with Python, in characters; rare ones become one."""
    from pydoc_data.topics import topics

    text = "\n".join(topics[key] for key in sorted(topics))
    kept = sorted(set(text), key=text.count, reverse=True)[:63]
    index = {c: i + 1 for i, c in enumerate(sorted(kept))}
    return torch.tensor([index.get(c, 0) for c in text], dtype=torch.int64), 64


def _windows(text: Tensor, length: int, places: Tensor) -> Tensor:
    return text[places[:, None] + torch.arange(length + 1)]


def characters() -> Program:
    """A network that predicts a character from the five before it."""
    text, size = _text()
    cut, context = int(len(text) * 0.9), 5
    val = _windows(text, context, torch.linspace(cut, len(text) - 8, 512).long())

    def start(runs: int, draw: Generator) -> Params:
        made = _dense(runs, (context * 12, 64, size), draw)
        return made | {"e": torch.randn((runs, size, 12), generator=draw) * 0.5}

    def loss(p: Params, seq: Tensor) -> Tensor:
        runs = p["e"].shape[0]
        x = p["e"][:, seq[:, :-1]].reshape(runs, len(seq), -1)
        return _ce(_forward({k: v for k, v in p.items() if k != "e"}, x), seq[:, -1])

    return Program(
        "characters",
        start,
        lambda p, draw: loss(p, _windows(text, context, _pick(cut - 8, 64, draw))),
        lambda p: loss(p, val),
        {"momentum": (0.02, 0.3), "adam": (5e-4, 1e-2)},
    )


def attention() -> Program:
    """One layer of causal attention with a feed-forward block, on characters."""
    text, size = _text()
    cut, context, wide = int(len(text) * 0.9), 16, 24
    val = _windows(text, context, torch.linspace(cut, len(text) - 20, 64).long())
    mask = torch.full((context, context), -1e9).triu(1)

    def start(runs: int, draw: Generator) -> Params:
        made = {name: _normal(runs, wide, wide, draw) for name in ("q", "k", "v", "o")}
        made["e"] = torch.randn((runs, size, wide), generator=draw) * 0.3
        made["at"] = torch.randn((runs, context, wide), generator=draw) * 0.3
        made["up"], made["down"] = _normal(runs, wide, 64, draw, 1.4), _normal(runs, 64, wide, draw)
        made["out"] = _normal(runs, wide, size, draw)
        return made

    def norm(x: Tensor) -> Tensor:
        return x * (x.square().mean(-1, keepdim=True) + 1e-5).rsqrt()

    def loss(p: Params, seq: Tensor) -> Tensor:
        x = p["e"][:, seq[:, :-1]] + p["at"][:, None]
        by = lambda name, h: torch.einsum("rbtc,rcd->rbtd", h, p[name])  # noqa: E731
        h = norm(x)
        weights = torch.softmax(by("q", h) @ by("k", h).transpose(-1, -2) / math.sqrt(wide) + mask, -1)
        x = x + by("o", weights @ by("v", h))
        x = x + by("down", torch.relu(by("up", norm(x))))
        logits = by("out", norm(x)).flatten(1, 2)
        return _ce(logits, seq[:, 1:].reshape(-1))

    return Program(
        "attention",
        start,
        lambda p, draw: loss(p, _windows(text, context, _pick(cut - 20, 8, draw))),
        lambda p: loss(p, val),
        {"adam": (5e-4, 1e-2)},
    )


def factors() -> Program:
    """A noisy table of low rank, completed from samples of its cells."""
    draw = torch.Generator().manual_seed(9)
    spectrum = torch.arange(1, 21).float() ** -0.7
    rows = torch.randn((120, 20), generator=draw) * spectrum
    table = rows @ torch.randn((20, 80), generator=draw)
    table = table / table.std()
    cells = torch.randperm(120 * 80, generator=draw)
    noise = 0.3 * torch.randn(120 * 80, generator=draw)
    train_cells, val_cells = cells[:7000], cells[7000:]

    def error(p: Params, at: Tensor) -> Tensor:
        guess = (p["a"][:, at // 80] * p["b"][:, at % 80]).sum(-1)
        return (guess - (table.flatten() + noise)[at]).square().mean(-1)

    return Program(
        "factors",
        lambda r, d: {
            "a": torch.randn((r, 120, 12), generator=d) * 0.3,
            "b": torch.randn((r, 80, 12), generator=d) * 0.3,
        },
        lambda p, draw: error(p, train_cells[_pick(7000, 128, draw)]),
        lambda p: error(p, val_cells),
        {"momentum": (0.3, 3.0), "adam": (3e-3, 3e-2)},
    )


def pairs() -> Program:
    """Two noisy views of a digit, matched among the batch."""
    x, y = datasets.load_digits(return_X_y=True)
    tx, _, vx, _ = _split(x / 16, y)
    tx, vx = tx.clamp(-3, 3), vx.clamp(-3, 3)
    fixed = torch.Generator().manual_seed(3)
    views = [vx[:256] + 0.8 * torch.randn((256, 64), generator=fixed) for _ in range(2)]

    def loss(p: Params, one: Tensor, two: Tensor) -> Tensor:
        a, b = (torch.nn.functional.normalize(_forward(p, v), dim=-1) for v in (one, two))
        return _ce(10 * a @ b.transpose(-1, -2), torch.arange(len(one)))

    def batch_loss(p: Params, draw: Generator) -> Tensor:
        v = tx[_pick(len(tx), 48, draw)]
        one, two = (v + 0.8 * torch.randn(v.shape, generator=draw) for _ in range(2))
        return loss(p, one, two)

    return Program(
        "pairs",
        lambda r, d: _dense(r, (64, 48, 16), d),
        batch_loss,
        lambda p: sum(loss(p, views[0][i : i + 64], views[1][i : i + 64]) for i in range(0, 256, 64)) / 4,
        {"momentum": (0.01, 0.2), "adam": (3e-4, 1e-2)},
    )


def denoiser() -> Program:
    """The noise in a digit of random noisiness: most of the loss is its own noise."""
    x, y = datasets.load_digits(return_X_y=True)
    tx, _, vx, _ = _split(x / 16, y)
    tx, vx = tx.clamp(-3, 3), vx.clamp(-3, 3)
    fixed = torch.Generator().manual_seed(4)
    at_val, noise_val = torch.rand((len(vx), 1), generator=fixed), torch.randn(vx.shape, generator=fixed)

    def loss(p: Params, v: Tensor, at: Tensor, noise: Tensor) -> Tensor:
        mixed = torch.cos(at * math.pi / 2) * v + torch.sin(at * math.pi / 2) * noise
        return (_forward(p, torch.cat([mixed, at, at * at], -1)) - noise).square().mean((-1, -2))

    def batch_loss(p: Params, draw: Generator) -> Tensor:
        v = tx[_pick(len(tx), 16, draw)]
        at = torch.rand((16, 1), generator=draw)
        return loss(p, v, at, torch.randn(v.shape, generator=draw))

    return Program(
        "denoiser",
        lambda r, d: _dense(r, (66, 96, 96, 64), d),
        batch_loss,
        lambda p: loss(p, vx, at_val, noise_val),
        {"adam": (3e-4, 5e-3)},
    )


def _spectrum(name: str, decay: float, goal: float, noise: float, *, labels: bool) -> Program:
    """A linear model of features whose variances fall as a power, of a target whose weights fall as another."""
    size = 256
    index = torch.arange(1, size + 1).float()
    spread, weights = index ** (-decay / 2), index ** (-goal / 2) * torch.sign(torch.cos(index * 37.1))
    weights = weights / torch.sqrt((spread * weights).square().sum())
    fixed = torch.Generator().manual_seed(6)

    def sample(count: int, draw: Generator) -> tuple[Tensor, Tensor]:
        x = torch.randn((count, size), generator=draw) * spread
        clean = x @ weights
        if labels:
            return x, (torch.rand(count, generator=draw) < torch.sigmoid(4 * clean)).float()
        return x, clean + noise * torch.randn(count, generator=draw)

    def loss(p: Params, x: Tensor, y: Tensor) -> Tensor:
        out = torch.matmul(x, p["w"]).squeeze(-1)
        if labels:
            return binary_cross_entropy_with_logits(out, y.expand_as(out), reduction="none").mean(-1)
        return (out - y).square().mean(-1)

    vx, vy = sample(1000, fixed)
    return Program(
        name,
        lambda r, _: {"w": torch.zeros((r, size, 1))},
        lambda p, draw: loss(p, *sample(16, draw)),
        lambda p: loss(p, vx, vy),
        {"sgd": (0.05, 2.0), "momentum": (0.01, 0.2)} if labels else {"sgd": (0.01, 0.15), "momentum": (0.001, 0.02)},
    )


def spectra() -> list[Program]:
    return [
        _spectrum("spectrum-easy", 1.5, 1.0, 0.1, labels=False),
        _spectrum("spectrum-slow", 1.1, 0.3, 0.3, labels=False),
        _spectrum("spectrum-noisy", 1.3, 1.0, 1.0, labels=False),
        _spectrum("spectrum-labels", 1.2, 0.7, 0.0, labels=True),
    ]


def all_programs() -> list[Program]:
    singles = (
        digits, noisy_digits, tumours, diabetes, teacher, autoencoder, characters, attention, factors, pairs, denoiser,
    )  # fmt: skip
    return [make() for make in singles] + spectra()
