"""Findings as text in TensorBoard: ``Monitor(..., on_change=partial(write_tensorboard, writer))``."""

from __future__ import annotations

from typing import Any

from traindx.integrations.told_change import text_of, title_of
from traindx.live import Change


def write_tensorboard(writer: Any, change: Change) -> None:
    """Write a finding that appeared, grew worse or cleared as text at its step; remarks are not written.

    ``writer`` is a ``SummaryWriter`` of torch.utils.tensorboard or tensorboardX. TensorBoard shows text as Markdown: indented lines stay as they are.
    """
    if change.is_remark:
        return
    step = 0 if change.step is None else int(change.step)
    lines = [title_of(change, 200), *text_of(change).splitlines()]
    writer.add_text(f"traindx/{change.finding.code}", "\n".join(f"    {line}" for line in lines), step)
