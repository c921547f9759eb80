"""When a discount may become another one by time alone."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.loyalty.domain.programme import Programme
from services.loyalty.domain.standing import Standing

A_DAY = timedelta(days=1)  # what fades or falls out of a period is looked at so often; who asks hears the truth anyway


def turns_at(standing: Standing, programmes: Iterable[Programme]) -> datetime | None:
    """The first instant after `standing.at` at which to look again; None if nothing but facts can change anything."""
    found = [standing.at + A_DAY] if _fades(standing, programmes) else []
    if standing.personal is not None:
        bounds = (standing.personal.valid_from, standing.personal.valid_until)
        found += [bound for bound in bounds if bound is not None and bound > standing.at]
    return min(found, default=None)


def _fades(standing: Standing, programmes: Iterable[Programme]) -> bool:
    if not standing.brought and not standing.bills:
        return False
    return any(programme.is_timed for programme in programmes)
