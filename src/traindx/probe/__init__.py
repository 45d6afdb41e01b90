"""Experiments on a live model, its loss and one batch, before a training is paid for."""

__all__: list[str] = []
