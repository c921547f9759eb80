"""One row read over HTTP and the bus: CPU per request over all processes that have a part in it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from bench.alone import full_size
from bench.report import Figure
from bench.world import World, answer, cpu_seconds
from deploy import ports

ROUNDS = 3
SECONDS = 2.0 if full_size() else 1.0
STARTS_WITHIN = 120.0
PASSWORD = "a password for measuring"
GUNICORN = (
    "gunicorn",
    "--worker-class",
    "gthread",
    "--threads",
    "16",
    "--no-control-socket",
    "bench.bare:create_app()",
)


@dataclass(frozen=True)
class Site:
    """Where something answers, the process whose family does the work, and the folder of its data."""

    root: int
    port: int
    path: str = "/"
    token: str = "-"
    home: Path = Path()


def through_gunicorn(world: World, site: Site) -> list[Figure]:
    """The cluster: gunicorn, the service, the broker and PostgreSQL, and all others in their idleness."""
    port = ports.free(1)[0]
    bare = world.start(*GUNICORN[1:], "--bind", f"127.0.0.1:{port}", module=GUNICORN[0], port=port)
    figures = _figures(world, site, Site(bare.pid, port), "through gateway, gunicorn and RabbitMQ", 2.5)
    world.stop(bare)
    return figures


def embedded(world: World, site: Site) -> list[Figure]:
    """HTTP server, gateway and services in one process on the in-process bus, and PostgreSQL."""
    port = ports.free(1)[0]
    bare = world.start(module="bench.bare", port=port)
    figures = _figures(world, site, Site(bare.pid, port), "through the embedded process", None)
    world.stop(bare)
    return figures


@contextmanager
def system(world: World, shape: str, folder: str | None = None, installed: Sequence[str] = ()) -> Iterator[Site]:
    """Lokon, whole or only what is `installed`, with one branch in it, and the owner's token to read that branch."""
    home, port = world.folder / (folder or shape), ports.free(1)[0]
    home.mkdir()
    settings = {
        "LOKON_DATA": str(home),
        "LOKON_LISTEN": f"127.0.0.1:{port}",
        "LOKON_OWNER_PASSWORD": PASSWORD,
        "LOKON_TEST_AMQP": "",
    }
    if installed:
        settings["LOKON_SERVICES"] = ",".join(installed)
    with (home / "out").open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", f"deploy.{shape}", "--with-parent"],
            env=os.environ | settings,
            stdout=out,
            stderr=out,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
            _wait_until_ready(http)
            login = {"login": "owner", "password": PASSWORD}
            token = http.post("/api/v1/auth/login", json=login).raise_for_status().json()["access_token"]
            branch = {"name": "Main", "time_zone": "Europe/Moscow", "address": "1 Main Street", "opening_hours": []}
            made = http.post("/api/v1/branches", json=branch, headers={"Authorization": f"Bearer {token}"})
            path = f"/api/v1/branches/{made.raise_for_status().json()['id']}"
        yield Site(process.pid, port, path, token, home)
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_ready(http: httpx.Client) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            if http.get("/health/ready").is_success:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError("the system does not become ready")
        time.sleep(0.1)


def _figures(world: World, row: Site, bare: Site, name: str, target: float | None) -> list[Figure]:
    rounds: dict[Site, list[tuple[float, float]]] = {row: [], bare: []}
    for site, results in list(rounds.items()) * ROUNDS:
        results.append(_round(world, site))
    (row_rate, row_cpu), (bare_rate, bare_cpu) = (
        (median(rate for rate, _ in results), median(cpu for _, cpu in results)) for results in rounds.values()
    )
    return [
        Figure(f"CPU of a row {name}", row_cpu, bare_cpu, "ms", "bare Flask route", target=target, at_most=True),
        Figure(f"rows {name}", row_rate, bare_rate, "req/s", "bare Flask route"),
    ]


def _round(world: World, site: Site) -> tuple[float, float]:
    """Requests per second of eight clients, and milliseconds of CPU per request in the site's processes."""
    used = cpu_seconds([site.root])
    readers = world.start(str(site.port), site.path, str(SECONDS), site.token, module="bench.readers")
    result = answer(readers)
    used = cpu_seconds([site.root]) - used
    world.stop(readers)
    return result["answers"] / result["seconds"], used * 1000 / result["answers"]
