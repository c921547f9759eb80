"""A table of 2,000 clients (`SIZE=full`: 50,000) taken in through everything: `python -m bench.imports [ROWS]`."""

import logging
import sys
import time
from collections.abc import Iterator
from random import Random

import httpx

from bench.alone import full_size, told
from bench.reads import Site, system
from bench.report import Figure
from bench.world import World, cpu_seconds, world
from deploy.demo.names import FAMILY, FEMALE, PATRONYMICS, family_name

ROWS = 50_000 if full_size() else 2_000
BOUND = 0.006  # seconds a row: five minutes for 50,000
LOOKED_EVERY = 1.0  # seconds
FIELDS = ("full_name", "phone", "email", "birth_date", "source", "reference", "referrer_reference", "comment")


def embedded(_world: World, site: Site, rows: int = ROWS) -> Iterator[Figure]:
    """From the upload to the last row, everything in one process; beside it a run that changes nothing."""
    bound = BOUND * rows
    with _http(site) as http:
        dry, dry_cpu = _taken_in(http, site, rows, dry_run=True)
        taken, taken_cpu = _taken_in(http, site, rows, dry_run=False)
        yield Figure(f"{rows} rows of a table taken in", taken, dry, "s", "a dry run", target=bound, at_most=True)
        yield Figure("rows of a table taken in", rows / taken, rows / dry, "rows/s", "a dry run")
        yield Figure("CPU of a row of a table", taken_cpu * 1000 / rows, dry_cpu * 1000 / rows, "ms", "a dry run")


def _http(site: Site) -> httpx.Client:
    headers = {"Authorization": f"Bearer {site.token}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{site.port}/api/v1", headers=headers, timeout=120.0)


def _taken_in(http: httpx.Client, site: Site, rows: int, *, dry_run: bool) -> tuple[float, float]:
    """Seconds from the first byte of the table to the outcome of its last row, and of CPU in all processes."""
    started, used = time.perf_counter(), cpu_seconds([site.root])
    sent = http.post("/client-imports", content=_table(rows), headers={"Content-Type": "text/csv"})
    path = f"/client-imports/{sent.raise_for_status().json()['id']}"
    columns = [{"column": number, "field": field} for number, field in enumerate(FIELDS)]
    http.put(f"{path}/mapping", json={"columns": columns}, headers={"If-Match": '"1"'}).raise_for_status()
    http.post(f"{path}/runs", json={"dry_run": dry_run}).raise_for_status()
    while (run := http.get(path).raise_for_status().json()["run"])["state"] == "running":
        time.sleep(LOOKED_EVERY)
    seconds, used = time.perf_counter() - started, cpu_seconds([site.root]) - used
    assert run["state"] == "done", run
    assert (run["done"], run["refused"], run["duplicate"]) == (rows, 0, 0), run
    return seconds, used


def _table(rows: int) -> bytes:
    """As another system writes it: names that come often and seldom, one in five brought by somebody above."""
    chance = Random(rows)
    lines = ["ФИО;Телефон;Email;Дата рождения;Источник;Код;Код пригласившего;Комментарий"]
    for number in range(rows):
        family = family_name(chance.choice(FAMILY), female=True)
        name = f"{family} {chance.choice(FEMALE)} {chance.choice(PATRONYMICS)[True]}"
        born = f"{chance.randint(1, 28):02}.{chance.randint(1, 12):02}.{chance.randint(1950, 2008)}"
        brought = f"R{chance.randrange(number)}" if number and chance.random() < 0.2 else ""
        source = chance.choice(("Instagram", "Walk-in", "Google", ""))
        lines.append(
            f"{name};+7916{number:07};client{number}@example.com;{born};{source};R{number};{brought};по вторникам"
        )
    return "\n".join(lines).encode()


def main(rows: str = str(ROWS)) -> int:
    logging.disable(logging.WARNING)
    with world() as made, system(made, "embedded") as site:
        return min(1, told(embedded(made, site, int(rows))))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
