"""What channels cost."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple


class Rate(NamedTuple):
    """From the first day of `month` on a channel costs `monthly` minor units a month, until its next rate."""

    month: date
    monthly: int


def cost_of(rates: Iterable[Rate], first: date, last: date) -> int:
    """What a channel costs from `first` to `last`, both included: of each month the share of its days, rounded once."""
    known = sorted(rates)
    whole = Decimal(0)
    month = first.replace(day=1)
    while month <= last and known:
        days = monthrange(month.year, month.month)[1]
        ends = month.replace(day=days)
        inside = (min(ends, last) - max(month, first)).days + 1
        in_force = [rate.monthly for rate in known if rate.month <= month]
        whole += Decimal((in_force or [0])[-1] * inside) / days
        month = ends + timedelta(days=1)
    return int(whole.quantize(Decimal(1), ROUND_HALF_UP))
