"""Faults of the initial weights."""

from __future__ import annotations

import torch
from torch import nn


def tamper(fault: str, model: nn.Module) -> None:
    """Change the model's initial weights as the fault says; other faults leave them alone."""
    with torch.no_grad():
        if fault == "init-x10":
            for parameter in model.parameters():
                if parameter.dim() > 1:
                    parameter.mul_(10)
        elif fault == "init-zero":
            for parameter in model.parameters():
                parameter.zero_()
        elif fault == "dead-units":
            _kill(model)


def _kill(model: nn.Module) -> None:
    """Set the bias of every layer that a ReLU follows to -10."""
    layers = [module for module in model.modules() if isinstance(module, (nn.Linear, nn.Conv1d, nn.Conv2d))]
    for layer in layers[:-1]:
        if layer.bias is not None:
            layer.bias.fill_(-10)
