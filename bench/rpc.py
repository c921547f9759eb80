"""RPC echo over RabbitMQ through the chassis, against a bare kombu echo between the same kinds of processes."""

from bench.alone import full_size
from bench.report import Figure
from bench.world import World, answer

SECONDS, ROUNDS = 0.4, 15 if full_size() else 5


def measure(world: World) -> list[Figure]:
    """Callers in one process, the service in another, the broker in a third."""
    service, floor = world.start("serve", "ledger"), world.start(module="bench.floor")
    callers = world.start(str(SECONDS), str(ROUNDS), module="bench.callers")
    pairs = answer(callers)
    world.stop(callers, service, floor)
    figures = []
    for kind, what, target in (("many", "32 callers", 0.9), ("one", "one after another", 0.8)):
        bare, ours = _of_middle_ratio(pairs[kind])
        name = f"RPC echo over RabbitMQ, {what}"
        figures.append(Figure(name, ours, bare, "calls/s", "bare kombu", target=target, of_ratio=True))
    return figures


def _of_middle_ratio(pairs: list[list[float]]) -> list[float]:
    """The pair whose ratio is the median of all."""
    return sorted(pairs, key=lambda pair: pair[1] / pair[0])[len(pairs) // 2]
