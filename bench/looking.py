"""Asking over HTTP from a process of its own, and what is read off its answers."""

import json
from collections.abc import Sequence
from statistics import quantiles
from typing import Any

from bench.reads import Site
from bench.report import Figure
from bench.world import World, answer


def look(
    world: World, site: Site, mode: str, requests: Sequence[Any], number: int = 0, seconds: float = 0
) -> dict[str, Any]:
    """What `bench.lookers` has to say of these requests."""
    file = world.folder / "requests.json"
    file.write_text(json.dumps(requests))
    lookers = world.start(
        mode, str(site.port), site.token, str(file), str(number), str(seconds), module="bench.lookers"
    )
    result: dict[str, Any] = answer(lookers)
    world.stop(lookers)
    return result


def p95(took: Sequence[float]) -> float:
    return quantiles(took, n=20)[-1]


def at_most(name: str, value: float, floor: float, floor_is: str, bound: float, unit: str = "ms") -> Figure:
    return Figure(name, value, floor, unit, floor_is, target=bound, at_most=True)
