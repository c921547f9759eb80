"""Saving a plan: at once where nothing stands against it, else after it was shown what does; all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response

from contracts.booking import (
    Appointment,
    Assignment,
    Branch,
    ChangeShiftTemplate,
    CreateShiftTemplate,
    ListMasters,
    ListShiftTemplates,
    PlanProblem,
    PreviewShifts,
    PublishShifts,
    Shift,
    ShowAppointment,
)
from gateway.pages.desk.day import branch_of, names_of
from gateway.pages.formats import short_day
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import noted
from gateway.pages.shifts_text import read
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Conflict, Invalid

MOST_SHOWN = 40
ELSEWHERE = "overlaps_elsewhere"
WHY = {
    ELSEWHERE: noted("works in another branch at this time"),
    "stranded": noted("has an appointment outside of these hours"),
    "holiday": noted("the branch is closed, or closes earlier"),
    "outside_opening_hours": noted("outside of the opening hours"),
    "absent": noted("is away"),
    "permit_expired": noted("has a paper that has run out by then"),
    "shift_in_gap": noted("the clocks jump over this shift"),
}

area = Area("shifts-saving")


@dataclass(frozen=True)
class Against:
    """One thing that stands against a plan, as it is shown."""

    master: str
    day: date
    why: str
    appointment: Appointment | None


@area.form("/shifts", PublishShifts)
def save(visitor: Visitor, form: Form) -> Response:
    """What was painted: only the days that were changed."""
    branch = branch_of(visitor, form.id("branch_id"))
    names = names_of(visitor, ListMasters)
    painted = _painted(form, names)
    if not painted:
        raise Invalid.field("painted", "nothing_changed", _("Nothing has been changed yet."))
    days = [day for each in painted for day in each.dates]
    plan = PublishShifts(branch.id, min(days), max(days), tuple(painted), form.ticked("despite"))
    return _published(visitor, form, branch, plan, names)


@area.page("/shifts/by-template", PublishShifts, ListShiftTemplates)
def by_template(visitor: Visitor, form: Form) -> Response:
    branch = branch_of(visitor, form.id("branch_id"))
    first, last = form.day("from"), form.day("to")
    here = set(form.ids("master_id"))
    return shown(
        "shifts/by_template.html",
        branch=branch,
        first=first,
        last=last,
        masters=[one for one in visitor.all(ListMasters) if one.active and (not here or one.id in here)],
        templates=visitor.all(ListShiftTemplates),
        may_make=visitor.may(CreateShiftTemplate),
        may_change=visitor.may(ChangeShiftTemplate),
    )


@area.form("/shifts/by-template", PublishShifts)
def lay_out(visitor: Visitor, form: Form) -> Response:
    branch = branch_of(visitor, form.id("branch_id"))
    master_ids = form.ids("master_id")
    if not master_ids:
        raise Invalid.field("master_id", "field_missing", _("Choose a master at least."))
    template_id, anchor = form.id("template_id"), form.maybe_day("anchor")
    assignments = tuple(Assignment(one, template_id, anchor) for one in master_ids)
    plan = PublishShifts(branch.id, form.day("from"), form.day("to"), assignments, form.ticked("despite"))
    return _published(visitor, form, branch, plan, names_of(visitor, ListMasters))


def _painted(form: Form, names: dict[UUID, str]) -> list[Assignment]:
    """By master, from fields `master|date|text`."""
    by_master: dict[UUID, Assignment] = {}
    for field in form.each("painted"):
        try:
            master_text, day_text, text = field.split("|", 2)
            master_id, day = UUID(master_text), date.fromisoformat(day_text)
        except ValueError:
            raise Invalid.field(
                "painted", "form_malformed", _("Load the page again: this form is not complete.")
            ) from None
        hours = read(text, f"{names.get(master_id, '—')}, {short_day(day)}")
        there = by_master.get(master_id, Assignment(master_id))
        more = tuple(Shift(day, starts, ends) for starts, ends in hours)
        by_master[master_id] = replace(there, shifts=(*there.shifts, *more), dates=(*there.dates, day))
    return list(by_master.values())


def _published(visitor: Visitor, form: Form, branch: Branch, plan: PublishShifts, names: dict[UUID, str]) -> Response:
    try:
        published = visitor.ask(plan, f"{form.key}-{int(plan.despite_conflicts)}")
    except Conflict as refused:
        if refused.code != "plan_conflicts":
            raise
        return _what_stands_against(visitor, form, branch, plan, names)
    days = sum(len({shift.date for shift in each.shifts}) for each in published.masters)
    return done(_("Saved: working days %(days)s", days=days), refresh="shifts")


def _what_stands_against(
    visitor: Visitor, form: Form, branch: Branch, plan: PublishShifts, names: dict[UUID, str]
) -> Response:
    preview = visitor.ask(PreviewShifts(plan.branch_id, plan.from_, plan.to, plan.assignments))
    problems = [(each.master_id, problem) for each in preview.masters for problem in each.problems]
    response = shown(
        "shifts/against.html",
        branch=branch,
        against=[_against(visitor, names, *each) for each in problems[:MOST_SHOWN]],
        more=max(0, len(problems) - MOST_SHOWN),
        final=any(problem.code == ELSEWHERE for _master, problem in problems),
        address="/shifts/by-template" if plan.assignments[0].template_id else "/shifts",
        fields=_sent(form, plan),
    )
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _sent(form: Form, plan: PublishShifts) -> Sequence[tuple[str, Any]]:
    """What the form said, to be said once more."""
    fields: list[tuple[str, Any]] = [("branch_id", plan.branch_id)]
    first = plan.assignments[0]
    if first.template_id is None:
        return fields + [("painted", text) for text in form.each("painted")]
    fields += [
        ("template_id", first.template_id),
        ("from", plan.from_),
        ("to", plan.to),
        ("anchor", first.anchor or ""),
    ]
    return fields + [("master_id", each.master_id) for each in plan.assignments]


def _against(visitor: Visitor, names: dict[UUID, str], master_id: UUID, problem: PlanProblem) -> Against:
    found = visitor.ask_if(ShowAppointment(problem.appointment_id)) if problem.appointment_id else None
    return Against(names.get(master_id, "—"), problem.date, _(WHY[problem.code]), found)
