"""Words that several rules share: a percentage as people read it, whether a visit counts, what is never an edge."""

from decimal import Decimal

LOOP = "closes_a_loop"
SELF = "names_themselves"


def plain(percent: Decimal) -> Decimal:
    """`percent` without trailing zeros and without an exponent: 5, 7.5, 10."""
    return percent.quantize(Decimal(1)) if percent == percent.to_integral_value() else percent.normalize()


def qualifies(*, services: int, due: int, paid: int, refunded: int) -> bool:
    """Whether a completed visit makes a person count: a service was rendered and some of what was paid was kept.

    `services` is the number of service lines; `due`, `paid` and `refunded` are minor units of the whole bill.
    """
    return services > 0 and min(due, paid) - refunded > 0
