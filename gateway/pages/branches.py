"""Branches: where they are, when they are open, how booking is bounded there, and the days when they are closed."""

from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from flask import Response

from contracts.booking import (
    BranchPolicy,
    ChangeBranch,
    ChangeHoliday,
    CreateBranch,
    CreateHoliday,
    ListBranches,
    ListHolidays,
    RemoveHoliday,
    ShowBranch,
    ShowHoliday,
    Stranded,
)
from gateway.pages.branches_hours import hours_shown, minutes_of
from gateway.pages.branches_week import HOURS, week_of, week_shown, week_told
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.settings import within
from gateway.pages.site import Area, done, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.time import utc_now

ZONE = "Europe/Moscow"  # proposed for the first branch
CONTINENTS = frozenset({"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"})

area = Area("branches")


@cache
def zones() -> list[str]:
    """Those with a city, and not the old names beside them."""
    return sorted(zone for zone in available_timezones() if zone.partition("/")[0] in CONTINENTS)


@area.page("/settings/branches", ListBranches)
def branches(visitor: Visitor, _form: Form) -> Response:
    found = visitor.all(ListBranches)
    weeks = {branch.id: week_told(branch.opening_hours) for branch in found}
    return within(visitor, "branches/page.html", branches=found, weeks=weeks, may_create=visitor.may(CreateBranch))


@area.page("/settings/branches/new", CreateBranch)
def new(visitor: Visitor, _form: Form) -> Response:
    there = visitor.all(ListBranches)
    return shown("branches/new.html", zones=zones(), zone=there[0].time_zone if there else ZONE)


@area.form("/settings/branches", CreateBranch)
def create(visitor: Visitor, form: Form) -> Response:
    made = visitor.ask(CreateBranch(form.text("name"), form.text("time_zone"), form.maybe("address")), form.key)
    return seen_at(f"/settings/branches/{made.id}")


@area.page("/settings/branches/<uuid:id>", ShowBranch)
def branch(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    found = visitor.ask(ShowBranch(id))
    today = utc_now().astimezone(ZoneInfo(found.time_zone)).date()
    return within(
        visitor,
        "branches/branch.html",
        branch=found,
        week=week_shown(found.opening_hours),
        pattern=HOURS,
        hours_shown=hours_shown,
        holidays=visitor.all(ListHolidays, branch_id=id, from_=today),
        may_see_holidays=visitor.may(ListHolidays),
        may_edit=visitor.may(ChangeBranch),
        may_close=visitor.may(CreateHoliday),
        may_change_holidays=visitor.may(ChangeHoliday),
    )


@area.form("/settings/branches/<uuid:id>", ChangeBranch)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    changed = ChangeBranch(
        id,
        form.whole("version"),
        name=form.text("name"),
        address=form.maybe("address"),
        opening_hours=week_of(form),
        policy=BranchPolicy(
            lead_minutes=minutes_of(form, "lead_hours"),
            horizon_days=form.whole("horizon_days"),
            cancel_minutes=minutes_of(form, "cancel_hours"),
            hold_minutes=form.whole("hold_minutes"),
            offer_minutes=form.whole("offer_minutes"),
            confirm_phone=form.ticked("confirm_phone"),
        ),
    )
    return done(_told(_("The branch is saved"), visitor.ask(changed, form.key).stranded), refresh="branch")


# --- holidays -------------------------------------------------------------------------------------------------------


@area.page("/settings/branches/<uuid:id>/holidays/new", CreateHoliday)
def new_holiday(_visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown("branches/holiday.html", branch_id=id)


@area.page("/settings/holidays/<uuid:id>", ShowHoliday)
def holiday(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown("branches/holiday.html", holiday=visitor.ask(ShowHoliday(id)), may_remove=visitor.may(RemoveHoliday))


@area.form("/settings/branches/<uuid:id>/holidays", CreateHoliday)
def close(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    made = CreateHoliday(id, form.day("date"), form.text("what"), form.maybe("opens"), form.maybe("closes"))
    return done(_told(_("The day is in the calendar"), visitor.ask(made, form.key).stranded), refresh="holidays")


@area.form("/settings/holidays/<uuid:id>", ChangeHoliday)
def change_holiday(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    changed = ChangeHoliday(
        id, form.whole("version"), form.text("what"), opens=form.maybe("opens"), closes=form.maybe("closes")
    )
    return done(_told(_("Saved"), visitor.ask(changed, form.key).stranded), refresh="holidays")


@area.form("/settings/holidays/<uuid:id>/remove", RemoveHoliday)
def remove_holiday(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(RemoveHoliday(id, form.whole("version")), form.key)
    return done(_("The branch is open as usual on this day"), refresh="holidays")


def _told(text: str, left: tuple[Stranded, ...]) -> str:
    """With how many appointments are left over, for whoever has to move them."""
    if not left:
        return text
    more = _("Appointments outside of it: %(number)s. Move them at the desk.", number=len(left))
    return f"{text}. {more}"
