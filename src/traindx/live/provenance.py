"""What a run was made by: versions, command, host and commit, kept beside its log. No environment variable is read."""

from __future__ import annotations

import platform
import re
import socket
import sys
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

_LIBRARIES: Final = (
    "traindx", "numpy", "torch", "jax", "flax", "optax", "tensorflow", "keras", "lightning", "pytorch-lightning",
    "transformers", "accelerate", "trl", "datasets", "sentence-transformers", "deepspeed", "ultralytics", "fastai",
    "pytorch-ignite", "scikit-learn", "xgboost", "lightgbm", "torchvision", "timm", "peft", "bitsandbytes",
)  # fmt: skip
_MODULES: Final = {"lightning": "lightning", "scikit-learn": "sklearn", "pytorch-ignite": "ignite"}
_SECRET_NAME: Final = re.compile(
    r"token(?!i)|key(?!p)|secret|passw|auth(?!o)|credential|cookie|webhook|dsn", re.IGNORECASE
)  # no tokenizer, keypoint, author
_SECRET_VALUE: Final = re.compile(
    r"(hf|sk|pk|rk|gh[opsu]|github_pat|glpat|xox[abp]|AKIA|AIza|eyJ)[-_A-Za-z0-9]{16,}"  # what well-known services hand out
    r"|[0-9a-f]{32,}|[A-Za-z0-9+]{40,}={0,2}"  # and what has the look of a key
)
_NUMBER: Final = re.compile(r"\d{1,7}")  # of tokens, mostly
_IN_ADDRESS: Final = re.compile(r"(?<=://)[^/@\s]+(?=@)|(?<=[?&])[^=&\s]*=[^&\s]*")
_HIDDEN: Final = "***"
_LONGEST: Final = 300  # characters of one argument: a longer one is a prompt or data
_MOST: Final = 200  # arguments
_COMMIT: Final = re.compile(r"[0-9a-f]{40,64}")


def provenance() -> dict[str, object]:
    """Return what can be told at no cost: only libraries that are loaded already are asked for their version."""
    told: dict[str, object] = {
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "host": socket.gethostname(),
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "command": " ".join(without_secrets(sys.argv)),
        "libraries": _versions(),
    }
    commit = git_commit(Path.cwd())
    return told | ({"git_commit": commit} if commit else {})


def without_secrets(arguments: Sequence[str]) -> list[str]:
    """Return a command line with what may be a password, a key or the query of an address blotted out.

    >>> without_secrets(["train.py", "--api-key", "abc", "--hub_token=xyz", "--lr", "1e-4", "s3://me:pw@host/data"])
    ['train.py', '--api-key', '***', '--hub_token=***', '--lr', '1e-4', 's3://***@host/data']
    """
    shown: list[str] = []
    expected = False
    for argument in arguments[:_MOST]:
        name, mark, value = argument.partition("=")
        if expected and not _NUMBER.fullmatch(argument):
            shown.append(_HIDDEN)
        elif mark and _SECRET_NAME.search(name) and not _NUMBER.fullmatch(value):
            shown.append(f"{name}={_HIDDEN}")
        else:
            cleaned = _SECRET_VALUE.sub(_HIDDEN, _IN_ADDRESS.sub(_HIDDEN, argument))
            shown.append(cleaned if len(cleaned) <= _LONGEST else cleaned[:_LONGEST] + "...")
        expected = not mark and argument.startswith("-") and bool(_SECRET_NAME.search(argument))
    return shown


def git_commit(start: Path) -> str:
    """Return the commit that is checked out at ``start`` or above it, read from its files; "" where there is none."""
    try:
        home = next((folder / ".git" for folder in (start, *start.parents) if (folder / ".git").exists()), None)
        if home is None:
            return ""
        if home.is_file():  # a worktree
            home = (home.parent / home.read_text(encoding="utf-8").removeprefix("gitdir:").strip()).resolve()
        head = (home / "HEAD").read_text(encoding="utf-8").strip()
        if head.startswith("ref:"):
            head = _commit_of(home, head.removeprefix("ref:").strip())
    except (OSError, ValueError):
        return ""
    return head if _COMMIT.fullmatch(head) else ""


def _commit_of(home: Path, reference: str) -> str:
    shared = home / "commondir"
    common = (home / shared.read_text(encoding="utf-8").strip()).resolve() if shared.is_file() else home
    for place in (home, common):
        if (place / reference).is_file():
            return (place / reference).read_text(encoding="utf-8").strip()
    packed = (common / "packed-refs").read_text(encoding="utf-8")
    return next((line.split()[0] for line in packed.splitlines() if line.endswith(f" {reference}")), "")


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in _LIBRARIES:
        if _MODULES.get(name, name.replace("-", "_")) in sys.modules:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                continue
    return found
