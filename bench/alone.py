"""A part of the benchmark by itself, as `python -m bench.<part>` runs it."""

import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bench.report import Figure
from deploy.postgres import PostgresServer


def told(figures: Iterable[Figure]) -> int:
    """Print each figure as soon as it is known; how many were missed."""
    missed = 0
    for figure in figures:
        print(figure, flush=True)
        missed += not figure.reached
    return missed


def alone(measure: Callable[[PostgresServer], Iterator[Figure]]) -> int:
    """On a database server of its own; the exit code is 1 if a figure was missed."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="lokon-bench-", dir="/tmp") as home, PostgresServer(Path(home)) as server:
        return min(1, told(measure(server)))


def full_size() -> bool:
    return os.environ.get("SIZE") == "full"
