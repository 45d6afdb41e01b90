"""A PyTorch model, its loss and one batch, as experiments see them."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from importlib import import_module
from types import MappingProxyType
from typing import Any, final

import numpy as np

from traindx.errors import UsageError
from traindx.probe.batch import Array, Batch
from traindx.probe.bench import FAILURES
from traindx.probe.roles import with_roles
from traindx.probe.subject import Computed, Descent, Half, Layer, Moved, Parameter, Rates, Slope, Subject, Term
from traindx.probe.torch_forms import call_of, optimizer_of
from traindx.probe.torch_optimizer import copy_of, rates_of, set_rate, step_of, wrapped_by
from traindx.probe.torch_random import sow
from traindx.probe.torch_snapshot import Snapshot, modules_within
from traindx.probe.torch_tensors import as_array, batch_of, outputs_in, read_loss
from traindx.probe.torch_watching import LayerWatch, hooked, tensors_in

torch: Any = import_module("torch")

# Outputs beyond this are not compared with theory: a copy in float64 would take more than 64 MB.
_LARGEST_OUTPUT = 2**23


def _no_log(*_: Any, **__: Any) -> None:
    """What a Lightning module's ``log`` does without a trainer."""


@final
class TorchSubject(Subject):
    """Everything that ``Subject`` asks, on the given model itself, which is put back after each experiment."""

    framework = "PyTorch"

    def __init__(
        self,
        model: Any,
        loss: Any,
        batch: Any,
        *,
        optimizer: Any = None,
        weights: Mapping[str, float] | None = None,
        targets: Sequence[str] = (),
    ) -> None:
        self.name = type(model).__name__
        self.model = model
        self._call = call_of(model, loss, batch)
        self._weights = weights
        self._optimizer, self.without_optimizer = optimizer_of(model, optimizer)
        self.batch = batch_of(batch)
        self._targets = targets
        modules = modules_within(model, loss)
        own = [p for group in self._optimizer.param_groups for p in group["params"]] if self._optimizer else []
        _need_numbers(model)
        held = wrapped_by(self._optimizer) if self._optimizer is not None else []
        # A plain optimiser is copied whole. One that wraps others may reach them by ways that a copy does not follow.
        self._snapshot = Snapshot(modules, own, held if len(held) > 1 else ())
        self.kept_bytes = self._snapshot.bytes
        self._given_training = bool(model.training)
        self._names = {id(p): name for name, p in model.named_parameters()}
        self._parameters: list[tuple[str, Any]] = list(model.named_parameters())
        self._muted = [m for module in modules for m in module.modules() if hasattr(m, "automatic_optimization")]

    def learn_roles(self, contrastive: bool) -> None:
        seen = self._seen_by_model()
        leaves = with_roles(self.batch.leaves, seen, self._targets, contrastive=contrastive)
        self.batch = Batch(leaves, self.batch.build)

    def _seen_by_model(self) -> set[str]:
        """Watch one pass to see which tensors reach a layer as they are; what was seen until an error counts too."""
        native = self.batch.native()
        places = {tensor.data_ptr(): path for path, tensor in self._leaves(native) if tensor.numel()}
        seen: set[str] = set()

        def look(_: str, __: Any, args: Any, kwargs: Any) -> None:
            seen.update(places[t.data_ptr()] for t in tensors_in(args, kwargs) if t.data_ptr() in places)

        try:
            with (
                self._running(training=True, seed=0),
                torch.no_grad(),
                hooked(self.model, look, before=True, kwargs=True),
            ):
                self._call(native)
        except FAILURES:
            return seen
        finally:
            self.restore()
        return seen

    def _leaves(self, native: Any) -> Iterator[tuple[str, Any]]:
        from traindx.probe.nest import take_apart
        from traindx.probe.torch_tensors import is_tensor

        yield from take_apart(native, is_tensor)[0]

    @contextmanager
    def _running(self, *, training: bool, seed: int, half: Half = "") -> Generator[None]:
        sow(seed)
        for module in self._muted:
            module.__dict__["log"] = module.__dict__["log_dict"] = _no_log
        if not training or not self._given_training:
            self.model.train(training)
        kind = self._device().type
        cast_down = torch.autocast(kind, dtype=getattr(torch, half)) if half else nullcontext()
        with torch.enable_grad(), cast_down:
            yield
        if not training:
            self._put_modes_back()

    def _put_modes_back(self) -> None:
        self._snapshot.put_modes_back()

    def _device(self) -> Any:
        return self._parameters[0][1].device if self._parameters else torch.device("cpu")

    def _loss(
        self, batch: Batch, *, watch: bool = False
    ) -> tuple[Any, dict[str, tuple[Any, float | None]], dict[str, Array]]:
        outputs: dict[str, Array] = {}

        def look(_: Any, __: Any, output: Any) -> None:
            outputs.update(outputs_in(output, _LARGEST_OUTPUT))

        handle = self.model.register_forward_hook(look) if watch else None
        try:
            total, terms = read_loss(self._call(batch.native()), self._weights)
        finally:
            if handle is not None:
                handle.remove()
                self.seen_outputs = MappingProxyType(outputs)
        return total, terms, outputs

    def compute(self, batch: Batch, *, training: bool = True, seed: int = 0, half: Half = "") -> Computed:
        with self._running(training=training, seed=seed, half=half), torch.no_grad():
            total, terms, outputs = self._loss(batch, watch=True)
        return _computed(total, terms, outputs)

    def slopes(
        self, batch: Batch, *, seed: int = 0, half: Half = "", term: str = ""
    ) -> tuple[Computed, tuple[Slope, ...]]:
        self._snapshot.clear_gradients()
        with self._running(training=True, seed=seed, half=half):
            total, terms, outputs = self._loss(batch, watch=not half)
            chosen = terms[term][0] if term else total
            if chosen.requires_grad:
                chosen.backward()
        return _computed(total, terms, outputs), tuple(_slope(n, p) for n, p in self._parameters if p.requires_grad)

    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(
            Parameter(name=name, shape=tuple(p.shape), rms=_rms(p), trainable=bool(p.requires_grad))
            for name, p in self._parameters
        )

    def weights(self, name: str) -> Array:
        return as_array(dict(self._parameters)[name])

    def nudge(self, names: Sequence[str], share: float, seed: int) -> None:
        noise = np.random.default_rng(seed)
        with torch.no_grad():
            for name, p in self._parameters:
                if name in names:
                    drawn = noise.standard_normal(tuple(p.shape)) * share * (_rms(p) or 1.0)
                    p.add_(torch.as_tensor(drawn, dtype=torch.float32).to(p.device, p.dtype))

    def moved(self) -> tuple[Moved, ...]:
        return tuple(_moved(name, p, self._snapshot.kept(p)) for name, p in self._parameters if p.requires_grad)

    def descend(
        self, batches: Sequence[Batch], *, rate: float, until: float, seed: int = 0, enough: float = float("-inf")
    ) -> Descent:
        trained = [p for _, p in self._parameters if p.requires_grad]
        if not trained:
            return Descent(())
        return self._steps(torch.optim.Adam(trained, lr=rate), batches, (), until, seed, enough)

    def step_as_given(self, batch: Batch, *, steps: int, until: float, seed: int = 0) -> Descent:
        return self._steps(copy_of(self._optimizer), [batch] * steps, (), until, seed)

    def sweep(self, batch: Batch, rates: Sequence[float], *, until: float, seed: int = 0) -> Descent:
        trained = [p for _, p in self._parameters if p.requires_grad]
        optimizer = copy_of(self._optimizer) if self._optimizer is not None else torch.optim.Adam(trained)
        return self._steps(optimizer, [batch] * len(rates), rates, until, seed)

    def _steps(
        self,
        optimizer: Any,
        batches: Sequence[Batch],
        rates: Sequence[float],
        until: float,
        seed: int,
        enough: float = float("-inf"),
    ) -> Descent:
        losses: list[float] = []
        for i, batch in enumerate(batches):
            if losses and (time.monotonic() > until or losses[-1] <= enough):
                break
            self._snapshot.clear_gradients()
            with self._running(training=True, seed=seed + i):
                total, _, _ = self._loss(batch)
                losses.append(float(total))
                if not np.isfinite(losses[-1]):
                    return Descent(tuple(losses), halted=True)
                if total.requires_grad:
                    total.backward()
            if rates:
                set_rate(optimizer, rates[i])
            step_of(optimizer)
        return Descent(tuple(losses))

    def rates(self) -> Rates | None:
        return rates_of(self._optimizer, self._names) if self._optimizer is not None else None

    def layers(self, batch: Batch) -> tuple[Layer, ...] | None:
        native = batch.native()
        watch = LayerWatch({tensor.data_ptr() for _, tensor in self._leaves(native)})
        with self._running(training=True, seed=0), torch.no_grad(), hooked(self.model, watch):
            self._call(native)
        return tuple(watch.found.values())

    def borrowing(self, batch: Batch) -> tuple[str, ...] | None:
        found: list[str] = []

        def look(name: str, module: Any, *_: Any) -> None:
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm) and (
                module.training or module.running_mean is None
            ):
                found.append(name)

        with self._running(training=False, seed=0), torch.no_grad(), hooked(self.model, look):
            self._call(batch.native())
        return tuple(dict.fromkeys(found))

    def restore(self) -> None:
        self._snapshot.put_back()


