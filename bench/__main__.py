"""`python -m bench [AMQP]`: every figure beside its floor, in a quarter of an hour; exit code 1 if one is missed."""

import logging
import sys

from bench import availability, events, imports, loyalty, people, reads, rpc, whatif
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
        ):
            for figure in measure(made):
                print(figure, flush=True)
                missed += not figure.reached
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
