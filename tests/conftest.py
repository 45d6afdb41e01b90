"""What pytest leaves alone: samples, and the scripts that made them with libraries that no test needs."""

from __future__ import annotations

collect_ignore = ["data"]
