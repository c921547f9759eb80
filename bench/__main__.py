"""`python -m bench [AMQP]`: every figure beside its floor, in some minutes; exit code 1 if one is missed.

With `SIZE=full` over as much as the largest chains have, which takes most of an hour.
"""

import logging
import sys
from collections.abc import Callable, Iterable
from time import perf_counter

from bench import (
    analytics,
    availability,
    dashboard,
    events,
    imports,
    loyalty,
    people,
    reads,
    rpc,
    sources,
    standings,
    whatif,
)
from bench.alone import told
from bench.reads import system
from bench.report import Figure
from bench.world import world


def main(amqp: str | None = None) -> int:
    """Measure everything and print each part as it is known."""
    logging.disable(logging.WARNING)
    with world(amqp=amqp) as made:
        missed = sum(_told(measure, made) for measure in (rpc.measure, events.over_rabbitmq, events.embedded))
        with system(made, "cluster") as site:
            for part in (reads.through_gunicorn, availability.over_rabbitmq, people.over_rabbitmq):
                missed += _told(part, made, site)
        with system(made, "embedded") as site:
            missed += sum(_told(part, made, site) for part in (reads.embedded, imports.embedded))
        for measure in (
            loyalty.over_rabbitmq,
            whatif.aside,
            sources.aside,
            analytics.aside,
            dashboard.aside,
            standings.aside,
        ):
            missed += _told(measure, made)
    return 1 if missed else 0


def _told(measure: Callable[..., Iterable[Figure]], *where: object) -> int:
    """How many of its figures were missed, after all of them and the time they took were printed."""
    began = perf_counter()
    missed = told(measure(*where))
    print(f"{measure.__module__}: {perf_counter() - began:.0f} s", flush=True)
    return missed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
