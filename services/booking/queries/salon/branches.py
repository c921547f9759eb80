"""Branches: their views, their time zones, and whose they are."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from contracts.booking import (
    Branch,
    BranchPolicy,
    BranchZone,
    BranchZones,
    ListBranches,
    OpeningHours,
    UnknownBranches,
)
from contracts.message import Page
from kernel.caller import Caller
from kernel.errors import Invalid, NotFound
from kernel.time import zone
from services.booking.queries.paging import page
from services.booking.queries.reach import in_branches
from services.booking.tables import branches


def show_branch(session: Session, branch_id: UUID, caller: Caller) -> Branch:
    query = select(branches).where(branches.c.id == branch_id, in_branches(branches.c.id, caller))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("branch_not_found", "there is no such branch")
    return _branch(row)


def list_branches(session: Session, request: ListBranches, caller: Caller) -> Page[Branch]:
    query = select(branches).where(in_branches(branches.c.id, caller))
    return page(session, query, branches, _branch, request.limit, request.cursor)


def unknown_branches(session: Session, branch_ids: Sequence[UUID]) -> UnknownBranches:
    known = set(session.scalars(select(branches.c.id).where(branches.c.id.in_(branch_ids))))
    return UnknownBranches(tuple(branch_id for branch_id in branch_ids if branch_id not in known))


def all_zones(session: Session) -> BranchZones:
    rows = session.execute(select(branches.c.id, branches.c.time_zone).order_by(branches.c.id))
    return BranchZones(tuple(BranchZone(row.id, row.time_zone) for row in rows))


def time_zone(session: Session, branch_id: UUID) -> ZoneInfo | None:
    """The zone of the branch; None if there is no such branch."""
    name = session.scalar(select(branches.c.time_zone).where(branches.c.id == branch_id))
    return zone(name) if name else None


def zone_of_asked(session: Session, branch_id: UUID) -> ZoneInfo:
    """The zone of a branch that the path or the query names."""
    tz = time_zone(session, branch_id)
    if tz is None:
        raise NotFound("branch_not_found", "there is no such branch")
    return tz


def zone_of_named(session: Session, branch_id: UUID, caller: Caller) -> ZoneInfo:
    """The zone of a branch that a body names; one that is not the caller's is not there for them."""
    tz = time_zone(session, branch_id)
    if tz is None:
        raise Invalid.field("branch_id", "branch_unknown", "there is no such branch")
    must_be_theirs(branch_id, caller)
    return tz


def must_be_theirs(branch_id: UUID | None, caller: Caller) -> None:
    """Refuse a branch that the caller's branches do not include."""
    if branch_id is not None and not caller.in_branch(branch_id):
        raise NotFound("branch_not_found", "there is no such branch")


def week_of(hours: Sequence[dict[str, Any]]) -> tuple[OpeningHours, ...]:
    """A weekly schedule as it is kept, as a view."""
    return tuple(OpeningHours(**each) for each in hours)


def _branch(row: Row[Any]) -> Branch:
    return Branch(
        id=row.id,
        name=row.name,
        time_zone=row.time_zone,
        address=row.address,
        opening_hours=week_of(row.opening_hours),
        version=row.version,
        policy=BranchPolicy(**row.policy),
    )
