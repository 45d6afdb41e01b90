"""A control data set with four faults, and what they do to a training: python examples/control_dataset.py [FOLDER].

36 linear systems share one file. Each has an optimal linear law u = -K x, without noise, so everything can be learnt. They differ in the number of their
controls (1 to 4, padded with zeros to 6) and in their units: states over four orders of magnitude, controls over seven. The file holds mean and
deviation of both: taken over all systems and over the padding, and applied by nobody. The states start far out now and then, so that
states and controls have heavy tails.

One small network is trained three times with the same budget: on states and controls as they are, on both scaled by the stored
statistics, and on both scaled per system. The table tells what it knows of each system, in that system's own units.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from numpy.typing import NDArray

from traindx.dataset import Normalizer, mean_skill, skill_by_group, typical_skill

SYSTEMS, STATES, CONTROLS = 36, 8, 6
STATE_UNITS, CONTROL_UNITS = (-2.0, 2.0), (-2.0, 5.0)
"""The exponents of ten between which the units of systems lie: centimetres to hundreds of metres; hundredths of a volt to 100 kilonewtons."""

TRAJECTORIES, STEPS = 64, 16
TAIL = 3.0
"""Degrees of freedom of the Student distribution that the first states follow."""

TRAINING_STEPS, BATCH = 1000, 512

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class System:
    """x' = A x + B u, and the gain of its optimal controller."""

    a: Floats
    b: Floats
    gain: Floats
    state_unit: float


@dataclass(frozen=True)
class Table:
    """Rows of all systems, shuffled: padded states and controls, which controls exist, and the system's number."""

    x: NDArray[np.float32]
    u: NDArray[np.float32]
    mask: NDArray[np.bool_]
    system: NDArray[np.int64]


def lqr_gain(a: Floats, b: Floats, effort: Floats) -> Floats:
    """Return the gain that minimises the sum of |x|² + u' effort u, from the Riccati equation iterated to its fixed point."""
    p = np.eye(len(a))
    for _ in range(500):
        gain = np.linalg.solve(effort + b.T @ p @ b, b.T @ p @ a)
        p = np.eye(len(a)) + a.T @ p @ (a - b @ gain)
    return gain


def draw_systems(rng: np.random.Generator) -> list[System]:
    """Return systems with 2 to 8 states and 1 to 4 controls, at the edge of stability, each in units of its own."""
    found = []
    units = (10.0 ** rng.permutation(np.linspace(*span, SYSTEMS)) for span in (STATE_UNITS, CONTROL_UNITS))
    for state_unit, control_unit in zip(*units, strict=True):
        controls = int(rng.choice((1, 2, 3, 4), p=(0.55, 0.25, 0.12, 0.08)))
        states = int(rng.integers(max(2, controls), STATES + 1))
        a = rng.normal(size=(states, states))
        a *= rng.uniform(0.9, 1.1) / np.abs(np.linalg.eigvals(a)).max()
        b = rng.normal(size=(states, controls))
        gain = lqr_gain(a, b, np.eye(controls)) * control_unit / state_unit
        found.append(System(a, b * state_unit / control_unit, gain, state_unit))
    return found


def roll_out(systems: list[System], rng: np.random.Generator) -> Table:
    """Let every system run under its law from many starts, and return the rows in random order."""
    rows = TRAJECTORIES * STEPS
    x = np.zeros((SYSTEMS, rows, STATES))
    u = np.zeros((SYSTEMS, rows, CONTROLS))
    mask = np.zeros((SYSTEMS, rows, CONTROLS), dtype=bool)
    for number, system in enumerate(systems):
        states, controls = system.b.shape
        starts = rng.standard_t(TAIL, size=(TRAJECTORIES, 1)) * rng.normal(size=(TRAJECTORIES, states))
        state = starts * system.state_unit
        for step in range(STEPS):
            here = slice(step * TRAJECTORIES, (step + 1) * TRAJECTORIES)
            control = -state @ system.gain.T
            x[number, here, :states], u[number, here, :controls] = state, control
            mask[number, here, :controls] = True
            state = state @ system.a.T + control @ system.b.T + 0.1 * system.state_unit * rng.normal(size=state.shape)
    order = rng.permutation(SYSTEMS * rows)
    flat = [part.reshape(SYSTEMS * rows, -1)[order] for part in (x, u, mask)]
    system_of = np.repeat(np.arange(SYSTEMS), rows)[order]
    return Table(flat[0].astype(np.float32), flat[1].astype(np.float32), flat[2], system_of)


def make(seed: int = 0) -> tuple[Table, Table]:
    """Return the rows to train on, and held-out rows of the same systems from other starts."""
    rng = np.random.default_rng(seed)
    systems = draw_systems(rng)
    return roll_out(systems, rng), roll_out(systems, rng)


def write(table: Table, path: Path) -> None:
    """Write rows as HDF5, and beside them the statistics as they are so often taken: over all entries, padding included."""
    with h5py.File(path, "w") as file:
        for name in ("x", "u", "mask", "system"):
            file[name] = getattr(table, name)
        for name in ("x", "u"):
            file[f"{name}_mean"] = getattr(table, name).mean(axis=0)
            file[f"{name}_std"] = getattr(table, name).std(axis=0)


