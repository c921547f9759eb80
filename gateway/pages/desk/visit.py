"""One appointment at the desk: its card, arrival, cancellation."""

from typing import Any
from uuid import UUID

from flask import Response

from contracts.booking import (
    Appointment,
    ArriveAppointment,
    CancelAppointment,
    ChangeAppointment,
    CompleteAppointment,
    ConfirmAppointment,
    ListMasters,
    ListServices,
    MarkNoShow,
    OpenAppointment,
    ShowAppointment,
    ShowHistory,
)
from contracts.clients import ShowClient
from gateway.pages.clients import about
from gateway.pages.desk.day import names_of
from gateway.pages.desk.paying import name_of
from gateway.pages.desk.verdicts import given
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.time import utc_now

OPEN = frozenset({"booked", "confirmed", "arrived"})

area = Area("desk-visit")


@area.page("/desk/appointments/<uuid:id>", OpenAppointment)
def card(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """The appointment beside the calendar, with whose it is and what to know of them."""
    visit = visitor.ask(OpenAppointment(id))
    client = visitor.ask_if(ShowClient(visit.client_id)) if visit.client_id else None
    now = utc_now()
    its_day = now.astimezone(visit.starts.tzinfo).date() >= visit.starts.date()
    beside: dict[str, Any] = about(visitor, client.id, visit.branch_id) if client else {}
    return shown(
        "desk/visit.html",
        visit=visit,
        gives=given(visit),
        client=client,
        open=visit.status in OPEN,
        masters=names_of(visitor, ListMasters),
        services=names_of(visitor, ListServices),
        may_edit=visitor.may(ArriveAppointment),
        may_arrive=its_day and visitor.may(ArriveAppointment),
        may_miss=now >= visit.starts and visitor.may(MarkNoShow),
        may_move=visitor.may(ChangeAppointment),
        may_complete=its_day and visitor.may(CompleteAppointment),
        may_cancel=visitor.may(CancelAppointment),
        may_look_back=visitor.may(ShowHistory),
        **beside,
    )


@area.form("/desk/appointments/<uuid:id>/confirm", ConfirmAppointment)
def confirm(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    return _told(visitor.ask(ConfirmAppointment(id), form.key), _("Confirmed"))


@area.form("/desk/appointments/<uuid:id>/arrive", ArriveAppointment)
def arrive(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    return _told(visitor.ask(ArriveAppointment(id), form.key), _("The client is here"))


@area.form("/desk/appointments/<uuid:id>/no-show", MarkNoShow)
def no_show(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    return _told(visitor.ask(MarkNoShow(id), form.key), _("Noted that the client did not come"))


@area.page("/desk/appointments/<uuid:id>/cancelling", CancelAppointment)
def cancelling(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    visit = visitor.ask(ShowAppointment(id))
    return shown("desk/cancelling.html", visit=visit, name=name_of(visitor, visit))


@area.form("/desk/appointments/<uuid:id>/cancel", CancelAppointment)
def cancel(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    return _told(visitor.ask(CancelAppointment(id, form.text("reason")), form.key), _("Cancelled"))


def _told(visit: Appointment, text: str) -> Response:
    return done(text, refresh="days", visit=str(visit.id))
