"""The planner of shifts: all masters of a branch over a week or a month, painted by hand or laid out by a template."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response

from contracts.booking import (
    Absence,
    Branch,
    CreateAbsence,
    CreateBlock,
    CreateShiftTemplate,
    ListAbsences,
    ListBlocks,
    ListBranches,
    ListHolidays,
    ListMasters,
    ListRooms,
    ListShifts,
    ListShiftTemplates,
    Master,
    MasterSchedule,
    PublishShifts,
    Shift,
    ShowSchedule,
)
from gateway.pages.desk.day import branch_of, names_of
from gateway.pages.forms import Form
from gateway.pages.shifts_away import kinds
from gateway.pages.shifts_text import PATTERN, hours_of
from gateway.pages.site import Area, data, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.caller import Reach
from kernel.time import utc_now

A_DAY = timedelta(days=1)
USUAL = ("9–21", "10–20", "10–18")  # brushes where nothing is planned yet
BRUSHES = 5

area = Area("shifts")


@dataclass(frozen=True)
class Row:
    """A master with what stands in each of the days: hours, and whether they are away."""

    master: Master
    cells: tuple[str, ...]
    away: tuple[bool, ...]

    @property
    def days(self) -> int:
        return sum(bool(cell) for cell in self.cells)


@area.page("/shifts", ListShifts, ShowSchedule)
def planner(visitor: Visitor, form: Form) -> Response:
    """Everybody's; whoever may see their own only would take the others' for free, and goes to their own."""
    if visitor.caller.reach(ListShifts.permission) is Reach.OWN:
        return seen_at("/mine/shifts")
    branches = [branch for branch in visitor.all(ListBranches) if visitor.caller.in_branch(branch.id)]
    if not branches:
        return shown("shifts/no_branch.html")
    wanted = form.maybe_id("branch_id")
    branch = next((one for one in branches if one.id == wanted), branches[0])
    month = form.maybe("view") == "month"
    today = utc_now().astimezone(ZoneInfo(branch.time_zone)).date()
    days = _days(form.maybe_day("from") or today, month=month)
    masters = visitor.all(ListMasters)
    absences = visitor.all(ListAbsences, from_=days[0], to=days[-1])
    rows = _rows(visitor, branch, days, masters, absences, also=form.ids("also"))
    listed = {row.master.id for row in rows}
    holidays = visitor.all(ListHolidays, branch_id=branch.id, from_=days[0], to=days[-1])
    return shown(
        "shifts/page.html",
        branches=branches,
        branch=branch,
        month=month,
        days=days,
        today=today,
        rows=rows,
        others=[one for one in masters if one.active and one.id not in listed],
        also=form.ids("also"),
        names={one.id: one.name for one in masters},
        holidays={one.date: one for one in holidays},
        before=_days(days[0] - A_DAY, month=month)[0],
        after=days[-1] + A_DAY,
        brushes=_brushes(rows),
        pattern=PATTERN,
        absences=absences,
        blocks=visitor.all(ListBlocks, branch_id=branch.id, from_=days[0], to=days[-1]),
        templates=visitor.all(ListShiftTemplates),
        kinds=dict(kinds()),
        rooms=names_of(visitor, ListRooms),
        may_plan=visitor.may(PublishShifts),
        may_make_templates=visitor.may(CreateShiftTemplate),
        may_be_away=visitor.may(CreateAbsence),
        may_block=visitor.may(CreateBlock),
    )


@area.page("/shifts/cells.json", ListShifts, ShowSchedule)
def cells(visitor: Visitor, form: Form) -> Response:
    """What stands in the week that begins with `from`, by master, to be copied into another one."""
    branch, first = branch_of(visitor, form.id("branch_id")), form.day("from")
    days = [first + number * A_DAY for number in range(7)]
    schedule = visitor.ask(ShowSchedule(branch.id, days[0], days[-1]))
    return data({str(one.master_id): [_hours(one, day) for day in days] for one in schedule.masters})


def _days(day: date, *, month: bool) -> list[date]:
    """The week from Monday on, or the month, that `day` lies in."""
    if month:
        return [day.replace(day=number + 1) for number in range(calendar.monthrange(day.year, day.month)[1])]
    monday = day - day.weekday() * A_DAY
    return [monday + number * A_DAY for number in range(7)]


def _rows(
    visitor: Visitor,
    branch: Branch,
    days: Sequence[date],
    masters: Sequence[Master],
    absences: Sequence[Absence],
    also: Sequence[UUID],
) -> list[Row]:
    """Those who work here, or did, and those who were asked for; in a branch without anybody all of them."""
    schedule = visitor.ask(ShowSchedule(branch.id, days[0], days[-1]))
    there = {one.master_id: one for one in schedule.masters}
    here = {one.id for one in visitor.all(ListMasters, branch_id=branch.id) if one.active} | set(there) | set(also)
    rows = [one for one in masters if one.id in here] or [one for one in masters if one.active]
    zone = ZoneInfo(branch.time_zone)
    return [
        Row(
            one,
            tuple(_hours(there[one.id], day) if one.id in there else "" for day in days),
            tuple(any(each.master_id == one.id and _is_on(each, day, zone) for each in absences) for day in days),
        )
        for one in sorted(rows, key=lambda one: one.name.casefold())
    ]


def _hours(schedule: MasterSchedule, day: date) -> str:
    return hours_of(
        [
            Shift(day, f"{span.starts:%H:%M}", f"{span.ends:%H:%M}" if span.ends.date() == day else "24:00")
            for span in schedule.shifts
            if span.starts.date() == day
        ]
    )


def _is_on(absence: Absence, day: date, zone: ZoneInfo) -> bool:
    starts, ends = absence.starts.astimezone(zone), absence.ends.astimezone(zone)
    last = ends.date() if ends.time() > time() else ends.date() - A_DAY
    return starts.date() <= day <= last


def _brushes(rows: Sequence[Row]) -> list[str]:
    """The hours that are painted with: those that stand there most often, and usual ones."""
    counted: dict[str, int] = {}
    for row in rows:
        for cell in filter(None, row.cells):
            counted[cell] = counted.get(cell, 0) + 1
    often = sorted(counted, key=lambda cell: (-counted[cell], cell))
    return list(dict.fromkeys([*often, *USUAL]))[:BRUSHES]
