"""Kill runs with SIGKILL at random moments: python benchmarks/kill_runs.py [RUNS]."""

from __future__ import annotations

import sys
from collections import Counter

from killing import kill_one


def main() -> None:
    runs = [kill_one(seed) for seed in range(int(sys.argv[1]) if len(sys.argv) > 1 else 200)]
    told = sum(run.told for run in runs)
    print(
        f"{len(runs)} runs killed, {told} steps whose call had returned (in one run {min(r.told for r in runs)} to {max(r.told for r in runs)})"
    )
    print(f"steps lost: {sum(run.lost for run in runs)}")
    print(f"files that did not open, or with damage: {sum(run.damaged for run in runs)}")
    beyond = Counter(min(run.ours, run.tensorboard) - run.told for run in runs)
    print(f"steps in the file whose call had not returned yet: {dict(sorted(beyond.items()))}")


if __name__ == "__main__":
    main()
