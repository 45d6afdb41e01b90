"""Causes that lie in the machine and its feeding."""

from __future__ import annotations

from traindx.causes.kind import CauseKind

CAUSES: tuple[CauseKind, ...] = (
    CauseKind(
        name="data-loader-starved",
        meaning="each step waits for its data",
        test="time the loop over one epoch of the loader alone: it must be faster than the training step",
        fix="use more loader workers, prefetching, and files that can be read in order",
        signs="waiting=most+++ waiting=some+ waiting=no-- pace=slows+ kept=kept+ skill=much,some+",
        often=0.7,
    ),
    CauseKind(
        name="memory-leak",
        meaning="something keeps every step alive, so that memory grows until it is full",
        test="log the memory in use after every hundred steps with the batch size fixed: it must stay level",
        fix="store `loss.item()` instead of the tensor; clear lists that hold outputs or graphs",
        signs="memory=grows+++ memory=creeps+ memory=steady-- pace=slows+ kept=kept+ skill=much,some+",
        often=0.7,
    ),
)
