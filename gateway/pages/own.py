"""A client's own visits: those ahead with moving and cancelling, and what became of the others."""

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response

from contracts.booking import (
    CancelAppointment,
    ListOwnAppointments,
    MoveOwnAppointment,
    OwnAppointment,
    ReadAppointmentCalendar,
    SearchAvailability,
    ShowOwnAppointment,
    WantedSegment,
)
from contracts.clients import ShowAccount
from gateway.pages.book.times import chosen_day, days_of, parts_of_day, window
from gateway.pages.clients_words import STATUSES
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.own_door import DOOR
from gateway.pages.site import Area, done, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.time import utc_now

CALENDAR = "text/calendar; charset=utf-8"
SHOWN_AT_ONCE = 20

area = Area("own", door=DOOR)


@area.page("/my", ListOwnAppointments)
def visits(visitor: Visitor, form: Form) -> Response:
    """What is ahead, and below it what was; where nothing is booked, the first of a client's pages that there is."""
    if not visitor.may(ListOwnAppointments):
        return seen_at("/my/benefits" if visitor.may(ShowAccount) else "/my/data")
    cursor = form.maybe("cursor")
    return shown(
        "own/visits.html",
        ahead=visitor.all(ListOwnAppointments) if cursor is None else (),
        past=visitor.ask(ListOwnAppointments(past=True, limit=SHOWN_AT_ONCE, cursor=cursor)),
        moved=form.ticked("moved"),
        statuses=STATUSES,
        further=cursor is not None,
    )


@area.page("/my/ahead", ListOwnAppointments)
def ahead(visitor: Visitor, _form: Form) -> Response:
    return shown("own/ahead.html", ahead=visitor.all(ListOwnAppointments), statuses=STATUSES)


@area.page("/my/visits/<uuid:id>/moving", MoveOwnAppointment)
def moving(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """The days and times at which the same services by the same masters are free, first of the day that it is on."""
    visit = visitor.ask(ShowOwnAppointment(id))
    asked = form.maybe_day("day") or visit.starts.date()
    today = utc_now().astimezone(ZoneInfo(visit.branch.time_zone)).date()
    days_shown = window(today, form.maybe_day("first"))
    if form.maybe("first") is None and asked > days_shown.last:
        days_shown = window(today, asked)
    free = visitor.ask(SearchAvailability(visit.branch.id, _segments(visit), days_shown.first, days_shown.last))
    days = days_of(days_shown, free.days)
    chosen = chosen_day(days, asked)
    slots = next((each.slots for each in free.days if each.date == chosen), ())
    return shown("own/moving.html", visit=visit, window=days_shown, days=days, chosen=chosen, parts=parts_of_day(slots))


def _segments(visit: OwnAppointment) -> tuple[WantedSegment, ...]:
    return tuple(WantedSegment(each.service_id, each.master_id, None, each.parallel) for each in visit.segments)


@area.form("/my/visits/<uuid:id>/move", MoveOwnAppointment)
def move(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visit = visitor.ask(ShowOwnAppointment(id))
    visitor.ask(MoveOwnAppointment(id, form.instant("starts", visit.branch.time_zone)), form.key)
    return seen_at("/my?moved")


@area.page("/my/visits/<uuid:id>/cancelling", CancelAppointment)
def cancelling(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown("own/cancelling.html", visit=visitor.ask(ShowOwnAppointment(id)))


@area.form("/my/visits/<uuid:id>/cancel", CancelAppointment)
def cancel(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    reason = form.maybe("reason") or _("Cancelled on the client’s own page")
    visitor.ask(CancelAppointment(id, reason), form.key)
    return done(_("The visit is cancelled."), refresh="own-visits")


@area.page("/my/visits/<uuid:id>/calendar", ReadAppointmentCalendar)
def calendar(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    """The visit as a file for the client's own calendar."""
    found = visitor.ask(ReadAppointmentCalendar(id))
    response = Response(found.content, content_type=CALENDAR)
    response.headers["Content-Disposition"] = 'attachment; filename="visit.ics"'
    return response
