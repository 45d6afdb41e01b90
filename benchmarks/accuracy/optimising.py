"""The optimiser's side of a run: rates, schedules, clipping, half precision, and their faults."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import torch
from benchmarks.accuracy.plan import Plan
from torch import Tensor, nn

if TYPE_CHECKING:
    from benchmarks.accuracy.loop import Setup


@final
@dataclass(frozen=True, slots=True)
class Rates:
    """What the optimiser is told; ``at(step)`` is the share of the peak rate."""

    optimiser: str
    peak: float
    at: Callable[[int], float]
    clip: float = 0.0
    weight_decay: float = 0.0
    momentum: float = 0.9
    schedule: str = "constant"


_SCHEDULED = {"cosine": "cosine", "warm-up": "warm-up", "step-decay": "step-decay", "constant-rate": "constant"}
SGD_OVER_ADAM = 30.0  # plain SGD with momentum wants about this many times Adam's rate on these small models


def rates_for(plan: Plan, setup: Setup, steps: int, factor: float) -> Rates:
    """Return the rates of a plan: its healthy kind or its fault over what the program would use."""
    optimiser, peak = setup.optimiser, setup.rate * factor
    wanted = {"sgd": "sgd", "adam": "adam", "momentum-999": "sgd"}.get(plan.healthy or plan.fault, optimiser)
    if (wanted == "sgd") != (optimiser == "sgd"):
        peak *= SGD_OVER_ADAM if wanted == "sgd" else 1 / SGD_OVER_ADAM
    return Rates(
        optimiser=wanted,
        peak=peak,
        at=_shape(plan, _schedule(plan, setup), steps),
        clip={"clip-1e-4": 1e-4, "clipped": 1.0}.get(plan.fault or plan.healthy, setup.clip),
        weight_decay={"weight-decay-10": 10.0, "small-decay": 1e-4}.get(plan.fault or plan.healthy, 0.0),
        momentum=0.999 if plan.fault == "momentum-999" else 0.9,
        schedule=_schedule(plan, setup),
    )


def _schedule(plan: Plan, setup: Setup) -> str:
    if plan.fault in {"schedule-ends-early", "schedule-not-stepped"}:
        return "warm-up"
    return _SCHEDULED.get(plan.healthy, setup.schedule)


def _shape(plan: Plan, name: str, steps: int) -> Callable[[int], float]:
    if plan.fault == "schedule-not-stepped":
        return lambda _step: 0.001  # the first value of the warm-up, for ever
    over = max(2, steps // 7) if plan.fault == "schedule-ends-early" else steps
    return lambda step: _share(name, step, over)


def _share(name: str, step: int, steps: int) -> float:
    done = min(1.0, step / max(1, steps - 1))
    if name == "step-decay":
        return 0.1 ** int(3 * min(done, 0.999))
    if name == "warm-up" and done < 0.08:
        return max(done / 0.08, 0.001)
    return 0.5 * (1 + math.cos(math.pi * done)) if name in {"cosine", "warm-up"} else 1.0


@final
class Stepper:
    """Takes one optimiser step per loss, faults included, and tells what a program would log of it."""

    def __init__(self, plan: Plan, model: nn.Module, rates: Rates, body: tuple[str, ...]) -> None:
        self.plan, self.model, self.rates = plan, model, rates
        self.parameters = _optimised(plan, model, body)
        self.optimiser = _optimiser(rates, self.parameters)
        self.scale, self.good, self._skipped = 65536.0, 0, False

    def step(self, loss: Tensor, step: int) -> dict[str, float]:
        """Backward, clip, step. Returns the learning rate, the gradient norm, and the loss scale where there is one."""
        rate = self.rates.peak * self.rates.at(step)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        if not self._accumulating(step) and self.plan.fault != "missing-zero-grad":
            self.model.zero_grad(set_to_none=False)
        signed = -loss if self.plan.fault == "sign-flipped" else loss
        if signed.requires_grad:
            (signed / 2 if self.plan.healthy == "accumulation" else signed).backward()  # type: ignore[no-untyped-call]
        told = {"lr": rate, **self._halved(step)}
        norm = self._clipped()
        if not self._skipped and not self._waiting(step):
            self.optimiser.step()
        return {**told, "grad_norm": float(norm)}

    def _clipped(self) -> Tensor:
        """The gradient norm before clipping; clips where the rates say so."""
        held = list(self.model.parameters())
        if self.rates.clip:
            return nn.utils.clip_grad_norm_(held, self.rates.clip)
        return nn.utils.get_total_norm([one.grad for one in held if one.grad is not None])

    def _accumulating(self, step: int) -> bool:
        return self.plan.healthy == "accumulation" and step % 2 == 1

    def _waiting(self, step: int) -> bool:
        return self.plan.healthy == "accumulation" and step % 2 == 0

    def _halved(self, step: int) -> dict[str, float]:
        """Gradients through half precision with a loss scale, as an automatic scaler keeps it."""
        fault, healthy = self.plan.fault == "precision-overflow", self.plan.healthy == "half-precision"
        if not fault and not healthy:
            return {}
        # Either the scale grows without a check and infinities reach the weights, or the forward pass itself overflows from
        # some step on: every step is then skipped, and the scale halves for ever.
        broken, careless = fault and step > 40, self.plan.seed % 2 == 0
        used = self.scale * 2.0 ** min(40, step - 40) if broken and careless else self.scale
        finite = not broken or careless
        for parameter in self.parameters:
            if parameter.grad is not None:
                half = (parameter.grad * min(used, 3e38)).half()
                finite &= bool(torch.isfinite(half).all())
                parameter.grad = half.float() / min(used, 3e38)
        self._skipped = not finite and not (fault and careless)
        self.good = self.good + 1 if finite else 0
        if not finite:
            self.scale /= 2
        elif self.good and self.good % 50 == 0:
            self.scale *= 2
        return {"loss_scale": min(used, 3e38)}

    def forget(self) -> None:
        """Resume as programs do that saved the weights alone: the optimiser starts anew, with its first, large steps."""
        self.optimiser = _optimiser(self.rates, self.parameters)

    def reload(self) -> None:
        """Resume as it should be: the optimiser's state goes through a checkpoint."""
        state = copy.deepcopy(self.optimiser.state_dict())
        self.optimiser = _optimiser(self.rates, self.parameters)
        self.optimiser.load_state_dict(state)


def _optimised(plan: Plan, model: nn.Module, body: tuple[str, ...]) -> list[nn.Parameter]:
    if plan.fault == "all-frozen":
        return list(copy.deepcopy(model).parameters())
    if plan.fault == "frozen-parameters":
        return [parameter for name, parameter in model.named_parameters() if not name.startswith(body)]
    return list(model.parameters())


def _optimiser(rates: Rates, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    if rates.optimiser == "sgd":
        return torch.optim.SGD(parameters, lr=rates.peak, momentum=rates.momentum, weight_decay=rates.weight_decay)
    kind = torch.optim.AdamW if rates.optimiser == "adamw" else torch.optim.Adam
    return kind(parameters, lr=rates.peak, weight_decay=rates.weight_decay)
