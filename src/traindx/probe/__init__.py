"""Experiments on a live model, its loss and one batch, before a training is paid for."""

from traindx.probe.checks import PROBE_CHECKS, ProbeCheck
from traindx.probe.run import run

__all__ = ["PROBE_CHECKS", "ProbeCheck", "run"]
