"""All random states that a PyTorch program may draw from, kept and put back."""

from __future__ import annotations

import random
from importlib import import_module
from typing import Any, final

import numpy as np

torch: Any = import_module("torch")


@final
class RandomStates:
    """The states of python, numpy, and of torch on every device in use."""

    def __init__(self) -> None:
        self._python = random.getstate()
        self._numpy: Any = np.random.get_state()
        self._torch = torch.get_rng_state()
        self._cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
        self._mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None

    def put_back(self) -> None:
        """Make every state what it was."""
        random.setstate(self._python)
        np.random.set_state(self._numpy)
        torch.set_rng_state(self._torch)
        if self._cuda is not None:
            torch.cuda.set_rng_state_all(self._cuda)
        if self._mps is not None:
            torch.mps.set_rng_state(self._mps)


def sow(seed: int) -> None:
    """Begin all random numbers anew."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
