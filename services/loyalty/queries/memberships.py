"""What can be seen of memberships: types, what somebody has, what is left of it, and how that came about."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, exists, select
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.loyalty import (
    Freeze,
    ListMembershipEntries,
    ListMemberships,
    ListMembershipTypes,
    Membership,
    MembershipEntry,
    MembershipType,
    Remaining,
    VisitCounter,
)
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from kernel.money import Money
from services.loyalty.domain.memberships import Counter, Pause, state_of
from services.loyalty.queries.visibility import visible_card
from services.loyalty.tables.memberships import (
    membership_counters,
    membership_entries,
    membership_freezes,
    membership_types,
    memberships,
)

READ = "memberships.read"
ROWS = select(memberships, membership_types.c.name).join(membership_types)


# --- types -----------------------------------------------------------------------------------------------------------


def type_view(row: Row[Any]) -> MembershipType:
    return MembershipType(
        id=row.id,
        name=row.name,
        price=Money(row.price, row.currency),
        counters=tuple(
            VisitCounter(said["visits"], tuple(UUID(id_) for id_ in said["service_ids"]), tuple(said["categories"]))
            for said in row.counters
        ),
        amount=None if row.amount is None else Money(row.amount, row.currency),
        valid_days=row.valid_days,
        freeze_days=row.freeze_days,
        branch_ids=tuple(row.branch_ids),
        on_sale=row.on_sale,
        version=row.version,
    )


def row_of_type(session: Session, type_id: UUID, *, locked: bool = False) -> Row[Any]:
    query = select(membership_types).where(membership_types.c.id == type_id)
    row = session.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise NotFound("membership_type_not_found", "there is no such type of memberships")
    return row


def list_types(session: Session, request: ListMembershipTypes) -> Page[MembershipType]:
    query = select(membership_types)
    if request.on_sale is not None:
        query = query.where(membership_types.c.on_sale == request.on_sale)
    if request.cursor:
        query = query.where(membership_types.c.id > decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(membership_types.c.id).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    return Page(tuple(map(type_view, shown)), encode_cursor(shown[-1].id) if len(rows) > len(shown) else None)


# --- what somebody has -----------------------------------------------------------------------------------------------


def counters_of(session: Session, membership_id: UUID) -> list[Counter]:
    rows = select(membership_counters).where(membership_counters.c.membership_id == membership_id)
    return [counter_of(row) for row in session.execute(rows.order_by(membership_counters.c.place))]


def counter_of(row: Row[Any]) -> Counter:
    services, categories = frozenset(row.service_ids), frozenset(row.categories)
    return Counter(row.place, row.unit, row.remaining, row.reserved, services, categories)


def pauses_of(session: Session, membership_id: UUID) -> list[Pause]:
    """Freezes, by when they begin; such as were taken back before they began are not among them."""
    table = membership_freezes
    rows = select(table).where(table.c.membership_id == membership_id, table.c.ends > table.c.starts)
    return [Pause(row.starts, row.ends, row.days) for row in session.execute(rows.order_by(table.c.starts))]


def views_of(session: Session, rows: Sequence[Row[Any]], caller: Caller, now: datetime) -> tuple[Membership, ...]:
    told = caller.reach(READ) not in (None, Reach.OWN)
    return tuple(_view(session, row, now, told=told) for row in rows)


def _view(session: Session, row: Row[Any], now: datetime, *, told: bool) -> Membership:
    counters = select(membership_counters).where(membership_counters.c.membership_id == row.id)
    kept = session.execute(counters.order_by(membership_counters.c.place)).all()
    pauses = pauses_of(session, row.id)
    return Membership(
        id=row.id,
        type_id=row.type_id,
        name=row.name,
        client_id=row.client_id,
        branch_id=row.branch_id,
        price=Money(row.price, row.currency),
        paid_by=row.paid_by,
        sold_at=row.sold_at,
        sold_by=row.sold_by if told else None,
        expires_at=row.expires_at,
        state=state_of([counter_of(each) for each in kept], row.expires_at, pauses, now),
        remaining=tuple(
            Remaining(
                each.unit, each.granted, each.remaining, each.reserved, tuple(each.service_ids), tuple(each.categories)
            )
            for each in kept
        ),
        branch_ids=tuple(row.branch_ids),
        freeze_days_left=row.freeze_days - row.frozen_days,
        freezes=tuple(Freeze(pause.starts, pause.ends) for pause in pauses),
    )


def row_of(session: Session, client_id: UUID, membership_id: UUID, *, locked: bool = False) -> Row[Any]:
    """A membership of the client, whom the caller was found to see."""
    query = ROWS.where(memberships.c.id == membership_id, memberships.c.client_id == client_id)
    row = session.execute(query.with_for_update(of=memberships) if locked else query).one_or_none()
    if row is None:
        raise NotFound("membership_not_found", "this client has no such membership")
    return row


def show_membership(
    session: Session, client_id: UUID, membership_id: UUID, caller: Caller, now: datetime
) -> Membership:
    visible_card(session, client_id, caller, READ)
    return views_of(session, [row_of(session, client_id, membership_id)], caller, now)[0]


def list_memberships(session: Session, request: ListMemberships, caller: Caller, now: datetime) -> Page[Membership]:
    visible_card(session, request.client_id, caller, READ)
    query = ROWS.where(memberships.c.client_id == request.client_id)
    if request.usable:
        query = query.where(_usable(now))
    if request.cursor:
        query = query.where(memberships.c.id < decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(memberships.c.id.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    following = encode_cursor(shown[-1].id) if len(rows) > len(shown) else None
    return Page(views_of(session, shown, caller, now), following)


def _usable(now: datetime) -> ColumnElement[bool]:
    of_it = membership_counters.c.membership_id == memberships.c.id
    some = exists().where(of_it, membership_counters.c.remaining > membership_counters.c.reserved)
    freezes = membership_freezes.c
    frozen = exists().where(freezes.membership_id == memberships.c.id, freezes.starts <= now, freezes.ends > now)
    return and_(memberships.c.expires_at > now, some, ~frozen)


def list_entries(session: Session, request: ListMembershipEntries, caller: Caller) -> Page[MembershipEntry]:
    visible_card(session, request.client_id, caller, READ)
    row_of(session, request.client_id, request.id)
    told = caller.must(READ) is not Reach.OWN
    query = select(membership_entries).where(membership_entries.c.membership_id == request.id)
    if request.cursor:
        query = query.where(membership_entries.c.number < decode_cursor(request.cursor, int)[0])
    rows = session.execute(query.order_by(membership_entries.c.number.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    views = tuple(
        MembershipEntry(
            id=row.id,
            number=row.number,
            kind=row.kind,
            units=row.units,
            at=row.at,
            counter=row.counter,
            author_id=row.author_id if told else None,
            appointment_id=row.appointment_id,
        )
        for row in shown
    )
    return Page(views, encode_cursor(shown[-1].number) if len(rows) > len(shown) else None)


def memberships_of(session: Session, client_id: UUID, caller: Caller, now: datetime) -> tuple[Membership, ...]:
    """All that somebody has or had, for the export of what is held of them."""
    rows = session.execute(ROWS.where(memberships.c.client_id == client_id).order_by(memberships.c.id)).all()
    return views_of(session, rows, caller, now)
