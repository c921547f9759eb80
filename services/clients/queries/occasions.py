"""Birthdays and anniversaries of a period, in the order of their days."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Uuid, any_, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import ListOccasions, Occasion
from contracts.message import CONTACTS, Page
from kernel.caller import Caller
from services.clients import domain
from services.clients.domain.occasions import days_between, earlier_days, remembered_on
from services.clients.queries.sight import among, visible
from services.clients.tables import birthdays, card_rows, clients, visits
from services.clients.vault import Vault

Kind = Literal["anniversary", "birthday"]
Place = tuple[date, Kind, UUID]
KINDS: tuple[Kind, ...] = ("anniversary", "birthday")
AT_ONCE = 200

DONE = visits.c.status == "completed"
person = clients.alias("person")  # the card, and those that were merged into it
cards_of_person = (
    select(person.c.id).where(or_(person.c.id == clients.c.id, person.c.merged_into == clients.c.id)).correlate(clients)
).scalar_subquery()
first_visit = (
    select(func.min(visits.c.local_date))
    # An array, or the planner may read all visits instead of their index.
    .where(DONE, visits.c.client_id == any_(func.array(cards_of_person, type_=ARRAY(Uuid))))
    .correlate(clients)
).scalar_subquery()


def occasions(session: Session, request: ListOccasions, caller: Caller, vault: Vault) -> Page[Occasion]:
    days = days_between(request.from_, request.to)
    after: Place | None = decode_cursor(request.cursor, date, Kind, UUID) if request.cursor else None
    found = list(islice(_found(session, days, caller, vault, after), request.limit + 1))
    shown = found[: request.limit]
    more = len(found) > request.limit
    return Page(tuple(shown), encode_cursor(shown[-1].date, shown[-1].kind, shown[-1].client_id) if more else None)


def _found(
    session: Session, days: Iterator[date], caller: Caller, vault: Vault, after: Place | None
) -> Iterator[Occasion]:
    kinds = KINDS if caller.sees(CONTACTS) else KINDS[:1]  # a birthday says when somebody was born
    first_year = year_of_the_first_visit(session)
    for day in days:
        for kind in kinds:
            if after is not None and (day, kind) < after[:2]:
                continue
            behind = after[2] if after is not None and (day, kind) == after[:2] else None
            those = born_on(day, vault) if kind == "birthday" else came_first_on(day, first_year)
            for row, card in _cards(session, those, caller, vault, behind):
                since = card.person.birth_date if kind == "birthday" else row.first_visit
                if since is not None and since.year < day.year:
                    yield Occasion(day, kind, card.id, card.person.called, day.year - since.year)


def _cards(
    session: Session, those: ColumnElement[bool], caller: Caller, vault: Vault, behind: UUID | None
) -> Iterator[tuple[Row[Any], domain.Card]]:
    """Those who live, whom the caller sees and who can be read, in the order of their ids."""
    living = card_rows.add_columns(first_visit.label("first_visit"))
    living = living.where(those, clients.c.erased_at.is_(None), visible(caller, "clients.read"))
    while True:
        rest = living if behind is None else living.where(clients.c.id > behind)
        rows = session.execute(rest.order_by(clients.c.id).limit(AT_ONCE)).all()
        cards = vault.open(rows)
        yield from ((row, cards[row.id]) for row in rows if row.id in cards)
        if len(rows) < AT_ONCE:
            return
        behind = rows[-1].id


def born_on(day: date, vault: Vault) -> ColumnElement[bool]:
    blind = [vault.blind_day(text) for text in remembered_on(day)]
    return clients.c.id.in_(select(birthdays.c.client_id).where(among(birthdays.c.month_day, blind)))


def came_first_on(day: date, first_year: int) -> ColumnElement[bool]:
    """Those whose first visit, by the calendar of its branch, was on such a day of an earlier year."""
    days = earlier_days(day, first_year)
    came = select(func.coalesce(person.c.merged_into, person.c.id)).join(visits, visits.c.client_id == person.c.id)
    came = came.where(DONE, among(visits.c.local_date, days))
    return clients.c.id.in_(came) & among(first_visit, days)


def year_of_the_first_visit(session: Session) -> int:
    """That of anybody; a year that never comes where there was none."""
    first: date | None = session.scalar(select(func.min(visits.c.local_date)).where(DONE))
    return first.year if first else date.max.year
