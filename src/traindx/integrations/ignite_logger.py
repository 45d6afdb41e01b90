"""A logger for Ignite with the methods of its other loggers, which also stops the trainer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast, final

import torch
from ignite.engine import Engine, Events
from ignite.handlers.base_logger import BaseLogger, BaseOptimizerParamsHandler, BaseOutputHandler

from traindx.diagnosis import Report
from traindx.integrations.guarded import Given, GuardedMonitor
from traindx.integrations.torch_facts import optimizer_facts
from traindx.integrations.torch_loop import watch


@final
class TraindxLogger(BaseLogger):
    """Records what engines give and compute; judges the run, and terminates the trainer where a finding stops it.

    Takes a ``Monitor``, or a directory and the keywords of one. ``follow(trainer, ...)`` says which engine trains; the handlers are
    attached as with any logger of Ignite: ``attach_output_handler(engine, event_name=..., tag="val", metric_names="all")`` and
    ``attach_opt_params_handler(trainer, event_name=..., optimizer=optimizer)``. Tensors are recorded without waiting for their device. As a
    context manager it closes at the end, also where the training raises.
    """

    def __init__(self, monitor: Given, **options: Any) -> None:
        self.guard = GuardedMonitor("the traindx logger", monitor, options)
        self.trainer: Engine | None = None

    @property
    def report(self) -> Report | None:
        """The last report of the run, None before the first."""
        return self.guard.report

    def follow(
        self,
        trainer: Engine,
        *,
        model: torch.nn.Module | None = None,
        optimizer: torch.optim.Optimizer | None = None,
        watch_every: int | None = 50,
    ) -> None:
        """Count steps by this engine, tell what it knows of the run, watch the optimiser, and stop it when told to.

        Other engines are recorded at the iteration at which the trainer stands, unless their handler is given a
        ``global_step_transform``: epochs and iterations would make two axes of one log.
        """
        self.trainer = trainer
        add: Callable[..., object] = cast("Any", trainer).add_event_handler
        add(Events.STARTED, self._tell, optimizer)
        add(Events.ITERATION_COMPLETED, self._stop)
        if model is not None and optimizer is not None and watch_every is not None:
            watch(model, optimizer, self.guard, every=watch_every, step=lambda: trainer.state.iteration)

    def close(self) -> None:
        """Close, so that the report stands."""
        self.guard.close()

    def step_of(self, engine: Engine, event: Any) -> int:
        """The step that values of ``engine`` belong to."""
        trainer = engine if self.trainer is None else self.trainer
        return int(trainer.state.get_event_attrib_value(event) if self.trainer is None else trainer.state.iteration)

    def _tell(self, trainer: Engine, optimizer: torch.optim.Optimizer | None) -> None:
        epochs, length = trainer.state.max_epochs, trainer.state.epoch_length
        self.guard.begin()
        self.guard.tell({"total_epochs": epochs, "steps_per_epoch": length})
        self.guard.tell({"total_steps": epochs * length if epochs and length else None})
        if optimizer is not None:
            self.guard.tell(self.guard.learnt(lambda: optimizer_facts(optimizer)))

    def _stop(self, trainer: Engine) -> None:
        if self.guard.should_stop:
            trainer.terminate()

    def _create_output_handler(self, *args: Any, **kwargs: Any) -> Callable[..., None]:
        return OutputHandler(*args, **kwargs)

    def _create_opt_params_handler(self, *args: Any, **kwargs: Any) -> Callable[..., None]:
        return OptimizerParamsHandler(*args, **kwargs)


@final
class OutputHandler(BaseOutputHandler):
    """Records an engine's output, metrics and state attributes as ``tag/name``; arguments as those of Ignite's own."""

    def __init__(self, tag: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(tag, *args, **kwargs)  # pyright: ignore[reportUnknownMemberType] - without types
        self._own_step: Callable[..., int] | None = kwargs.get("global_step_transform")

    def __call__(self, engine: Engine, logger: TraindxLogger, event_name: Any) -> None:
        """Called by the engine."""
        logger.guard.attempt(lambda: self._record(engine, logger, event_name), None)

    def _record(self, engine: Engine, logger: TraindxLogger, event: Any) -> None:
        step = logger.step_of(engine, event) if self._own_step is None else self._own_step(engine, event)
        logger.guard.log(dict(_named(self.tag, self._values(engine))), step=step)

    def _values(self, engine: Engine) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if self.metric_names is not None:
            metrics: Mapping[str, Any] = engine.state.metrics
            wanted = list(metrics) if self.metric_names == "all" else self.metric_names
            values |= {name: metrics[name] for name in wanted if name in metrics}
        transform: Callable[[Any], Any] | None = cast("Any", self).output_transform
        if transform is not None:
            output = transform(engine.state.output)
            values |= cast("Mapping[str, Any]", output) if isinstance(output, Mapping) else {"output": output}
        return values | {name: getattr(engine.state, name, None) for name in self.state_attributes or ()}


@final
class OptimizerParamsHandler(BaseOptimizerParamsHandler):
    """Records a parameter of each group of an optimiser, its learning rate by default."""

    def __call__(self, engine: Engine, logger: TraindxLogger, event_name: Any) -> None:
        """Called by the engine."""
        logger.guard.attempt(lambda: self._record(engine, logger, event_name), None)

    def _record(self, engine: Engine, logger: TraindxLogger, event: Any) -> None:
        groups: Sequence[Mapping[str, Any]] = self.optimizer.param_groups
        name = f"{self.tag}/{self.param_name}" if self.tag else self.param_name
        values = {f"group_{place}": group[self.param_name] for place, group in enumerate(groups)}
        logger.guard.log(
            {name: values["group_0"]} if len(groups) == 1 else dict(_named(name, values)),
            step=logger.step_of(engine, event),
        )


def _named(tag: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Flatten mappings of numbers and one-element tensors; a vector gives one value for each entry."""
    for name, value in values.items():
        full = f"{tag}/{name}"
        if isinstance(value, Mapping):
            yield from _named(full, cast("Mapping[str, Any]", value))
        elif isinstance(value, torch.Tensor):
            entries = value.detach().reshape(-1).unbind()
            yield from (
                ((full, entries[0]),) if len(entries) == 1 else ((f"{full}/{i}", one) for i, one in enumerate(entries))
            )
        elif isinstance(value, (int, float)):
            yield full, value
