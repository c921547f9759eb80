"""Who waits for a time: the list of the branch, the offers of freed times, and booking for somebody on the list."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response

from contracts.booking import (
    AcceptOffer,
    AddToWaitingList,
    BookAppointment,
    DeclineOffer,
    LeaveWaitingList,
    ListMasters,
    ListServices,
    ListWaitingList,
    WaitingTime,
    WantedSegment,
)
from contracts.clients import NameClients
from gateway.pages import me_look
from gateway.pages.desk.day import branch_of, named, names_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid

ALL_DAY = ("00:00", "23:59")
WEEK = range(7)

area = Area("desk-waiting")


@area.page("/desk/waiting", ListWaitingList)
def waiting(visitor: Visitor, form: Form) -> Response:
    branch = branch_of(visitor, form.id("branch_id"))
    entries = [
        entry
        for status in ("offered", "waiting")
        for entry in visitor.all(ListWaitingList, branch_id=branch.id, status=status, most=200)
    ]
    told = visitor.ask_if(NameClients(tuple({entry.client_id for entry in entries}))) if entries else None
    return shown(
        "desk/waiting.html",
        branch=branch,
        entries=entries,
        names={item.id: named(item) for item in told.items} if told else {},
        services=names_of(visitor, ListServices),
        masters=names_of(visitor, ListMasters),
        may_edit=visitor.may(AcceptOffer),
        may_add=visitor.may(AddToWaitingList, BookAppointment),
        may_book=visitor.may(BookAppointment),
    )


def add(
    visitor: Visitor, form: Form, client_id: UUID, branch_id: UUID, segments: tuple[WantedSegment, ...]
) -> Response:
    """Instead of booking: from the form for a new appointment, when no time suits."""
    earliest = form.day("earliest")
    latest = form.maybe_day("latest") or earliest
    if latest < earliest:
        raise Invalid.field("latest", "period_invalid", _("The last day must not lie before the first."))
    visitor.ask(
        AddToWaitingList(branch_id, client_id, segments, earliest, latest, _times(form, earliest, latest)),
        f"{form.key}-waits",
    )
    return done(_("On the waiting list; a time that becomes free is offered"), refresh="days")


def _times(form: Form, earliest: date, latest: date) -> tuple[WaitingTime, ...]:
    """On any of the days within these hours; none where all hours suit."""
    hours = (form.maybe("not_before") or ALL_DAY[0], form.maybe("not_after") or ALL_DAY[1])
    if hours == ALL_DAY:
        return ()
    days: Any = WEEK if (latest - earliest).days >= len(WEEK) - 1 else _weekdays(earliest, latest)
    return tuple(WaitingTime(day, *hours) for day in days)


def _weekdays(earliest: date, latest: date) -> list[int]:
    return sorted({(earliest.weekday() + n) % len(WEEK) for n in range((latest - earliest).days + 1)})


@area.form("/desk/waiting/<uuid:id>/accept", AcceptOffer)
def accept(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    made = visitor.ask(AcceptOffer(id, form.maybe("health_reason")), form.key)
    return done(_("Booked: %(when)s", when=me_look.clock(made.starts)), refresh="days", visit=str(made.id))


@area.form("/desk/waiting/<uuid:id>/decline", DeclineOffer)
def decline(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(DeclineOffer(id), form.key)
    return done(_("The time goes to the next"), refresh="days")


@area.form("/desk/waiting/<uuid:id>/leave", LeaveWaitingList)
def leave(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(LeaveWaitingList(id), form.key)
    return done(_("Taken off the waiting list"), refresh="days")
