"""Sell memberships, freeze and unfreeze them, and enter what becomes of them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, exists, insert, select, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.outbox import announce
from contracts.loyalty import (
    FreezeMembership,
    Membership,
    MembershipSold,
    MembershipType,
    SellMembership,
    UnfreezeMembership,
)
from kernel.caller import Caller
from kernel.errors import Conflict, Invalid
from services.loyalty.domain.certificates import GRACE
from services.loyalty.domain.memberships import DAY, Pause, freeze, too_late, unfreeze
from services.loyalty.queries.memberships import ROWS, pauses_of, row_of, type_view, views_of
from services.loyalty.queries.visibility import visible_card
from services.loyalty.tables.memberships import (
    membership_counters,
    membership_entries,
    membership_freezes,
    membership_types,
    memberships,
)
from services.loyalty.usecases.asking import Asked, refuse_branch

AT_ONCE = 200  # memberships that expire in one transaction


def sell_membership(
    session: Session, request: SellMembership, caller: Caller, asked: Asked, now: datetime
) -> Membership:
    visible_card(session, request.client_id, caller, "memberships.sell")
    refuse_branch(request.branch_id, asked, caller)
    kind = _on_sale(session, request)
    membership_id, expires_at = new_id(), now + timedelta(days=kind.valid_days)
    session.execute(
        insert(memberships).values(
            id=membership_id,
            type_id=kind.id,
            client_id=request.client_id,
            branch_id=request.branch_id,
            price=kind.price.amount,
            currency=kind.price.currency,
            paid_by=request.paid_by,
            sold_at=now,
            sold_by=caller.id,
            expires_at=expires_at,
            branch_ids=list(kind.branch_ids),
            freeze_days=kind.freeze_days,
            frozen_days=0,
            entries=0,
        )
    )
    for place, (unit, granted, service_ids, categories) in enumerate(_counters(kind)):
        session.execute(
            insert(membership_counters).values(
                membership_id=membership_id,
                place=place,
                unit=unit,
                granted=granted,
                remaining=0,
                reserved=0,
                service_ids=list(service_ids),
                categories=list(categories),
            )
        )
        enter(session, membership_id, "sold", granted, now, cause=f"sold {place}", counter=place, author_id=caller.id)
    announce(
        session,
        MembershipSold(
            membership_id,
            kind.id,
            request.branch_id,
            request.client_id,
            kind.price.amount,
            kind.price.currency,
            request.paid_by,
            expires_at,
            now,
        ),
    )
    return _shown(session, membership_id, caller, now)


def _on_sale(session: Session, request: SellMembership) -> MembershipType:
    row = session.execute(
        select(membership_types).where(membership_types.c.id == request.type_id).with_for_update(read=True)
    ).one_or_none()
    if row is None:
        raise Invalid.field("type_id", "membership_type_unknown", "there is no such type of memberships")
    if not row.on_sale:
        raise Conflict("membership_type_not_on_sale", "memberships of this type are not sold any more")
    if row.branch_ids and request.branch_id not in row.branch_ids:
        raise Invalid.field("branch_id", "membership_other_branch", "memberships of this type are for other branches")
    return type_view(row)


def _counters(kind: MembershipType) -> list[tuple[str, int, tuple[UUID, ...], tuple[str, ...]]]:
    if kind.amount is not None:
        return [("money", kind.amount.amount, (), ())]
    return [("visits", each.visits, each.service_ids, each.categories) for each in kind.counters]


# --- freezing --------------------------------------------------------------------------------------------------------


def freeze_membership(session: Session, request: FreezeMembership, caller: Caller, now: datetime) -> Membership:
    row = _locked(session, request.client_id, request.id, caller)
    pauses = pauses_of(session, row.id)
    left = row.freeze_days - row.frozen_days
    pause = freeze(request.starts, request.days, pauses=pauses, days_left=left, expires_at=row.expires_at, now=now)
    session.execute(
        insert(membership_freezes).values(
            id=new_id(), membership_id=row.id, starts=pause.starts, ends=pause.ends, days=pause.days
        )
    )
    _move_expiry(session, row, pause.days)
    cause = f"frozen {row.entries + 1}"
    enter(session, row.id, "frozen", pause.days, now, cause=cause, author_id=caller.id)
    return _shown(session, row.id, caller, now)


def unfreeze_membership(session: Session, request: UnfreezeMembership, caller: Caller, now: datetime) -> Membership:
    row = _locked(session, request.client_id, request.id, caller)
    pauses = pauses_of(session, row.id)
    before, after = unfreeze(pauses, now)
    _keep_pause(session, row.id, before, after)
    unused = before.days - after.days
    kept = [pause for pause in pauses if pause != before] + [after]
    for late in too_late(kept, row.expires_at - unused * DAY):
        _keep_pause(session, row.id, late, Pause(late.starts, late.starts, 0))
        unused += late.days
    _move_expiry(session, row, -unused)
    cause = f"unfrozen {row.entries + 1}"
    enter(session, row.id, "unfrozen", -unused, now, cause=cause, author_id=caller.id)
    return _shown(session, row.id, caller, now)


def _locked(session: Session, client_id: UUID, membership_id: UUID, caller: Caller) -> Row[Any]:
    visible_card(session, client_id, caller, "memberships.freeze")
    return row_of(session, client_id, membership_id, locked=True)


def _keep_pause(session: Session, membership_id: UUID, before: Pause, after: Pause) -> None:
    table = membership_freezes
    of_it = and_(table.c.membership_id == membership_id, table.c.starts == before.starts, table.c.ends == before.ends)
    session.execute(update(table).where(of_it).values(ends=after.ends, days=after.days))


def _move_expiry(session: Session, row: Row[Any], days: int) -> None:
    session.execute(
        update(memberships)
        .where(memberships.c.id == row.id)
        .values(expires_at=row.expires_at + days * DAY, frozen_days=row.frozen_days + days)
    )


# --- entries ---------------------------------------------------------------------------------------------------------


def enter(
    session: Session,
    membership_id: UUID,
    kind: str,
    units: int,
    now: datetime,
    *,
    cause: str,
    counter: int | None = None,
    author_id: UUID | None = None,
    appointment_id: UUID | None = None,
) -> None:
    """Add `units` to a counter of a locked membership. Triggers check at the commit that everything adds up."""
    number = session.scalar(
        update(memberships)
        .where(memberships.c.id == membership_id)
        .values(entries=memberships.c.entries + 1)
        .returning(memberships.c.entries)
    )
    if counter is not None:
        table = membership_counters
        of_it = and_(table.c.membership_id == membership_id, table.c.place == counter)
        session.execute(update(table).where(of_it).values(remaining=table.c.remaining + units))
    session.execute(
        insert(membership_entries).values(
            id=new_id(),
            membership_id=membership_id,
            number=number,
            kind=kind,
            counter=counter,
            units=units,
            at=now,
            author_id=author_id,
            appointment_id=appointment_id,
            cause=cause,
        )
    )


def give_grace(session: Session, membership_id: UUID, now: datetime) -> None:
    """What came back to a membership that has expired, or is about to, can be used for a while."""
    soon = memberships.c.expires_at < now + GRACE
    session.execute(update(memberships).where(memberships.c.id == membership_id, soon).values(expires_at=now + GRACE))


def expire_memberships(session: Session, now: datetime) -> bool:
    """Take away what is left on those that have expired, unless some of it is set aside; whether there are more."""
    counters = membership_counters
    of_it = counters.c.membership_id == memberships.c.id
    over = and_(
        memberships.c.expires_at <= now,
        exists().where(of_it, counters.c.remaining > 0),
        ~exists().where(of_it, counters.c.reserved > 0),
    )
    query = select(memberships).where(over).order_by(memberships.c.expires_at).limit(AT_ONCE)
    rows = session.execute(query.with_for_update(skip_locked=True)).all()
    for row in rows:
        left = select(counters).where(counters.c.membership_id == row.id, counters.c.remaining > 0)
        for counter in session.execute(left.order_by(counters.c.place)).all():
            cause = f"expired {row.entries + 1} {counter.place}"
            enter(session, row.id, "expired", -counter.remaining, now, cause=cause, counter=counter.place)
    return len(rows) == AT_ONCE


def _shown(session: Session, membership_id: UUID, caller: Caller, now: datetime) -> Membership:
    return views_of(session, [session.execute(ROWS.where(memberships.c.id == membership_id)).one()], caller, now)[0]
