"""Birthdays and anniversaries of a period, in the order of their days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import ListOccasions, Occasion
from contracts.message import CONTACTS, Page
from kernel.caller import Caller
from services.clients import domain
from services.clients.domain.occasions import days_between, earlier_days, remembered_on
from services.clients.queries.sight import among, visible
from services.clients.tables import birthdays, card_rows, clients
from services.clients.vault import Vault

Kind = Literal["anniversary", "birthday"]
Place = tuple[date, Kind, UUID]
KINDS: tuple[Kind, ...] = ("anniversary", "birthday")
AT_ONCE = 200


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
    first = session.scalar(select(func.min(clients.c.registered_at)))
    for day in days:
        for kind in kinds:
            if after is not None and (day, kind) < after[:2]:
                continue
            behind = after[2] if after is not None and (day, kind) == after[:2] else None
            those = _born(day, vault) if kind == "birthday" else _registered(day, first)
            if those is None:
                continue
            for card in _cards(session, those, caller, vault, behind):
                since = _day_of(card, kind)
                if since is not None:
                    yield Occasion(day, kind, card.id, card.person.called, day.year - since.year)


def _cards(
    session: Session, those: ColumnElement[bool], caller: Caller, vault: Vault, behind: UUID | None
) -> Iterator[domain.Card]:
    """Those who live, whom the caller sees and who can be read, in the order of their ids."""
    living = card_rows.where(those, clients.c.erased_at.is_(None), visible(caller, "clients.read"))
    while True:
        rest = living if behind is None else living.where(clients.c.id > behind)
        rows = session.execute(rest.order_by(clients.c.id).limit(AT_ONCE)).all()
        yield from vault.open(rows).values()
        if len(rows) < AT_ONCE:
            return
        behind = rows[-1].id


def _born(day: date, vault: Vault) -> ColumnElement[bool]:
    blind = [vault.blind_day(text) for text in remembered_on(day)]
    return clients.c.id.in_(select(birthdays.c.client_id).where(among(birthdays.c.month_day, blind)))


def _registered(day: date, first: datetime | None) -> ColumnElement[bool] | None:
    """Those who were registered on such a day of an earlier year, in UTC; `first` is the first instant of all."""
    starts = [datetime.combine(one, time(), UTC) for one in earlier_days(day, first.year)] if first else []
    at = clients.c.registered_at
    return or_(*(and_(at >= start, at < start + timedelta(days=1)) for start in starts)) if starts else None


def _day_of(card: domain.Card, kind: Kind) -> date | None:
    return card.person.birth_date if kind == "birthday" else card.registered_at.astimezone(UTC).date()
