"""How far a caller sees: which branches, masters and appointments are theirs."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, or_, select, true
from sqlalchemy.orm import Session

from kernel.caller import Caller, Reach
from services.booking.tables import appointments, masters, segments, shifts


def in_branches(branch_id: ColumnElement[UUID], caller: Caller) -> ColumnElement[bool]:
    """Whether the branch is one of the caller's."""
    return true() if caller.everywhere else branch_id.in_(caller.branch_ids)


def master_seen(caller: Caller, reach: Reach) -> ColumnElement[bool]:
    """Masters of the chain; for callers bound to branches those with a shift there, or with none anywhere."""
    if reach is Reach.CHAIN:
        return true()
    own = masters.c.user_id == caller.id
    if reach is Reach.OWN:
        return own
    works = select(shifts.c.id).where(shifts.c.master_id == masters.c.id)
    return or_(own, ~exists(works), exists(works.where(shifts.c.branch_id.in_(caller.branch_ids))))


def are_of(session: Session, master_ids: Iterable[UUID], caller: Caller) -> bool:
    """Whether each of these masters is the caller."""
    ids = set(master_ids)
    own = select(masters.c.id).where(masters.c.id.in_(ids), masters.c.user_id == caller.id)
    return set(session.scalars(own)) == ids


def looked_back_to(since: date | None, caller: Caller) -> ColumnElement[bool]:
    """Appointments from `since` on, and all that the caller comes to."""
    if since is None:
        return true()
    comes = appointments.c.client_id == caller.client_id if caller.client_id else false()
    return or_(appointments.c.local_date >= since, comes)


def appointment_seen(caller: Caller, reach: Reach) -> ColumnElement[bool]:
    """Appointments of the caller's branches; with `.own` those that the caller renders or comes to."""
    if reach is not Reach.OWN:
        return in_branches(appointments.c.branch_id, caller)
    rendered = exists(
        select(segments.c.id)
        .join(masters, masters.c.id == segments.c.master_id)
        .where(segments.c.appointment_id == appointments.c.id, masters.c.user_id == caller.id)
    )
    comes = appointments.c.client_id == caller.client_id if caller.client_id else false()
    return or_(rendered, comes)
