"""Of whom the filter of a segment holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, and_, cast, func, literal, or_, select, true
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import Date, Integer, Numeric

from services.analytics.domain.channels import channel_key
from services.analytics.domain.conditions import Check, Condition, Every
from services.analytics.domain.intervals import STATES
from services.analytics.domain.rfm import SEGMENTS
from services.analytics.queries.conditions import Compare, clause, compared, value_of
from services.analytics.queries.scope import Channels, channels
from services.analytics.tables import bookings, client_standings, clients, erasures, merges, visit_parts, visits

EVERYBODY = Every(())
SCORES = {"recency_score": 100, "frequency_score": 10, "money_score": 1}
WORK = {"service": "service_id", "category": "category", "master": "master_id"}
OF_VISITS = {"branch": "branch_id", "booked_through": "channel"}
AMOUNTS = {"revenue": visits.c.revenue, "discount": visits.c.discount, "margin": visits.c.revenue - visits.c.cost}
MIDDLE = 2  # of the five years of a band
# What is kept as a share is asked for in per cent.
JUDGED: dict[str, Callable[[Any], ColumnElement[Any]]] = {
    "interval_days": lambda judged: judged.interval,
    "overdue": lambda judged: judged.ratio,
    "returns_percent": lambda judged: 100 * judged.returns,
    "alive_percent": lambda judged: 100 * judged.alive,
    "expected_visits": lambda judged: judged.expected,
    "lifetime_value": lambda judged: judged.value,
    "last_master": lambda judged: judged.master_id,
    "last_service": lambda judged: judged.service_id,
}


@dataclass(frozen=True)
class People:
    """Whom a segment is about: those of the chain or of a branch, as of a day; `only` some of them."""

    today: date
    branch_id: UUID | None = None
    only: Sequence[UUID] | None = None


def fitting(session: Session, condition: Condition, people: People) -> Select[Any]:
    """The ids of those of whom it holds."""
    return whom(condition, people, channels(session))


def whom(condition: Condition, people: People, known_as: Channels) -> Select[Any]:
    """The same for who knows already what channels are called."""
    return _Clients(people, known_as).of_whom(condition)


def how_many(session: Session, condition: Condition, people: People) -> int:
    asked = fitting(session, condition, people).subquery()
    return session.scalar(select(func.count()).select_from(asked)) or 0


class _Clients:
    """Cards that are neither part of another nor erased, with what is known of each, joined as it is asked for."""

    def __init__(self, people: People, known_as: Channels) -> None:
        self.people = people
        self.known_as = known_as
        self.source: FromClause = clients.outerjoin(merges, merges.c.merged_id == clients.c.client_id).outerjoin(
            erasures, erasures.c.client_id == clients.c.client_id
        )
        self._sums: dict[int | None, Subquery] = {}
        self._kept: dict[int | None, Subquery] = {}
        self._standing: Any = None
        self._brought: Any = None

    def of_whom(self, condition: Condition) -> Select[Any]:
        holds = clause(condition, self._fields())
        there: ColumnElement[bool] = true()
        if self.people.branch_id is not None:
            there = self._summed(None).c.visits > 0
        which = and_(merges.c.merged_id.is_(None), erasures.c.client_id.is_(None))
        asked = select(clients.c.client_id).select_from(self.source).where(which, there, holds)
        return asked if self.people.only is None else asked.where(clients.c.client_id.in_(self.people.only))

    def _fields(self) -> dict[str, Compare]:
        found: dict[str, Compare] = dict.fromkeys(("visits", *AMOUNTS, "average_check"), self._compare_sum)
        found |= dict.fromkeys((*WORK, *OF_VISITS), self._came_for)
        found |= dict.fromkeys(SCORES, self._compare_score)
        found |= dict.fromkeys(JUDGED, self._compare_judged)
        found |= dict.fromkeys(("no_shows", "no_show_percent", "cancellations"), self._compare_kept)
        return found | {
            "days_since_last": lambda check: compared(self._days_since(self._summed(None).c.last), check),
            "days_since_first": lambda check: compared(self._days_since(self._summed(None).c.first), check),
            "days_since_registration": lambda check: compared(
                self._days_since(cast(func.timezone("UTC", clients.c.registered_at), Date)), check
            ),
            "source": self._is_source,
            "referred": value_of(clients.c.referrer_id.is_not(None)),
            "brought": lambda check: compared(func.coalesce(self._people_brought().c.people, 0), check),
            "sex": value_of(clients.c.sex),
            "birth_band": value_of(clients.c.birth_band),
            "age": value_of(self.people.today.year - clients.c.birth_band - MIDDLE),
            "rfm": lambda check: compared(self._standings().c.segment, _by_number(check, SEGMENTS)),
            "rfm_by_interval": lambda check: compared(
                self._standings().c.segment_by_interval, _by_number(check, SEGMENTS)
            ),
            "state": lambda check: compared(self._standings().c.state, _by_number(check, STATES)),
        }

    # --- by visits --------------------------------------------------------------------------------------------------

    def _compare_sum(self, check: Check) -> ColumnElement[bool]:
        sums = self._summed(check.within_days)
        visited = func.coalesce(sums.c.visits, 0)
        if check.field == "visits":
            return compared(visited, check)
        if check.field in AMOUNTS:
            return compared(func.coalesce(sums.c[check.field], 0), check)
        return compared(cast(func.coalesce(sums.c.revenue, 0), Numeric) / func.nullif(visited, 0), check)

    def _days_since(self, day: ColumnElement[Any]) -> ColumnElement[Any]:
        return cast(literal(self.people.today, Date) - day, Integer)

    def _summed(self, within_days: int | None) -> Subquery:
        """What each client's visits of the last days come to, added up once for all tests of these days."""
        if within_days not in self._sums:
            sums = (
                select(
                    visits.c.client_id,
                    func.count().label("visits"),
                    *(func.sum(amount).label(name) for name, amount in AMOUNTS.items()),
                    func.min(visits.c.local_date).label("first"),
                    func.max(visits.c.local_date).label("last"),
                )
                .where(visits.c.client_id.is_not(None), *self._looked_at(visits, within_days))
                .group_by(visits.c.client_id)
                .subquery(f"sums_{within_days or 0}")
            )
            self._sums[within_days] = sums
            self.source = self.source.outerjoin(sums, sums.c.client_id == clients.c.client_id)
        return self._sums[within_days]

    def _looked_at(self, facts: Any, within_days: int | None) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if within_days is not None:
            since = self.people.today - timedelta(days=within_days)
            found.append(facts.c.local_date > since)
        if self.people.branch_id is not None:
            found.append(facts.c.branch_id == self.people.branch_id)
        if self.people.only is not None:
            found.append(facts.c.client_id.in_(self.people.only))
        return found

    def _came_for(self, check: Check) -> ColumnElement[bool]:
        """Whether one of their visits, or of the parts of these, is such a one."""
        facts = visit_parts if check.field in WORK else visits
        such = compared(facts.c[(WORK | OF_VISITS)[check.field]], check)
        who = select(facts.c.client_id).where(
            facts.c.client_id.is_not(None), such, *self._looked_at(facts, check.within_days)
        )
        if facts is visit_parts and self.people.only is not None:
            theirs = select(visits.c.appointment_id).where(visits.c.client_id.in_(self.people.only))
            who = who.where(facts.c.appointment_id.in_(theirs))  # parts are found by their visits
        return clients.c.client_id.in_(who)

    # --- by appointments --------------------------------------------------------------------------------------------

    def _compare_kept(self, check: Check) -> ColumnElement[bool]:
        """What they missed and cancelled, of appointments that began on the days that count."""
        kept = self._appointments(check.within_days)
        if check.field == "no_show_percent":
            return compared(100 * cast(kept.c.no_shows, Numeric) / func.nullif(kept.c.settled, 0), check)
        return compared(func.coalesce(kept.c[check.field], 0), check)

    def _appointments(self, within_days: int | None) -> Subquery:
        if within_days not in self._kept:
            missed, cancelled = (bookings.c.status == status for status in ("no_show", "cancelled"))
            over = or_(missed, bookings.c.status == "completed")
            looked_at = self._looked_at(bookings, within_days)
            kept = (
                select(
                    bookings.c.client_id,
                    func.count().filter(missed).label("no_shows"),
                    func.count().filter(cancelled).label("cancellations"),
                    func.count().filter(over).label("settled"),
                )
                .where(bookings.c.client_id.is_not(None), bookings.c.local_date <= self.people.today, *looked_at)
                .group_by(bookings.c.client_id)
                .subquery(f"kept_{within_days or 0}")
            )
            self._kept[within_days] = kept
            self.source = self.source.outerjoin(kept, kept.c.client_id == clients.c.client_id)
        return self._kept[within_days]

    # --- by cards ---------------------------------------------------------------------------------------------------

    def _is_source(self, check: Check) -> ColumnElement[bool]:
        """The channel at the root of the chain of those who brought them; spellings and renamed sources are one."""
        wanted = check.value if check.operator == "in" else (check.value,)
        names = {channel_key(name) for name in wanted if name is not None}
        keys = [key for key, name in self.known_as.key_of.items() if key is not None and name in names]
        found: ColumnElement[bool] = func.coalesce(clients.c.root_key.in_(keys), literal(value=False))
        return or_(found, clients.c.root_key.is_(None)) if None in wanted else found

    def _people_brought(self) -> Any:
        if self._brought is None:
            theirs = aliased(clients)
            counted = select(theirs.c.referrer_id, func.count().label("people")).group_by(theirs.c.referrer_id)
            if self.people.only is not None:
                counted = counted.where(theirs.c.referrer_id.in_(self.people.only))
            self._brought = counted.subquery("brought")
            self.source = self.source.outerjoin(self._brought, self._brought.c.referrer_id == clients.c.client_id)
        return self._brought

    # --- by what they are judged by each day ------------------------------------------------------------------------

    def _standings(self) -> Any:
        if self._standing is None:
            self._standing = client_standings.alias("standing")
            branch = self._standing.c.branch_id.is_not_distinct_from(self.people.branch_id)
            self.source = self.source.outerjoin(
                self._standing, and_(self._standing.c.client_id == clients.c.client_id, branch)
            )
        return self._standing

    def _compare_judged(self, check: Check) -> ColumnElement[bool]:
        return compared(JUDGED[check.field](self._standings().c), check)

    def _compare_score(self, check: Check) -> ColumnElement[bool]:
        scores = self._standings().c.scores
        return compared(func.mod(func.div(scores, SCORES[check.field]), 10), check)


def _by_number(check: Check, names: Sequence[str]) -> Check:
    """The same test of a column that holds places in `names`."""
    place = [*names].index
    value = tuple(map(place, check.value)) if check.operator == "in" else place(check.value)
    return Check(check.field, check.operator, value)
