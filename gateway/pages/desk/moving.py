"""Moving an appointment or making it longer: what it would come to is shown before it is final, and can be undone."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Response
from msgspec import UNSET

from contracts.booking import (
    Appointment,
    ChangeAppointment,
    ListMasters,
    PreviewChange,
    Segment,
    ShowAppointment,
    WantedSegment,
)
from gateway.pages import me_look
from gateway.pages.desk.day import branch_of, may_hand_over, names_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.sentences import sentence
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid, Refusal

MINUTE = timedelta(minutes=1)

area = Area("desk-moving")


@area.page("/desk/appointments/<uuid:id>/moving", PreviewChange)
def moving(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """The dialog: where a drag has put it, or where it is, to be changed by hand."""
    visit = visitor.ask(ShowAppointment(id))
    part = _part(visit, form.maybe_id("segment_id"))
    zone = branch_of(visitor, visit.branch_id).time_zone
    starts, ends = _span(form, part, zone)
    masters = [one for one in visitor.all(ListMasters, branch_id=visit.branch_id) if one.active]
    wanted = form.maybe_id("master_id") or part.master_id
    theirs = {part.master_id, wanted}
    if may_hand_over(visitor, part.master_id, masters):
        theirs |= {one.id for one in masters}
    return shown(
        "desk/moving.html",
        visit=visit,
        part=part,
        starts=starts,
        minutes=(ends - starts) // MINUTE,
        master_id=wanted,
        choice=[(one.id, one.name) for one in masters if part.service_id in one.service_ids and one.id in theirs],
        masters=names_of(visitor, ListMasters),
        **_preview(visitor, form, visit),
    )


@area.page("/desk/appointments/<uuid:id>/moved", PreviewChange)
def moved(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    """What it would come to, while the dialog is being filled in."""
    visit = visitor.ask(ShowAppointment(id))
    return shown(
        "desk/moved.html", visit=visit, masters=names_of(visitor, ListMasters), **_preview(visitor, form, visit)
    )


@area.form("/desk/appointments/<uuid:id>/move", ChangeAppointment)
def move(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    """Refused if somebody has changed the appointment since it was shown."""
    visit = visitor.ask(ShowAppointment(id))
    place = visit.segments.index(_part(visit, form.id("segment_id")))
    change = _change(visitor, form, visit)
    made = visitor.ask(ChangeAppointment(id, form.whole("version"), reason=form.maybe("reason"), **change))
    if form.ticked("undone"):
        text = _("Put back to %(when)s", when=me_look.clock(made.starts))
        return done(text, refresh="days", visit=str(made.id))
    text = _("Moved to %(when)s", when=f"{me_look.clock(made.starts)}–{me_look.clock(made.ends)}")
    return done(text, refresh="days", visit=str(made.id), undo=_undo(visit.segments[place], made, place))


def _undo(before: Segment, made: Appointment, place: int) -> dict[str, Any]:
    """The form that puts it back; refused like any other once somebody else has changed the appointment."""
    fields = {
        "key": uuid4().hex,
        "undone": "yes",
        "version": str(made.version),
        "segment_id": str(made.segments[place].id),
        "starts": before.starts.isoformat(),
        "ends": before.ends.isoformat(),
        "master_id": str(before.master_id),
    }
    return {"text": _("Undo"), "address": f"/desk/appointments/{made.id}/move", "fields": fields}


def _preview(visitor: Visitor, form: Form, visit: Appointment) -> dict[str, Any]:
    """What comes of it, or a sentence that says what stands against it."""
    found: dict[str, Any] = {"after": None, "text": "", "refused": None}
    try:
        change = _change(visitor, form, visit)
        return found | {"after": visitor.ask(PreviewChange(visit.id, visit.version, **change))}
    except Refusal as refused:
        return found | {"text": sentence(refused), "refused": refused}


def _part(visit: Appointment, segment_id: UUID | None) -> Segment:
    for part in visit.segments:
        if segment_id in (None, part.id):
            return part
    raise Invalid.field("segment_id", "id_unknown", _("This is not there any more. Load the page again."))


def _span(form: Form, part: Segment, zone: str) -> tuple[datetime, datetime]:
    """From when to when the segment goes: by its end where it was pulled, by minutes where they were typed."""
    starts = form.instant("starts", zone) if form.maybe("starts") else part.starts
    if form.maybe("ends"):
        return starts, form.instant("ends", zone)
    if form.maybe("minutes"):
        return starts, starts + form.whole("minutes") * MINUTE
    return starts, starts + (part.ends - part.starts)


def _change(visitor: Visitor, form: Form, visit: Appointment) -> dict[str, Any]:
    """The moved segment takes the whole visit along in time; only itself goes to another master or takes longer."""
    part = _part(visit, form.maybe_id("segment_id"))
    zone = branch_of(visitor, visit.branch_id).time_zone
    starts, ends = _span(form, part, zone)
    master_id = form.maybe_id("master_id") or part.master_id
    minutes = None if ends - starts == part.ends - part.starts else (ends - starts) // MINUTE
    moved_to = visit.starts + (starts - part.starts)
    if master_id == part.master_id and minutes is None:
        return {"starts": moved_to, "segments": UNSET}
    wanted = [_again(one, visit) for one in visit.segments]
    place = visit.segments.index(part)
    wanted[place] = WantedSegment(part.service_id, master_id, parallel=wanted[place].parallel, duration_minutes=minutes)
    return {"starts": moved_to, "segments": tuple(wanted)}


def _again(one: Segment, visit: Appointment) -> WantedSegment:
    index = visit.segments.index(one)
    parallel = index > 0 and one.starts == visit.segments[index - 1].starts
    return WantedSegment(one.service_id, one.master_id, parallel=parallel)
