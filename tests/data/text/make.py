"""Logs in the manner of several programs, for the fuzzers: python make.py writes them beside this file."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def losses(count: int) -> list[float]:
    return [round(0.4 + 2.0 * 0.8**i, 4) for i in range(count)]


def keras() -> str:
    lines = []
    for epoch, loss in enumerate(losses(4), 1):
        lines.append(f"Epoch {epoch}/4")
        lines += [f"\r{at}/100 [{'=' * (at // 10)}>....] - ETA: 1s - loss: {loss + 0.1:.4f}" for at in (1, 50, 99)]
        lines.append(f"\r100/100 [==========] - 2s 20ms/step - loss: {loss:.4f} - val_loss: {loss + 0.05:.4f}")
    return "\n".join(lines) + "\n"


def dictionaries() -> str:
    rows = [
        f"{{'loss': {loss}, 'grad_norm': {'nan' if i == 3 else 1.5}, 'learning_rate': 5e-05, 'epoch': {i / 4}}}"
        for i, loss in enumerate(losses(8))
    ]
    return "".join(f"\r {i}/8 [00:0{i}<00:01, 1.2it/s]\r{row}\n" for i, row in enumerate(rows))


def ranks() -> str:
    return "".join(
        f"\x1b[34m[rank{rank}]:\x1b[0m 2024-01-0{1 + i} 10:00:00,123 | INFO | step {10 * i}/80 | loss: {loss:.3f} ({loss + 0.2:.3f}) | acc 12.5%\n"
        for i, loss in enumerate(losses(8))
        for rank in (0, 1)
    )


def headings() -> str:
    rows = [
        f"第{epoch}轮：\n  训练损失：{loss:.3f}，验证损失：{loss + 0.1:.3f}\n  准确率: {100 - 20 * loss:.1f}%\n"
        for epoch, loss in enumerate(losses(6), 1)
    ]
    return "batch_size: 32\nlearning_rate: 1e-4\n" + "".join(rows)


def tables() -> str:
    rows = "".join(f"| {i} | {loss} | {loss + 0.1:.4f} |\n" for i, loss in enumerate(losses(6)))
    return "# Results\n\n| Epoch | Train Loss | Val Loss |\n|---|---|---|\n" + rows + "\nThe best was the last.\n"


if __name__ == "__main__":
    for make in (keras, dictionaries, ranks, headings, tables):
        (HERE / f"{make.__name__}.log").write_text(make(), encoding="utf-8", newline="")
