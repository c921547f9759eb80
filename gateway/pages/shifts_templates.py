"""Templates of shifts: cycles of days on and off, and the hours of each day."""

from uuid import UUID

from flask import Response

from contracts.booking import (
    ChangeShiftTemplate,
    CreateShiftTemplate,
    ShiftTemplate,
    ShowShiftTemplate,
    TemplateShift,
)
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.shifts_text import PATTERN, read, written
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid

LONGEST_CYCLE = 56

area = Area("shifts-templates")


@area.page("/shifts/templates/new", CreateShiftTemplate)
def new_template(_visitor: Visitor, _form: Form) -> Response:
    return shown("shifts/new_template.html")


@area.form("/shifts/templates", CreateShiftTemplate)
def make_template(visitor: Visitor, form: Form) -> Response:
    """So many days on, so many off: `hours` for each day on."""
    on, off = form.whole("on"), form.whole("off")
    if not 1 <= on + off <= LONGEST_CYCLE or on < 1:
        raise Invalid.field("on", "cycle_invalid", _("A cycle has 1 to 56 days, one of work at least."))
    hours = read(form.text("hours"), form.text("name"))
    if not hours:
        raise Invalid.field("hours", "field_missing", _("Please fill this in."))
    shifts = tuple(TemplateShift(day, starts, ends) for day in range(on) for starts, ends in hours)
    made: ShiftTemplate = visitor.ask(CreateShiftTemplate(form.text("name"), on + off, shifts), form.key)
    return done(_("Template “%(name)s” is there", name=made.name))


@area.page("/shifts/templates/<uuid:id>", ChangeShiftTemplate, ShowShiftTemplate)
def template(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """The hours of each day of the cycle, as they are written in the planner."""
    found = visitor.ask(ShowShiftTemplate(id))
    days = [
        written((shift.starts, shift.ends) for shift in found.shifts if shift.day == day)
        for day in range(found.cycle_days)
    ]
    return shown("shifts/template.html", one=found, days=days, pattern=PATTERN)


@area.form("/shifts/templates/<uuid:id>", ChangeShiftTemplate)
def change_template(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    """What was planned by it stays as it is."""
    days = [form.maybe(f"day-{day}") or "" for day in range(visitor.ask(ShowShiftTemplate(id)).cycle_days)]
    shifts = tuple(
        TemplateShift(day, starts, ends)
        for day, text in enumerate(days)
        for starts, ends in read(text, _("day %(number)s", number=day + 1), field=f"day-{day}")
    )
    if not shifts:
        raise Invalid.field("day-0", "field_missing", _("Say the hours of one day at least."))
    visitor.ask(ChangeShiftTemplate(id, form.whole("version"), form.text("name"), shifts=shifts), form.key)
    return done(_("Saved; what was planned by it stays."))
