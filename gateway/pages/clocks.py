"""By whose clock moments are told and days begin: a branch's, or for what belongs to none, that of the salon."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import flask

from contracts.booking import Branch, ListBranches
from gateway.pages.visitor import Visitor
from kernel.time import utc_now


def zone_of(visitor: Visitor, branch_id: UUID | None = None) -> ZoneInfo:
    """The zone of the branch; without one, of the first in which the visitor works, else of the first of all."""
    branches = _branches(visitor)
    found = (
        next((one for one in branches if one.id == branch_id), None)
        or next((one for one in branches if visitor.caller.in_branch(one.id)), None)
        or next(iter(branches), None)
    )
    return ZoneInfo(found.time_zone if found else "UTC")


def today_of(visitor: Visitor) -> date:
    """The day it is in the salon."""
    return utc_now().astimezone(zone_of(visitor)).date()


def local(moment: datetime, branch_id: UUID | None = None) -> datetime:
    """A moment of the API that does not carry a branch's clock, as a page tells it to its visitor."""
    visitor: Visitor = flask.g.visitor
    return moment.astimezone(zone_of(visitor, branch_id))


def _branches(visitor: Visitor) -> list[Branch]:
    """Asked for once in a request."""
    if "branches" not in flask.g:
        flask.g.branches = visitor.all_if(ListBranches)
    found: list[Branch] = flask.g.branches
    return found
