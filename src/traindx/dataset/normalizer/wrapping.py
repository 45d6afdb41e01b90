"""A loader or data set whose batches come out normalised, and predictions that go back to original units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, cast, final

from traindx.dataset.normalizer.applying import Unknown
from traindx.dataset.normalizer.normalizer import Normalizer
from traindx.errors import UsageError

Array = TypeVar("Array")
Key = int | str


@final
class Normalized:
    """Wraps whatever gives batches or samples: a PyTorch DataLoader or Dataset, a list, a generator function's result.

    ``entries`` says which part of a tuple (by number) or of a dict (by name) each normaliser is for; ``group`` and ``mask``
    say which parts hold the groups and the mask, for those that want them. Everything else is handed on as it is. The first ``verified``
    batches are compared with the data fitted on, later ones are not looked at. Iterating, indexing and ``len`` work as far as they do on what is wrapped.
    """

    def __init__(
        self,
        wrapped: Any,
        entries: Mapping[Key, Normalizer],
        *,
        group: Key | None = None,
        mask: Key | None = None,
        unknown: Unknown = "refuse",
        verified: int = 4,
    ) -> None:
        if not entries:
            raise UsageError(
                "no entry to normalise", hint="give {0: normaliser} for the first part of a tuple, or {'x': normaliser}"
            )
        self.wrapped = wrapped
        self.entries = dict(entries)
        self.group, self.mask = group, mask
        self.unknown: Unknown = unknown
        self.verified = verified

    def __len__(self) -> int:
        return len(self.wrapped)

    def __iter__(self) -> Iterator[Any]:
        for number, batch in enumerate(self.wrapped):
            yield self.transform(batch, verify=number < self.verified)

    def __getitem__(self, index: Any) -> Any:
        return self.transform(self.wrapped[index], verify=False)

    def __getattr__(self, name: str) -> Any:
        """Hand on what a loader offers besides: ``batch_size``, ``sampler``, ``dataset``."""
        if name.startswith("__") or name == "wrapped":  # asked for while unpickling, before there is anything to ask
            raise AttributeError(name)
        return getattr(self.wrapped, name)

    def transform(self, batch: Any, *, verify: bool = True) -> Any:
        """Return a batch with its entries normalised."""
        fresh: dict[Key, Any] = {}
        for key, normalizer in self.entries.items():
            group, mask = self._sides(normalizer, batch)
            fresh[key] = normalizer.transform(
                _part(batch, key), group=group, mask=mask, unknown=self.unknown, verify=verify
            )
        return _replaced(batch, fresh)

    def denormalise(self, prediction: Array, batch: Any = None, *, entry: Key | None = None) -> Array:
        """Return a prediction of an entry in original units, with the groups and the mask of the batch that it was made for.

        Inactive entries become 0. ``entry`` may be left out where only one is normalised.
        """
        if entry is None and len(self.entries) > 1:
            raise UsageError("several entries are normalised", hint=f"say which: entry={next(iter(self.entries))!r}")
        normalizer = self.entries[next(iter(self.entries)) if entry is None else entry]
        group, mask = self._sides(normalizer, batch)
        return normalizer.inverse(prediction, group=group, mask=mask, unknown=self.unknown)

    def _sides(self, normalizer: Normalizer, batch: Any) -> tuple[Any, Any]:
        """Return the group and the mask of a batch, as far as the normaliser was fitted with them."""
        group = _part(batch, self.group) if normalizer.groups and self.group is not None else None
        mask = _part(batch, self.mask) if normalizer.fitted.masked and self.mask is not None else None
        return group, mask


def _part(batch: Any, key: Key) -> Any:
    try:
        return batch[key]
    except (KeyError, IndexError, TypeError) as error:
        named = isinstance(batch, Mapping)
        has = f"the names {list(cast('Mapping[object, object]', batch))!r}" if named else f"a {type(batch).__name__}"
        raise UsageError(f"a batch has no entry {key!r}: it is {has}") from error


def _replaced(batch: Any, fresh: dict[Key, Any]) -> Any:
    if isinstance(batch, Mapping):
        return {**cast("Mapping[Key, Any]", batch), **fresh}
    parts = [fresh.get(place, fresh.get(place - len(batch), part)) for place, part in enumerate(batch)]
    if hasattr(batch, "_make"):
        return batch._make(parts)
    return tuple(parts) if isinstance(batch, tuple) else parts
