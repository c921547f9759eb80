"""Branches and their opening hours."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from msgspec import UNSET, to_builtins
from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts import booking as wire
from kernel.caller import Caller
from kernel.errors import Invalid
from kernel.time import zone
from services.booking.domain.catalogue import name_of
from services.booking.queries import salon
from services.booking.tables import branches
from services.booking.usecases.salon.changes import change_row, changes_of, check_version, kept_week
from services.booking.usecases.salon.planned import carry_out, planned_in


def create_branch(session: Session, request: wire.CreateBranch, caller: Caller) -> wire.Branch:
    try:
        zone(request.time_zone)
    except ValueError:
        raise Invalid.field("time_zone", "time_zone_unknown", "this is not an IANA time zone") from None
    values = _kept(request) | {"id": new_id(), "time_zone": request.time_zone}
    session.execute(insert(branches).values(values))
    return salon.show_branch(session, values["id"], replace(caller, everywhere=True))  # nobody's branches hold it yet


def change_branch(session: Session, request: wire.ChangeBranch, caller: Caller, now: datetime) -> wire.Branch:
    branch = salon.show_branch(session, request.id, caller)
    check_version(request.version, branch.version)
    changes = _kept(request)
    if not changes:
        return branch
    # Nobody waits for a lock here, as for a holiday: what is booked meanwhile is as if it had been booked just before.
    moved = request.opening_hours not in (UNSET, branch.opening_hours)
    planned = planned_in(session, branch.id, now) if moved else []
    change_row(session, branches, branch.id, branch.version, changes)
    left = carry_out(session, planned, caller, now)
    return replace(salon.show_branch(session, branch.id, caller), stranded=left)


def _kept(request: wire.CreateBranch | wire.ChangeBranch) -> dict[str, Any]:
    """What the request says, as it is kept."""
    changes = changes_of(request, "name", "address", "opening_hours", "policy")
    if "name" in changes:
        changes["name"] = name_of("name", changes["name"])
    if "opening_hours" in changes:
        changes["opening_hours"] = kept_week("opening_hours", changes["opening_hours"])
    if "policy" in changes:
        changes["policy"] = to_builtins(changes["policy"])
    return changes
