"""Over which time and branch a report is looked at."""

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.booking import ListBranches
from gateway.pages.forms import Form
from gateway.pages.visitor import Visitor
from kernel.time import utc_now


def period_of(visitor: Visitor, form: Form) -> tuple[date, date, UUID | None]:
    """The days that were chosen, else the last twelve months; and the branch, if one was."""
    branches = visitor.all_if(ListBranches)
    zone = ZoneInfo(branches[0].time_zone if branches else "UTC")
    to = form.maybe_day("to") or utc_now().astimezone(zone).date()
    from_ = form.maybe_day("from") or (to - timedelta(days=334)).replace(day=1)
    return from_, to, form.maybe_id("branch_id")