def _need_numbers(model: Any) -> None:
    lazy = [p for p in model.parameters() if isinstance(p, torch.nn.parameter.UninitializedTensorMixin)]
    if lazy:
        raise UsageError(
            f"{len(lazy)} parameters have no shape yet", hint="call the model once on a batch, then probe it"
        )
    empty = [name for name, p in (*model.named_parameters(), *model.named_buffers()) if p.is_meta]
    if empty:
        raise UsageError(
            f"{len(empty)} tensors of the model hold no numbers (device meta), as {empty[0]}",
            hint="load or initialise its weights first: model.to_empty(device='cpu')",
        )


def _computed(total: Any, terms: Mapping[str, tuple[Any, float | None]], outputs: Mapping[str, Array]) -> Computed:
    listed = tuple(Term(name, float(value), weight) for name, (value, weight) in terms.items())
    return Computed(total=float(total), terms=listed, outputs=MappingProxyType(dict(outputs)))


def _rms(tensor: Any) -> float:
    return float(tensor.detach().float().pow(2).mean().sqrt()) if tensor.numel() else 0.0


def _slope(name: str, parameter: Any) -> Slope:
    grad = parameter.grad
    if grad is None:
        return Slope(name=name, size=parameter.numel(), norm=None)
    values = grad.coalesce().values() if grad.is_sparse else grad
    norm = float(values.detach().double().norm())
    return Slope(name=name, size=parameter.numel(), norm=norm, finite=bool(np.isfinite(norm)))


def _moved(name: str, parameter: Any, before: Any) -> Moved:
    now = parameter.detach().cpu()
    change = (now.double() - before.double()) if now.numel() else now
    changed = float((change != 0).double().mean()) if now.numel() else 0.0
    return Moved(name, _rms(before), _rms(change), changed)
