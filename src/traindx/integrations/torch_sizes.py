"""Norms of gradients, weights and updates as tensors that stay on their device: nothing here waits for one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast, final

import torch
from torch import Tensor

_HALF: Final = (
    torch.float16,
    torch.bfloat16,
)  # squares of gradients overflow in one and lose their digits in the other
_ops = cast("Any", torch)  # the operations on lists of tensors have no public name; torch.nn.utils calls them so too


def gradients_of(parameters: Iterable[Tensor]) -> list[Tensor]:
    """Return the gradients that there are; of a sparse one the values, rows that came twice added up."""
    found = [p.grad.detach() for p in parameters if p.grad is not None]
    return [g.coalesce().values() if g.is_sparse else g for g in found]


def total_norm(tensors: Sequence[Tensor], stands_for: Sequence[float] | None = None) -> Tensor | None:
    """The Euclidean norm of all entries together, as float32 on the first one's device; None of nothing.

    ``stands_for`` says how many entries each entry of a tensor stands for, where the tensors are samples of larger ones.
    """
    pairs = [(t, n) for t, n in zip(tensors, stands_for or [1.0] * len(tensors), strict=True) if t.numel()]
    if not pairs:
        return None
    kept = [t for t, _ in pairs]
    wide = torch.float32 if any(t.dtype in _HALF for t in kept) else None
    norms: list[Tensor] = list(_ops._foreach_norm(kept, 2.0, dtype=wide))
    if stands_for is not None:
        norms = list(_ops._foreach_mul(norms, [n**0.5 for _, n in pairs]))
    return joint_norm(norms)


def joint_norm(norms: Sequence[Tensor]) -> Tensor:
    """The norm of several parts together, from the norms of each; at least one."""
    device = norms[0].device
    stacked = torch.stack([n.to(device, torch.float32, non_blocking=True) for n in norms])
    return cast("Tensor", _ops.linalg.vector_norm(stacked))


@final
@dataclass(frozen=True, slots=True)
class WeightSample:
    """A bounded sample of some parameters: views into them, and how many entries each entry of a view stands for."""

    views: tuple[Tensor, ...]
    stands_for: tuple[float, ...]
    before: tuple[Tensor, ...]
    """What the views held when the sample was taken."""

    def norms(self) -> tuple[Tensor, Tensor] | None:
        """Return |Δw| since the sample was taken and |w| then, both estimated for all parameters; None of nothing."""
        if not self.views:
            return None
        moved: list[Tensor] = list(_ops._foreach_sub(list(self.views), list(self.before)))
        change, size = total_norm(moved, self.stands_for), total_norm(self.before, self.stands_for)
        assert change is not None
        assert size is not None
        return change, size


def sample_of(parameters: Sequence[Tensor], entries: int) -> WeightSample:
    """Copy at most about ``entries`` entries, an equal share of each parameter, evenly spaced."""
    trained = [p.detach() for p in parameters if p.requires_grad and p.numel() and p.is_floating_point()]
    if len(trained) > entries:  # more tensors than entries: evenly spaced ones of them
        trained = trained[:: -(-len(trained) // entries)]
    share = max(1, entries // max(1, len(trained)))
    views = tuple(_thinned(p, share) for p in trained)
    stands_for = tuple(p.numel() / view.numel() for p, view in zip(trained, views, strict=True))
    return WeightSample(views, stands_for, tuple(view.clone() for view in views))


def _thinned(values: Tensor, most: int) -> Tensor:
    """A view with at most ``most`` entries, the first dimensions thinned first; it shares the memory of its tensor."""
    view = values
    for dimension in range(values.dim()):
        stride = min(view.shape[dimension], -(-view.numel() // most))
        view = view[(slice(None),) * dimension + (slice(None, None, stride),)]
    return view
