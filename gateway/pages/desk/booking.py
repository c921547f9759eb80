"""Booking: who, what, with whom and when in one dialog, for a known client and for a new one."""

from typing import Any
from uuid import UUID

from flask import Response

from contracts.booking import (
    OVERLAP,
    OVERRIDE_HEALTH,
    AddToWaitingList,
    BookAppointment,
    LeaveWaitingList,
    ListMasters,
    ListServices,
    PreviewBooking,
    Suggestions,
    WantedSegment,
)
from contracts.clients import RegisterClient, SearchClients, ShowClient, Source
from gateway.pages import me_look
from gateway.pages.clients import about, last_viewed
from gateway.pages.desk import waiting
from gateway.pages.desk.day import branch_of, names_of, offered
from gateway.pages.desk.verdicts import given
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.sentences import sentence
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid, Refusal

MOST_SERVICES = 3
LONGEST_CHANNEL = 64

area = Area("desk-booking")


@area.page("/desk/new", BookAppointment)
def new(visitor: Visitor, form: Form) -> Response:
    """The dialog, for the place in the calendar that was chosen, or for somebody who waits for a time."""
    branch = branch_of(visitor, form.id("branch_id"))
    masters = [(master.id, master.name) for master in visitor.all(ListMasters, branch_id=branch.id) if master.active]
    return shown(
        "desk/new.html",
        branch=branch,
        starts=form.maybe("starts") or "",
        master_id=form.maybe_id("master_id"),
        masters=masters,
        client_id=form.maybe_id("client_id"),
        service_id=form.maybe_id("service_id"),
        waiting_id=form.maybe_id("waiting_id"),
        waits=form.ticked("waits"),
        name=form.maybe("name") or _called(visitor, form.maybe_id("client_id")),
    )


def _called(visitor: Visitor, client_id: UUID | None) -> str:
    client = visitor.ask_if(ShowClient(client_id)) if client_id else None
    return me_look.called(client) if client else ""


@area.page("/desk/who", SearchClients)
def who(visitor: Visitor, form: Form) -> Response:
    """Clients that fit what was typed so far."""
    q = form.maybe("q") or ""
    found = visitor.ask(SearchClients(q[:200], limit=6)).items if len(q) > 1 else ()
    viewed = () if q else last_viewed(visitor)
    return shown("desk/who.html", q=q, found=found, viewed=viewed, branch_id=form.id("branch_id"))


@area.page("/desk/chosen", BookAppointment)
def chosen(visitor: Visitor, form: Form) -> Response:
    """The rest of the form once it is known for whom: their card beside it, and what they had last."""
    branch = branch_of(visitor, form.id("branch_id"))
    client_id, master_id = form.maybe_id("client_id"), form.maybe_id("master_id")
    services = offered(visitor, branch.id, master_id)
    client = None
    beside: dict[str, Any] = {"suggested": None, "discount": None}
    wanted: tuple[UUID, ...] = ()
    chosen_already = form.maybe_id("wanted_id")
    if client_id is not None:
        client = visitor.ask(ShowClient(client_id))
        beside = about(visitor, client_id, branch.id)
        wanted = _usual(beside["suggested"], {service.id for service in services})
    if chosen_already is not None:
        wanted = (chosen_already,)
    return shown(
        "desk/chosen.html",
        branch=branch,
        client=client,
        offered=services,
        wanted=wanted,
        **_typed(form.maybe("q") or ""),
        masters=names_of(visitor, ListMasters),
        services={service.id: service.name for service in visitor.all(ListServices)},
        most=MOST_SERVICES,
        starts=form.maybe("starts") or "",
        waits=form.ticked("waits"),
        may_wait=visitor.may(AddToWaitingList),
        may_overlap=visitor.caller.may(OVERLAP),
        may_override=visitor.caller.may(OVERRIDE_HEALTH),
        **beside,
    )


def _typed(text: str) -> dict[str, Any]:
    """What was looked for and not found: a phone, or the first and the last name of somebody new."""
    if text[:1] and text[:1] in "+0123456789":
        return {"phone": text, "first_name": "", "last_name": ""}
    first, _space, last = text.partition(" ")
    return {"phone": "", "first_name": _as_name(first), "last_name": _as_name(last.strip())}


def _as_name(word: str) -> str:
    return word[:1].upper() + word[1:] if word.islower() else word


@area.page("/desk/price", PreviewBooking)
def price(visitor: Visitor, form: Form) -> Response:
    """What the visit would cost, and whether the time is free, while the form is being filled in."""
    try:
        branch = branch_of(visitor, form.id("branch_id"))
        asked = PreviewBooking(branch.id, form.id("client_id"), form.instant("starts", branch.time_zone), _what(form))
    except Invalid:  # nothing to say yet
        return shown("desk/price.html", visit=None, text="")
    try:
        visit = visitor.ask(asked)
        return shown("desk/price.html", visit=visit, gives=given(visit), text="")
    except Refusal as refused:
        return shown("desk/price.html", visit=None, text=sentence(refused), refused=refused)


@area.form("/desk/appointments", BookAppointment)
def book(visitor: Visitor, form: Form) -> Response:
    """Books, and registers the client first if they are new; sent twice, both are done once."""
    branch = branch_of(visitor, form.id("branch_id"))
    segments = _what(form)
    starts = None if form.ticked("waits") else form.instant("starts", branch.time_zone)
    client_id = form.maybe_id("client_id")
    if client_id is None:
        client_id = visitor.ask(_new_client(form, branch.id), f"{form.key}-client").id
    if starts is None:
        return waiting.add(visitor, form, client_id, branch.id, segments)
    made = visitor.ask(
        BookAppointment(
            branch.id,
            client_id,
            starts,
            segments,
            channel="desk",
            comment=form.maybe("comment"),
            overlap_reason=form.maybe("overlap_reason"),
            health_reason=form.maybe("health_reason"),
        ),
        f"{form.key}-visit",
    )
    if waited := form.maybe_id("waiting_id"):
        visitor.ask_if(LeaveWaitingList(waited))
    return done(_("Booked: %(when)s", when=me_look.clock(made.starts)), refresh="days", visit=str(made.id))


def _what(form: Form) -> tuple[WantedSegment, ...]:
    master_id = form.maybe_id("master_id")
    services = form.ids("service_id")
    if not services:
        raise Invalid.field("service_id", "field_missing", _("Choose a service."))
    return tuple(WantedSegment(service, master_id) for service in services)


def _new_client(form: Form, branch_id: UUID) -> RegisterClient:
    phone, channel = form.maybe("phone"), form.maybe("channel")
    return RegisterClient(
        first_name=form.text("first_name"),
        last_name=form.maybe("last_name"),
        phones=(phone,) if phone else (),
        home_branch_id=branch_id,
        source=Source(channel[:LONGEST_CHANNEL]) if channel else None,
    )


def _usual(suggested: Any, offered: set[UUID]) -> tuple[UUID, ...]:
    """What the client had last, as far as it can be had here."""
    if not isinstance(suggested, Suggestions) or suggested.last_visit is None:
        return ()
    return tuple(part.service_id for part in suggested.last_visit.segments if part.service_id in offered)[
        :MOST_SERVICES
    ]
