"""`python -m bench [AMQP]`: every figure beside its floor, in some minutes; exit code 1 if one is missed.

With `SIZE=full` over as much as the largest chains have, which takes most of an hour.
"""

import logging
import sys
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
from bench.world import world


def main(amqp: str | None = None) -> int:
    """Measure everything and print each part as it is known."""
    logging.disable(logging.WARNING)
    missed = 0
    with world(amqp=amqp) as made:
        for measure in (
            rpc.measure,
            reads.through_gunicorn,
            events.over_rabbitmq,
            reads.embedded,
            events.embedded,
            availability.over_rabbitmq,
            people.over_rabbitmq,
            imports.embedded,
            loyalty.over_rabbitmq,
            whatif.aside,
            analytics.aside,
            sources.aside,
            dashboard.aside,
            standings.aside,
        ):
            began = perf_counter()
            missed += told(measure(made))
            print(f"{measure.__module__}: {perf_counter() - began:.0f} s", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
