"""What a bill adds to which rollup."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID


class Work(NamedTuple):
    """What a line of a bill was for; all None for what is sold without a service or a master."""

    service_id: UUID | None
    category: str | None
    master_id: UUID | None


class Day(NamedTuple):
    """A client's day at a branch; the client is None for visits without a card."""

    local_date: date
    branch_id: UUID
    client_id: UUID | None


class Visit(NamedTuple):
    """A completed visit as its bill stands: where it belongs, and its revenue in minor units."""

    day: Day
    revenue: int


class Worth(NamedTuple):
    """Revenue, the discount that was given for it, and the salon's own cost, in minor units."""

    revenue: int
    discount: int
    cost: int

    def and_(self, other: "Worth") -> "Worth":
        return Worth(self.revenue + other.revenue, self.discount + other.discount, self.cost + other.cost)


def parts_of(lines: Iterable[tuple[Work, Worth]]) -> dict[Work, Worth]:
    """What a bill is worth by what it was for; lines for the same work are one part."""
    parts: dict[Work, Worth] = {}
    for work, worth in lines:
        parts[work] = parts[work].and_(worth) if work in parts else worth
    return parts


def moves(corrections: Iterable[tuple[Visit | None, Visit]]) -> dict[Day, tuple[int, int]]:
    """By how much visits and revenue of which days grow when each earlier bill (if any) gives way to the later one."""
    visits: Counter[Day] = Counter()
    revenue: Counter[Day] = Counter()
    for earlier, later in corrections:
        if earlier is not None:
            visits[earlier.day] -= 1
            revenue[earlier.day] -= earlier.revenue
        visits[later.day] += 1
        revenue[later.day] += later.revenue
    return {day: (visits[day], revenue[day]) for day in visits if visits[day] or revenue[day]}
