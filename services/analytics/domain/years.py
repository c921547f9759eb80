"""Which whole years a period is made of, where years are kept added up, and what is left of it."""

from datetime import date, timedelta
from typing import NamedTuple

EVERY = 0  # the year under which all of them are kept together


class Cut(NamedTuple):
    """A period as years that are kept, and as the parts of others from day to day."""

    years: list[int]
    rest: list[tuple[date, date]]


def cut(first: date, last: date, known: tuple[date, date] | None) -> Cut:
    """The period from `first` to `last` where all that happened did so on the days `known`, or nothing did.

    A year is whole if nothing of it is known beyond the period: so is the present one up to today.
    """
    if known is None or first > known[1] or last < known[0]:
        return Cut([], [])
    first, last = max(first, known[0]), min(last, known[1])
    if (first, last) == known:
        return Cut([EVERY], [])
    found = Cut([], [])
    for year in range(first.year, last.year + 1):
        begins, ends = date(year, 1, 1), date(year, 12, 31)
        since, until = max(first, begins), min(last, ends)
        if since == max(begins, known[0]) and until == min(ends, known[1]):
            found.years.append(year)
        elif found.rest and found.rest[-1][1] + timedelta(days=1) == since:
            found.rest[-1] = found.rest[-1][0], until
        else:
            found.rest.append((since, until))
    return found
