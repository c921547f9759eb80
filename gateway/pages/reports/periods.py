"""Over which time and branch a report is looked at."""

from datetime import date, timedelta
from uuid import UUID

from gateway.pages.clocks import today_of
from gateway.pages.forms import Form
from gateway.pages.visitor import Visitor


def period_of(visitor: Visitor, form: Form) -> tuple[date, date, UUID | None]:
    """The days that were chosen, else the last twelve months; and the branch, if one was."""
    to = form.maybe_day("to") or today_of(visitor)
    from_ = form.maybe_day("from") or (to - timedelta(days=334)).replace(day=1)
    return from_, to, form.maybe_id("branch_id")
