"""One row read over HTTP and the bus: CPU per request over all processes that have a part in it."""

import subprocess
from collections.abc import Sequence
from statistics import median

from bench.report import Figure
from bench.world import World, answer, cpu_seconds, free_port

ROUNDS = 3
SECONDS = 2.0
GUNICORN = ("--worker-class", "gthread", "--workers", "2", "--threads", "8", "--no-control-socket")


def over_rabbitmq(world: World) -> list[Figure]:
    """gunicorn with two workers, the service, the broker and PostgreSQL; eight clients."""
    port = free_port()
    service = world.start("serve", "ledger")
    site = world.start(
        *GUNICORN, "--bind", f"127.0.0.1:{port}", "bench.site:under_gunicorn()", module="gunicorn", port=port
    )
    figures = _figures("through gunicorn and RabbitMQ", world, port, [site.pid, service.pid, *world.server_pids()], 2.5)
    world.stop(site, service)
    return figures


def embedded(world: World) -> list[Figure]:
    """The HTTP server and the service in one process on the in-process bus."""
    port = free_port()
    process = world.start("1", module="bench.embedded", port=port)
    figures = _figures("embedded", world, port, [process.pid, *world.server_pids()], None)
    world.stop(process)
    return figures


def _figures(name: str, world: World, port: int, pids: Sequence[int], target: float | None) -> list[Figure]:
    rounds: dict[str, list[tuple[float, float]]] = {"/bare": [], "/row": []}
    for path, results in list(rounds.items()) * ROUNDS:
        results.append(_round(world, port, path, pids))
    (bare, bare_cpu), (row, row_cpu) = (
        (median(rate for rate, _ in results), median(cpu for _, cpu in results)) for results in rounds.values()
    )
    return [
        Figure(f"CPU of a row {name}", row_cpu, bare_cpu, "ms", "bare Flask route", target=target, at_most=True),
        Figure(f"rows {name}, 8 clients", row, bare, "req/s", "bare Flask route"),
    ]


def _round(world: World, port: int, path: str, pids: Sequence[int]) -> tuple[float, float]:
    """Requests per second, and milliseconds of CPU per request in the processes `pids` and their children."""
    readers: subprocess.Popen[bytes]
    used = cpu_seconds(pids)
    readers = world.start(str(port), path, str(SECONDS), module="bench.readers")
    result = answer(readers)
    used = cpu_seconds(pids) - used
    world.stop(readers)
    return result["answers"] / result["seconds"], used * 1000 / result["answers"]
