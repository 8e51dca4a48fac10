"""How a bench says what it measured: one table, the machine and the day."""

import os
import platform
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime


def heading(title: str) -> str:
    """Return a title with the machine and the day (UTC)."""
    cores = os.cpu_count()
    machine = f"{platform.machine()}, {cores} cores, Python {platform.python_version()}"
    return f"{title}\n{machine}, {datetime.now(UTC):%Y-%m-%d}"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return a percentile of durations, in milliseconds."""
    if len(seconds) < 2:
        return seconds[0] * 1000 if seconds else 0.0
    return statistics.quantiles(seconds, n=100, method="inclusive")[round(share * 100) - 1] * 1000
