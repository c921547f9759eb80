"""Visits on which booking took off something else than loyalty gives."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, tuple_
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts import loyalty as views
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import Invalid, NotFound
from kernel.money import Money
from services.loyalty.tables import bills, grants

LONGEST = timedelta(days=366)


def differences(session: Session, request: views.ListDifferences, caller: Caller) -> Page[views.VisitDifference]:
    """Those of the caller's branches, the oldest first."""
    if request.to < request.from_:
        raise Invalid.field("to", "period_empty", "the last day is before the first")
    if request.to - request.from_ > LONGEST:
        raise Invalid.field("to", "period_too_long", "at most 366 days at once")
    local_date = bills.c.local_date.between(request.from_, request.to)
    on_these_days = exists().where(bills.c.appointment_id == grants.c.appointment_id, local_date)
    branches = None if request.branch_id is None else [request.branch_id]
    if caller.must("loyalty_differences.read") is not Reach.CHAIN:
        if request.branch_id is not None and request.branch_id not in caller.branch_ids:
            raise NotFound("branch_not_found", "no such branch")
        branches = branches or sorted(caller.branch_ids)
    return differing(session, on_these_days, branches, request.limit, request.cursor)


def differing(
    session: Session, which: ColumnElement[bool], branches: Collection[UUID] | None, limit: int, cursor: str | None
) -> Page[views.VisitDifference]:
    """Of the visits `which` were in `branches`, or (None) anywhere."""
    wanted = select(grants).where(grants.c.difference.is_not(None), which)
    if branches is not None:
        wanted = wanted.where(grants.c.branch_id.in_(branches))
    if cursor is not None:
        after = decode_cursor(cursor, datetime, UUID)
        wanted = wanted.where(tuple_(grants.c.completed_at, grants.c.appointment_id) > after)
    ordered = wanted.order_by(grants.c.completed_at, grants.c.appointment_id)
    rows = session.execute(ordered.limit(limit + 1)).all()
    page, more = rows[:limit], len(rows) > limit
    return Page(
        tuple(
            views.VisitDifference(
                row.appointment_id,
                row.client_id,
                row.branch_id,
                row.completed_at,
                Money(row.discount, row.currency),
                Money(row.applied, row.currency),
                row.programme_version,
                row.difference,
            )
            for row in page
        ),
        encode_cursor(page[-1].completed_at, page[-1].appointment_id) if more else None,
    )