class GainNetwork(torch.nn.Module):
    """Learns a gain for each system: u = G(system) x. What it must find is inside what it can express."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = torch.nn.Sequential(
            torch.nn.Embedding(SYSTEMS, 64),
            torch.nn.Linear(64, 128),
            torch.nn.GELU(),
            torch.nn.Linear(128, CONTROLS * STATES),
        )

    def forward(self, x: torch.Tensor, system: torch.Tensor) -> torch.Tensor:
        """Return the controls of a batch of states."""
        return (self.gain(system).view(-1, CONTROLS, STATES) @ x.unsqueeze(-1)).squeeze(-1)


def train(x: NDArray[Any], target: NDArray[Any], table: Table, *, steps: int = TRAINING_STEPS) -> GainNetwork:
    """Train on a masked mean squared error with AdamW, clipped to norm 1, the rate falling to 0: the same for every target."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the batches are small: threads would wait for each other
    torch.manual_seed(0)
    model = GainNetwork()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    parts = [torch.from_numpy(np.ascontiguousarray(part)) for part in (x, target, table.mask, table.system)]
    order = torch.Generator().manual_seed(0)
    for _ in range(steps):
        rows = torch.randint(len(x), (BATCH,), generator=order)
        states, wanted, mask, system = (part[rows] for part in parts)
        loss = ((model(states, system) - wanted) ** 2 * mask).sum() / mask.sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    torch.set_num_threads(threads)
    return model


def predict(model: GainNetwork, x: NDArray[Any], system: NDArray[np.int64]) -> NDArray[Any]:
    """Return the model's answers in the units that it was trained in."""
    with torch.no_grad():
        return model(torch.from_numpy(x), torch.from_numpy(system)).numpy()


@dataclass(frozen=True)
class Outcome:
    """What came of one training, on held-out rows: the loss that a log would show beside answering zero, and the skill per system."""

    name: str
    loss: float
    zero: float
    skills: list[float]
    typical: float
    mean: float
    seconds: float


@dataclass(frozen=True)
class Way:
    """A way to scale states and controls, and to bring predictions back."""

    name: str
    states: Callable[[Table], NDArray[Any]]
    controls: Callable[[Table], NDArray[Any]]
    back: Callable[[NDArray[Any], Table], NDArray[Any]]


def ways(training: Table) -> list[Way]:
    """Return the three ways: nothing, what is stored in the file, and a scale for each system."""
    (x_mean, x_std), (u_mean, u_std) = (
        (part.mean(axis=0), part.std(axis=0) + 1e-8) for part in (training.x, training.u)
    )
    x_own = Normalizer.fit(training.x, group=training.system)
    u_own = Normalizer.fit(training.u, group=training.system, mask=training.mask)
    return [
        Way("as they are", lambda table: table.x, lambda table: table.u, lambda values, _: values),
        Way(
            "stored mean and std",
            lambda table: (table.x - x_mean) / x_std,
            lambda table: (table.u - u_mean) / u_std,
            lambda values, _: values * u_std + u_mean,
        ),
        Way(
            "per system",
            lambda table: x_own.transform(table.x, group=table.system),
            lambda table: u_own.transform(table.u, group=table.system, mask=table.mask),
            lambda values, table: u_own.inverse(values, group=table.system, mask=table.mask),
        ),
    ]


def outcome(way: Way, training: Table, held_out: Table) -> Outcome:
    """Train in one way, and measure on held-out rows."""
    start = time.perf_counter()
    model = train(way.states(training), way.controls(training), training)
    answer, wanted = predict(model, way.states(held_out), held_out.system), way.controls(held_out)
    active = held_out.mask
    skills = skill_by_group(held_out.u, way.back(answer, held_out), group=held_out.system, mask=active)
    return Outcome(
        name=way.name,
        loss=float(np.mean((answer - wanted)[active].astype(np.float64) ** 2)),
        zero=float(np.mean(wanted[active].astype(np.float64) ** 2)),
        skills=[one.skill for one in skills],
        typical=typical_skill(skills),
        mean=mean_skill(skills),
        seconds=time.perf_counter() - start,
    )


def main(folder: str = ".") -> None:
    """Write both files and print the table."""
    training, held_out = make()
    for table, name in ((training, "control_train.h5"), (held_out, "control_test.h5")):
        write(table, Path(folder) / name)
        print(
            f"wrote {Path(folder) / name}: {len(table.x):,} rows of {SYSTEMS} systems, {table.mask.mean():.0%} of the controls exist"
        )
    heads = f"{'loss':>12}{'of zero':>12}{'ratio':>8}{'typical':>9}{'mean':>7}{'> 0.5':>8}{'seconds':>9}"
    print(f"\n{'states and controls':<22}{heads}")
    for one in (outcome(way, training, held_out) for way in ways(training)):
        learnt = f"{sum(skill > 0.5 for skill in one.skills)}/{SYSTEMS}"
        numbers = f"{one.loss:>12.4g}{one.zero:>12.4g}{one.loss / one.zero:>8.3f}{one.typical:>9.3f}{one.mean:>7.3f}"
        print(f"{one.name:<22}{numbers}{learnt:>8}{one.seconds:>9.1f}")
    print("\nloss, and that of answering zero: over all entries, in the units of the training, on held-out rows.")
    print(
        "skill of a system: 1 - squared error / that of the system's own mean; typical: the median system, mean: each no less than 0."
    )


if __name__ == "__main__":
    main(*sys.argv[1:2])
