"""Where a service could begin: shown beneath the schedule of all masters."""

from datetime import datetime, timedelta
from uuid import UUID

from flask import Response

from contracts.booking import Availability, BookAppointment, SearchAvailability, WantedSegment
from gateway.pages.desk.day import MOST_DAYS, branch_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area, data
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid

STEP = timedelta(minutes=15)  # how long the mark of a single start is

area = Area("desk-free")


@area.page("/desk/free.json", BookAppointment)
def free(visitor: Visitor, form: Form) -> Response:
    """Stretches in which a visit for the service may begin, of each master, on the wall clock of the branch."""
    branch, first, last = branch_of(visitor, form.id("branch_id")), form.day("from"), form.day("to")
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Invalid.field("to", "period_invalid", _("A week at most can be shown at once."))
    found = visitor.ask(SearchAvailability(branch.id, (WantedSegment(form.id("service_id")),), first, last))
    return data(
        [
            {"kind": "free", "resourceId": master, "start": _wall(begins), "end": _wall(ends)}
            for master, begins, ends in _stretches(found)
        ]
    )


def _stretches(found: Availability) -> list[tuple[UUID, datetime, datetime]]:
    """Starts that lie close together are one stretch."""
    starts: dict[UUID, list[datetime]] = {}
    for day in found.days:
        for slot in day.slots:
            for master in slot.master_ids:
                starts.setdefault(master, []).append(slot.starts)
    stretches: list[tuple[UUID, datetime, datetime]] = []
    for master, those in starts.items():
        for start in sorted(those):
            if stretches and stretches[-1][0] == master and start <= stretches[-1][2]:
                stretches[-1] = (master, stretches[-1][1], start + STEP)
            else:
                stretches.append((master, start, start + STEP))
    return stretches


def _wall(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M}"
