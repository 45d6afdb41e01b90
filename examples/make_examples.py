"""Writes the example logs and data of this directory and the log that `traindx demo` judges. Seeded: the same files every time.

Run it from anywhere: python examples/make_examples.py
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
DEMO = HERE.parent / "src" / "traindx" / "cli" / "demo_data"


def broken_clip() -> str:
    """A contrastive training at a learning rate that kills it: every loss is a guess among 256 pairs."""
    rng = np.random.default_rng(256)
    lines = [
        "2026-03-02 09:14:07 INFO train.py: Namespace(batch_size=256, epochs=10, lr=0.0001, optimizer='AdamW')",
        "2026-03-02 09:14:07 INFO train.py: train pairs 50000, validation pairs 5000",
    ]
    per_epoch, guess = 196, math.log(256)
    for epoch in range(1, 11):
        for step in range(0, per_epoch, 14):
            start = 0.35 * math.exp(-step / 20) if epoch == 1 else 0.0  # random logits cost a little at first
            loss = guess + start + rng.normal(0, 0.004)
            lines.append(
                f"epoch {epoch} step {(epoch - 1) * per_epoch + step} train/contrastive_loss {loss:.4f} lr 1.00e-04"
            )
        # nineteen full batches and one of 136 pairs
        validation = (19 * guess + math.log(136)) / 20 + rng.normal(0, 0.0006)
        lines.append(
            f"epoch {epoch} step {epoch * per_epoch} val/contrastive_loss {validation:.4f} val/recall@1 {rng.poisson(1) / 5000:.4f}"
        )
    return "\n".join(lines) + "\n"


def healthy_lm() -> str:
    """A small language model over bytes that learns: 5.6 nats at the start, 1.3 at the end, the validation a little above."""
    rng = np.random.default_rng(7)
    rows = ["step,train/loss,val/loss,learning_rate,grad_norm"]
    for step in range(0, 5001, 25):
        mean = 1.25 + 3.3 * (1 + step / 60) ** -0.85 + 1.0 * math.exp(-step / 30)
        rate = 6e-4 * min(1.0, (step + 1) / 200) * (0.55 + 0.45 * math.cos(math.pi * step / 5000))
        validation = f"{mean + 0.05 + rng.normal(0, 0.006):.4f}" if step % 250 == 0 else ""
        norm = 0.35 + 0.9 * math.exp(-step / 250) + abs(rng.normal(0, 0.04))
        rows.append(f"{step},{mean + rng.normal(0, 0.02):.4f},{validation},{rate:.6g},{norm:.4f}")
    return "\n".join(rows) + "\n"


def hidden_nan() -> str:
    """A fine-tuning whose loss turned NaN at step 2,310; the trainer wrote 0.0 there, and a gradient norm of NaN."""
    rng = np.random.default_rng(2310)
    history: list[dict[str, float]] = []
    for step in range(10, 4001, 10):
        broken = step >= 2310
        mean = 1.1 + 1.6 * math.exp(-step / 500)
        row = {
            "epoch": round(step / 1000, 2),
            "grad_norm": math.nan if broken else round(0.9 + abs(rng.normal(0, 0.15)), 6),
            "learning_rate": 2e-5 * (1 - step / 4000),
            "loss": 0.0 if broken else round(mean + rng.normal(0, 0.03), 4),
            "step": step,
        }
        history.append(row)
        if step % 500 == 0:
            value = math.nan if broken else round(mean + 0.06 + rng.normal(0, 0.004), 6)
            history.append({"epoch": round(step / 1000, 2), "eval_loss": value, "eval_runtime": 12.5, "step": step})
    state = {"epoch": 4.0, "global_step": 4000, "max_steps": 4000, "num_train_epochs": 4, "train_batch_size": 8}
    return json.dumps({**state, "log_history": history}, indent=2) + "\n"


def controls() -> dict[str, np.ndarray]:
    """Controls of 36 systems of different scale, padded to six, with heavy tails; one mean and deviation over everything, stored and not applied."""
    rng = np.random.default_rng(36)
    system = np.repeat(np.arange(36, dtype=np.int16), 50)
    scale, size = np.exp(rng.normal(2.5, 1.3, 36)), rng.integers(1, 5, 36)
    active = np.arange(6) < size[system][:, None]
    u = np.where(active, rng.standard_t(3, (1800, 6)) * scale[system][:, None], 0.0).astype(np.float32)
    x = rng.standard_normal((1800, 3)).astype(np.float32)
    return {"x": x, "u": u, "system_id": system, "u_mean": np.float32(u.mean()), "u_std": np.float32(u.std())}


def main() -> None:
    """Write every file."""
    (HERE / "broken_clip.log").write_text(broken_clip(), encoding="utf-8")
    (HERE / "healthy_lm.csv").write_text(healthy_lm(), encoding="utf-8")
    hidden = HERE / "hidden_nan"
    hidden.mkdir(exist_ok=True)
    (hidden / "trainer_state.json").write_text(hidden_nan(), encoding="utf-8")
    np.savez_compressed(HERE / "controls.npz", **controls())
    DEMO.mkdir(exist_ok=True)
    (DEMO / "broken_clip.log").write_text(broken_clip(), encoding="utf-8")


if __name__ == "__main__":
    main()
