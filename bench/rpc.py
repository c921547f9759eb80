"""RPC echo over RabbitMQ through the chassis, against a bare kombu echo between the same kinds of processes."""

from statistics import median

from bench.report import Figure
from bench.world import World, answer

ROUNDS = 5
SECONDS = 1.0


def measure(world: World) -> list[Figure]:
    """Callers in one process, the service in another, the broker in a third; rounds of both take turns."""
    service, floor = world.start("serve", "ledger"), world.start(module="bench.floor")
    rounds: dict[str, list[dict[str, float]]] = {"bare": [], "chassis": []}
    for _ in range(ROUNDS):
        for kind, results in rounds.items():
            results.append(_round(world, kind))
    world.stop(service, floor)
    bare, ours = rounds["bare"], rounds["chassis"]

    def middle(results: list[dict[str, float]], key: str) -> float:
        return median(result[key] for result in results)

    return [
        Figure(
            name=f"RPC echo over RabbitMQ, {what}",
            value=middle(ours, key),
            floor=middle(bare, key),
            unit="calls/s",
            floor_is="bare kombu",
            target=target,
            of_ratio=True,
        )
        for key, what, target in (("many", "32 callers", 0.9), ("one", "one after another", 0.8))
    ]


def _round(world: World, kind: str) -> dict[str, float]:
    callers = world.start(kind, str(SECONDS), module="bench.callers")
    result: dict[str, float] = answer(callers)
    world.stop(callers)
    return result
