"""The page of a secret link: one visit, to be looked at, put into a calendar, moved or cancelled.

The key stands in the address behind a #, which browsers never send; the page's script sends it in the body of forms.
"""

from datetime import date
from zoneinfo import ZoneInfo

from flask import Response

from contracts.booking import (
    CancelOnlineAppointment,
    MoveOnlineAppointment,
    OnlineAppointment,
    ReadOnlineCalendar,
    SearchAvailability,
    ShowOnlineAppointment,
    WantedSegment,
)
from gateway.pages.book.guests import page, part
from gateway.pages.book.said import told
from gateway.pages.book.times import chosen_day, days_of, parts_of_day, window
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area
from gateway.pages.visitor import Visitor
from gateway.problems import status_of
from kernel.errors import Conflict, NotFound, Refusal
from kernel.time import utc_now

CALENDAR = "text/calendar; charset=utf-8"
KEY = "visit_key"
LENGTHS = range(20, 201)  # as the contracts take it
OPEN = ("booked", "confirmed")

area = Area("visit")


@area.page("/visit")
def visit(_visitor: Visitor, form: Form) -> Response:
    return page("book/visit.html", just_booked=form.ticked("done"))


@area.form("/visit/show")
def show(visitor: Visitor, form: Form) -> Response:
    try:
        key = _key(form)
        found = visitor.ask(ShowOnlineAppointment(key))
    except Refusal as refused:
        return _trouble(refused)
    return _seen(key, found, _("You are booked.") if form.ticked("done") else "")


@area.form("/visit/times")
def times(visitor: Visitor, form: Form) -> Response:
    """Where it could be moved."""
    try:
        key = _key(form)
        found = visitor.ask(ShowOnlineAppointment(key))
        return _times(visitor, form, key, found)
    except Refusal as refused:
        return _trouble(refused)


@area.form("/visit/move")
def move(visitor: Visitor, form: Form) -> Response:
    try:
        key = _key(form)
        found = visitor.ask(ShowOnlineAppointment(key))
        starts = form.instant("starts", found.branch.time_zone)
        try:
            moved = visitor.ask(MoveOnlineAppointment(key, starts))
        except Conflict as refused:
            if refused.code in ("too_late_to_change", "wrong_status"):
                raise
            day = starts.astimezone(ZoneInfo(found.branch.time_zone)).date()
            return _times(visitor, form, key, found, refused, day)
    except Refusal as refused:
        return _trouble(refused)
    return _seen(key, moved, _("Moved. The time before is free for others now."))


@area.form("/visit/cancel")
def cancel(visitor: Visitor, form: Form) -> Response:
    try:
        key = _key(form)
        cancelled = visitor.ask(CancelOnlineAppointment(key, form.maybe("reason")))
    except Refusal as refused:
        return _trouble(refused)
    return _seen(key, cancelled, "")


@area.form("/visit/calendar")
def calendar(visitor: Visitor, form: Form) -> Response:
    """The visit as a file for the visitor's own calendar."""
    found = visitor.ask(ReadOnlineCalendar(_key(form)))
    response = Response(found.content, content_type=CALENDAR)
    response.headers["Content-Disposition"] = 'attachment; filename="visit.ics"'
    return response


def _key(form: Form) -> str:
    """The key that was sent; what is none, as of a link that was cut off, opens nothing."""
    key = form.text(KEY)
    if not (key.isascii() and key.isprintable() and len(key) in LENGTHS):
        raise NotFound("appointment_not_found", "no visit has such a key")
    return key


def _seen(key: str, found: OnlineAppointment, text: str) -> Response:
    changeable = found.status in OPEN and utc_now() < found.can_change_until
    return Response(
        part("book/visit_part.html", visit=found, visit_key=key, text=text, changeable=changeable),
        content_type="text/html; charset=utf-8",
    )


def _trouble(refused: Refusal) -> Response:
    text = told(refused)
    return Response(
        part("book/visit_trouble.html", text=text), status=status_of(refused), content_type="text/html; charset=utf-8"
    )


def _times(
    visitor: Visitor,
    form: Form,
    key: str,
    found: OnlineAppointment,
    refused: Refusal | None = None,
    day: date | None = None,
) -> Response:
    asked = day or form.maybe_day("day")
    now_on = found.starts.date()
    shown = window(utc_now().astimezone(ZoneInfo(found.branch.time_zone)).date(), form.maybe_day("first") or asked)
    if now_on > shown.last and not form.maybe("first") and not asked:
        shown = window(shown.first, now_on)
    segments = tuple(WantedSegment(each.service_id, each.master_id, None, each.parallel) for each in found.segments)
    free = visitor.ask(SearchAvailability(found.branch.id, segments, shown.first, shown.last))
    days = days_of(shown, free.days)
    chosen = chosen_day(days, asked or next((each.date for each in days if each.date == now_on and each.free), None))
    slots = next((each.slots for each in free.days if each.date == chosen), ())
    return Response(
        part(
            "book/visit_times.html",
            visit=found,
            visit_key=key,
            text=told(refused) if refused else "",
            window=shown,
            days=days,
            chosen=chosen,
            parts=parts_of_day(slots),
        ),
        status=status_of(refused) if refused else 200,
        content_type="text/html; charset=utf-8",
    )
