"""Many mutations for every reader, quickly: python -m tests.readers.fuzz_many [PER_READER] [SEED] [READER ...].

The hypothesis tests beside it find small counterexamples; this counts on numbers. Every reader gets mutations of the samples
that it recognises, and must read or refuse each; the slowest call is printed.
"""

from __future__ import annotations

import sys
import time
import warnings

import numpy as np
from tests.readers.test_fuzz import TOKENS, mutated, samples

from traindx.errors import UnreadableLogError
from traindx.readers import LogFile, Reader
from traindx.readers.registry import READERS

KINDS = ("flip", "cut", "drop", "copy", "insert", "insert")
LARGEST = 20_000


def fuzz(reader: Reader, count: int, random: np.random.Generator) -> tuple[int, int, float]:
    """Return how many mutations were read and refused, and the seconds of the slowest call."""
    every = sorted(((p.name, p.read_bytes()) for p in samples()), key=lambda sample: len(sample[1]))
    own = [(name, data) for name, data in every if reader.recognises(LogFile(path=name, data=data))]
    own = [sample for sample in own if len(sample[1]) <= LARGEST] or own[:1]
    if not own:
        raise LookupError(f"{reader.name} has no sample to mutate")
    read = refused = 0
    slowest = 0.0
    for i in range(count):
        name, data = own[i % len(own)]
        changes = [
            (
                KINDS[int(random.integers(len(KINDS)))],
                random.random(),
                random.random(),
                TOKENS[int(random.integers(len(TOKENS)))],
            )
            for _ in range(int(random.integers(1, 7)))
        ]
        started = time.process_time()
        try:
            with np.errstate(all="ignore"):  # as the choice of a reader calls it
                reader.read(LogFile(path=name, data=mutated(data, changes)))
            read += 1
        except UnreadableLogError:
            refused += 1
        slowest = max(slowest, time.process_time() - started)
    return read, refused, slowest


def main(count: int, seed: int, names: list[str]) -> None:
    warnings.simplefilter("error")
    missing = 0
    for reader in (r for r in READERS if not names or r.name in names):
        try:
            read, refused, slowest = fuzz(reader, count, np.random.default_rng(seed))
        except LookupError as problem:
            missing += 1
            print(problem)
            continue
        print(
            f"{reader.name:24} {count} mutations: {read} read, {refused} refused, slowest {slowest:.2f} s", flush=True
        )
    sys.exit(missing)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 10_000, int(given[1]) if len(given) > 1 else 0, given[2:])
