"""Standings, visits and programmes for tests of the rules."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.loyalty.domain.facts import Bill, BillLine, PersonalDiscount
from services.loyalty.domain.programme import Combination, Programme
from services.loyalty.domain.standing import Brought, Standing, Visit, WantedLine

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLARA = UUID(int=1)
BRANCH = UUID(int=900)
CUT, COLOUR, NAILS = (UUID(int=700 + number) for number in range(3))


def percent(text: str | int) -> Decimal:
    return Decimal(text)


def a_bill(number: int = 1, *, days_ago: float = 1, service_id: UUID | None = CUT, price: int = 5000, **more) -> Bill:
    """A paid visit of one service."""
    at = NOON - timedelta(days=days_ago)
    refunded, discount, tendered = (more.pop(name, 0) for name in ("refunded", "discount", "tendered"))
    line = BillLine(UUID(int=5000 + number), more.pop("kind", "service"), price, discount, refunded, service_id)
    return Bill(
        appointment_id=UUID(int=4000 + number),
        version=1,
        client_id=more.pop("client_id", CLARA),
        branch_id=BRANCH,
        at=at,
        completed_at=at,
        starts=at,
        local_date=at.date(),
        currency=more.pop("currency", "EUR"),
        lines=(line,),
        paid=more.pop("paid", price - discount),
        tendered=tendered,
    )


def people(count: int, *, level: int = 1, days: float = 5, reason: str | None = None, first: int = 1) -> tuple:
    """So many people brought at one level, all of whom count (or none, for `reason`)."""
    at = NOON - timedelta(days=days)
    return tuple(
        Brought(UUID(int=level * 10_000 + number), level, at, None if reason else at, reason)
        for number in range(first, first + count)
    )


def a_personal(text: str | int, **more) -> PersonalDiscount:
    since = more.pop("valid_from", NOON - timedelta(days=1))
    return PersonalDiscount(CLARA, 1, NOON - timedelta(days=1), Decimal(text), since, more.pop("valid_until", None))


def a_standing(**more) -> Standing:
    return Standing(CLARA, more.pop("at", NOON), **more)


def a_line(number: int = 1, price: int = 5000, service_id: UUID | None = CUT, category: str | None = None):
    return WantedLine(UUID(int=3000 + number), service_id, category, price)


def a_visit(*lines: WantedLine, **more) -> Visit:
    today = more.pop("local_date", date(2026, 3, 2))
    return Visit(more.pop("branch_id", BRANCH), today, lines or (a_line(),), **more)


def a_programme(*rules, **more) -> Programme:
    return Programme(None, 1, "test", NOON - timedelta(days=900), rules=rules, **{"combination": Combination(), **more})
