"""What the salon may say of itself: names, weeks, phases, ranges of prices, papers."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kernel.errors import Invalid
from services.booking.domain.shifts import END_OF_DAY
from services.booking.domain.wish import Phase


def name_of(field: str, text: str) -> str:
    """`text` as it is kept; refused if there is nothing in it to read."""
    name = text.strip()
    if not name:
        raise Invalid.field(field, "name_blank", "a name has at least one letter")
    return name


def check_week(field: str, week: Sequence[tuple[int, int, int]]) -> None:
    """Refuse hours (weekday, opens, closes in minutes after midnight) that end early or overlap on a weekday."""
    for place, (_, opens, closes) in enumerate(week):
        if closes <= opens:
            raise Invalid.field(f"{field}.{place}.closes", "closes_early", "what opens closes after that")
    by_time = sorted(range(len(week)), key=lambda place: week[place])
    for earlier, later in pairwise(by_time):
        if week[earlier][0] == week[later][0] and week[later][1] < week[earlier][2]:
            raise Invalid.field(f"{field}.{max(earlier, later)}", "hours_overlap", "two hours of a weekday overlap")


def check_hours_of_day(opens: int | None, closes: int | None) -> None:
    """Refuse half of the hours of a day, and hours that end early."""
    if (opens is None) != (closes is None):
        missing = "opens" if opens is None else "closes"
        raise Invalid.field(missing, "hours_incomplete", "a day is closed, or open from a time to a time")
    if opens is not None and closes is not None and closes <= opens:
        raise Invalid.field("closes", "closes_early", "what opens closes after that")


def check_once(fields: str, values: Sequence[Hashable], code: str, message: str) -> None:
    """Refuse a value that stands twice among `values`; `fields` names their place, with `{}` for which of them."""
    seen: set[Hashable] = set()
    for place, value in enumerate(values):
        if value in seen:
            raise Invalid.field(fields.format(place), code, message)
        seen.add(value)


@dataclass(frozen=True, slots=True)
class Terms:
    """A service as it takes time and costs money: minutes, minor units."""

    duration: int
    before: int
    after: int
    price: int
    price_max: int | None = None
    phases: tuple[Phase, ...] = ()
    capacity: int = 1


def check_terms(terms: Terms, said: Collection[str]) -> None:
    """Refuse a service that cannot be, by one of the fields that were `said` where one of them is to blame."""
    field = _to_blame(said, "duration_minutes", "buffer_before_minutes", "buffer_after_minutes")
    check_length(field, terms.before + terms.duration + terms.after)
    check_range(_to_blame(said, "price_max", "price"), terms.price, terms.price_max)
    if terms.phases:
        _check_phases(terms, said)


def check_length(field: str, minutes: int) -> None:
    """Refuse a service that takes so many minutes with its buffers that no shift is as long."""
    if minutes > END_OF_DAY:
        raise Invalid.field(field, "longer_than_a_day", "with its buffers, a service takes a day at most")


def check_range(field: str, price: int, price_max: int | None) -> None:
    """Refuse a range of prices that ends below its beginning."""
    if price_max is not None and price_max < price:
        raise Invalid.field(field, "price_max_low", "a range of prices ends at its beginning or above")


def _check_phases(terms: Terms, said: Collection[str]) -> None:
    if sum(phase.minutes for phase in terms.phases) != terms.duration:
        field = _to_blame(said, "phases", "duration_minutes")
        raise Invalid.field(field, "phases_do_not_add_up", "the phases add up to the duration")
    for place in (0, len(terms.phases) - 1):
        if not terms.phases[place].busy:
            raise Invalid.field(f"phases.{place}.busy", "phases_begin_busy", "a service begins and ends busy")
    if terms.capacity > 1 and not all(phase.busy for phase in terms.phases):
        field = _to_blame(said, "phases", "capacity")
        raise Invalid.field(field, "group_waits", "who serves a group is busy throughout")


def _to_blame(said: Collection[str], *fields: str) -> str:
    return next((field for field in fields if field in said), fields[0])
