"""What points a client has, what they are worth, and the entries that made them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Uuid, bindparam, or_, select, true, tuple_
from sqlalchemy.orm import Session

from chassis.database import Instant
from chassis.wire import decode_cursor, encode_cursor
from contracts import loyalty as views
from contracts.message import Page, PastPage
from kernel.caller import Caller, Reach
from kernel.money import LARGEST, NO_CURRENCY, Money
from services.loyalty.domain.facts import Exclusion
from services.loyalty.domain.points import Entry, Lots, payable
from services.loyalty.domain.programme import Points
from services.loyalty.queries.exclusions import exclusion_facts
from services.loyalty.queries.programmes import in_force
from services.loyalty.queries.visibility import visible_card
from services.loyalty.tables import (
    clients,
    merges,
    point_accounts,
    point_entries,
    point_texts,
    reservations,
    unsettled_payments,
    visits,
)
from services.loyalty.vault import Vault

READ = "loyalty.read"
_CLIENT = bindparam("client", type_=Uuid)

LEDGERS = (
    select(point_entries)
    .where(point_entries.c.client_id.in_(bindparam("clients", expanding=True)))
    .order_by(point_entries.c.client_id, point_entries.c.number)
)
_LEDGER_UNTIL = (
    select(point_entries)
    .where(point_entries.c.client_id == _CLIENT, point_entries.c.at <= bindparam("at", type_=Instant))
    .order_by(point_entries.c.number)
)
_ACCOUNT = select(point_accounts).where(point_accounts.c.client_id == _CLIENT)


@dataclass(frozen=True)
class Holding:
    """What there is at an instant: what has lapsed by then is taken off, whether or not the ledger says so already."""

    balance: int
    reserved: int
    expiring: views.PointsExpiring | None

    @property
    def available(self) -> int:
        return max(0, self.balance - self.reserved)


def holding(session: Session, client_id: UUID, now: datetime) -> Holding:
    account = session.execute(_ACCOUNT, {"client": client_id}).one_or_none()
    if account is None:
        return Holding(0, 0, None)
    reserved = sum(aside_by_client(session, [client_id], now)[client_id].values())
    if account.next_expiry is None:
        return Holding(account.balance, reserved, None)
    lots = lots_of(session, client_id)
    lapsed = lots.lapsed(now, reserved)
    left = account.balance - sum(points for _, points in lapsed)
    ahead = [lot for lot in lots.by_expiry() if lot.expires_at is not None and lot.expires_at > now]
    if not ahead:
        return Holding(left, reserved, None)
    first = ahead[0].expires_at
    assert first is not None
    expiring = views.PointsExpiring(sum(lot.left for lot in ahead if lot.expires_at == first), first)
    return Holding(left, reserved, expiring)


def lots_of(session: Session, client_id: UUID) -> Lots:
    return lots_by_client(session, [client_id])[client_id]


def lots_by_client(session: Session, client_ids: Collection[UUID]) -> dict[UUID, Lots]:
    lots = {client_id: Lots() for client_id in client_ids}
    for row in session.execute(LEDGERS, {"clients": list(client_ids)}):
        lots[row.client_id].apply(entry_of(row))
    return lots


def entry_of(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        points=row.points,
        expires_at=row.expires_at,
        appointment_id=row.appointment_id,
        lot_id=row.lot_id,
        takes_back=row.kind == "reverse" and row.points < 0,
        redeems=row.kind == "redeem",
    )


def aside_by_client(session: Session, client_ids: Collection[UUID], now: datetime) -> dict[UUID, dict[UUID, int]]:
    """The points that are set aside for visits, by reservation."""
    open_ = select(reservations.c.client_id, reservations.c.id, reservations.c.points).where(
        reservations.c.client_id.in_(client_ids),
        reservations.c.state == "reserved",
        reservations.c.expires_at > now,
    )
    aside: dict[UUID, dict[UUID, int]] = {client_id: {} for client_id in client_ids}
    for row in session.execute(open_):
        aside[row.client_id][row.id] = row.points
    return aside


def balance_of(session: Session, client_id: UUID, at: datetime) -> int:
    """The points of a client by what was entered until `at`, without what had lapsed; below zero they are a debt."""
    rows = session.execute(_LEDGER_UNTIL, {"client": client_id, "at": at})
    lots = Lots.of(entry_of(row) for row in rows)
    return lots.balance - sum(points for _, points in lots.lapsed(at))


def show_points(session: Session, request: views.ShowPoints, caller: Caller, now: datetime) -> views.PointsBalance:
    visible_card(session, request.client_id, caller)
    there = holding(session, request.client_id, now)
    rules = in_force(session, request.branch_id, now).points
    currency = known_currency(session)
    return views.PointsBalance(
        client_id=request.client_id,
        balance=there.balance,
        reserved=there.reserved,
        available=there.available,
        debt=max(0, -there.balance),
        as_of=now,
        value=Money(rules.value, currency) if rules else None,
        worth=Money(min(there.available * rules.value, LARGEST), currency) if rules else None,
        max_percent_of_visit=rules.max_percent_of_visit if rules else None,
        expiring=there.expiring,
        usable=_usable(rules, there, request.due),
    )


def _usable(rules: Points | None, there: Holding, due: int | None) -> int | None:
    if due is None:
        return None
    return min(there.available, payable(rules, due)) if rules else 0


def left_out(session: Session, asked: Iterable[tuple[UUID, datetime]]) -> set[tuple[UUID, datetime]]:
    """Those of `asked` (client, instant) who were left out of the whole programme then, or are erased."""
    wanted = sorted(set(asked))
    clients_of = {client_id for client_id, _ in wanted}
    gone = select(clients.c.client_id).where(clients.c.client_id.in_(clients_of), clients.c.erased)
    erased = set(session.scalars(gone))
    said: dict[UUID, list[Exclusion]] = {}
    for each in exclusion_facts(session, clients_of):
        if each.rule is None:
            said.setdefault(each.client_id, []).append(each)
    return {
        (client_id, at)
        for client_id, at in wanted
        if client_id in erased
        or next((each.excluded for each in reversed(said.get(client_id, ())) if each.at <= at), False)
    }


def known_currency(session: Session) -> str:
    """The one currency of the installation, as far as bills tell it."""
    return session.scalar(select(visits.c.currency).limit(1)) or NO_CURRENCY


def list_entries(
    session: Session, request: views.ListPointEntries, caller: Caller, vault: Vault, now: datetime
) -> PastPage[views.PointEntry]:
    visible_card(session, request.client_id, caller)
    own = caller.reach(READ) is Reach.OWN
    since = None if own else caller.history_from(now.date())
    query = _texts().where(of_person(request.client_id), _made(since))
    if request.cursor:
        query = query.where(point_entries.c.id < decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(point_entries.c.id.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    following = encode_cursor(shown[-1].id) if len(rows) > len(shown) else None
    return PastPage(_views(shown, None if own else vault), following, since)


def show_entry(session: Session, entry_id: UUID, vault: Vault) -> views.PointEntry:
    """An entry that was just made."""
    return _views([session.execute(_texts().where(point_entries.c.id == entry_id)).one()], vault)[0]


def held_points(session: Session, vault: Vault, client_id: UUID) -> tuple[views.PointEntry, ...]:
    """All entries of a person, the oldest first, as their export tells them."""
    rows = session.execute(_texts().where(of_person(client_id)).order_by(point_entries.c.id)).all()
    return _views(rows, vault)


def of_person(client_id: UUID) -> ColumnElement[bool]:
    """The entries of a card and of those that became part of it."""
    parts = select(merges.c.merged_id).where(merges.c.into_id == client_id)
    return or_(point_entries.c.client_id == client_id, point_entries.c.client_id.in_(parts))


def _made(since: date | None) -> ColumnElement[bool]:
    return true() if since is None else point_entries.c.at >= datetime.combine(since, time(), UTC)


def _texts() -> Any:
    texts = point_texts
    columns = (point_entries, texts.c.text, texts.c.client_id.label("subject"))
    return select(*columns).outerjoin(texts, texts.c.entry_id == point_entries.c.id)


def _views(rows: Sequence[Row[Any]], vault: Vault | None) -> tuple[views.PointEntry, ...]:
    """Without a vault as the client sees them: who was brought, who wrote it and why is for the salon."""
    if vault is not None:
        vault.look_up_keys({row.subject for row in rows if row.text is not None})
    return tuple(
        views.PointEntry(
            id=row.id,
            client_id=row.client_id,
            number=row.number,
            kind=row.kind,
            about=row.about,
            points=row.points,
            balance=row.balance,
            at=row.at,
            expires_at=row.expires_at,
            appointment_id=row.appointment_id,
            person_id=row.person_id if vault else None,
            author_id=row.author_id if vault else None,
            reason=vault.open(row.subject, place_of_reason(row.id), row.text) if vault and row.text else None,
        )
        for row in rows
    )


def place_of_reason(entry_id: UUID) -> str:
    """What binds a sealed reason to its entry."""
    return f"points:{entry_id}"


def list_unsettled(
    session: Session, request: views.ListUnsettledPayments, caller: Caller
) -> Page[views.UnsettledPayment]:
    table = unsettled_payments
    query = select(table).order_by(table.c.at, table.c.appointment_id, table.c.kind).limit(request.limit + 1)
    if caller.must("loyalty_differences.read") is not Reach.CHAIN:
        query = query.where(table.c.branch_id.in_(caller.branch_ids))
    if request.cursor:
        at, appointment_id, kind = decode_cursor(request.cursor, datetime, UUID, str)
        query = query.where(tuple_(table.c.at, table.c.appointment_id, table.c.kind) > tuple_(at, appointment_id, kind))
    rows = session.execute(query).all()
    shown = rows[: request.limit]
    last = shown[-1] if len(rows) > len(shown) else None
    return Page(
        tuple(
            views.UnsettledPayment(
                row.appointment_id, row.client_id, row.branch_id, row.kind, Money(row.amount, row.currency), row.at
            )
            for row in shown
        ),
        encode_cursor(last.at, last.appointment_id, last.kind) if last else None,
    )
