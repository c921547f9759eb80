"""A master's own pages, for a phone: the day, a visit with its notes, shifts, and what the work came to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Response

from chassis.wire import decoder, encode
from contracts.booking import (
    Appointment,
    Branch,
    DaySheet,
    ListAppointments,
    ListBranches,
    ListMasters,
    ListServices,
    ListShifts,
    Master,
    ShowAppointment,
    ShowDaySheet,
    ShowSchedule,
)
from contracts.clients import AddNote, ListNotes, NameClients, ShowClient
from gateway.names import with_names
from gateway.pages.clients_words import STATUSES
from gateway.pages.clocks import today_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area, shown
from gateway.pages.visitor import Visitor
from kernel.caller import Reach
from kernel.errors import Invalid, NotFound
from kernel.money import Money

SHIFT_DAYS = 28
LONGEST_PERIOD = 92  # days of work that are added up at once
MOST_VISITS = 2_000

area = Area("mine")


def is_master(visitor: Visitor) -> bool:
    """Whether the visitor's rights end at their own appointments, and they see the day of a master."""
    caller = visitor.caller
    return caller.client_id is None and caller.reach(ShowSchedule.permission) is Reach.OWN


def own_master(visitor: Visitor) -> Master | None:
    """The master that the visitor is, by the login that the salon has written there."""
    return next((one for one in visitor.all(ListMasters) if one.user_id == visitor.caller.id), None)


@area.page("/mine", ShowDaySheet)
def day(visitor: Visitor, form: Form) -> Response:
    """Who comes today, in every branch of the master's, with what to know beforehand."""
    master, branches = own_master(visitor), _branches(visitor)
    if master is None or not branches:
        return shown("mine/nobody.html", page="day")
    today = today_of(visitor)
    chosen = form.maybe_day("date") or today
    sheets = [(branch, _sheet(visitor, branch, chosen, master)) for branch in branches]
    return shown(
        "mine/day.html",
        page="day",
        today=today,
        day=chosen,
        before=chosen - timedelta(days=1),
        after=chosen + timedelta(days=1),
        sheets=[(branch, visits) for branch, visits in sheets if visits],
        shifts=_shifts(visitor, master, chosen, chosen),
        branches={branch.id: branch.name for branch in branches},
        services={one.id: one.name for one in visitor.all_if(ListServices)},
        statuses=STATUSES,
    )


@area.page("/mine/visits/<uuid:id>", ShowAppointment)
def visit(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """One visit: what is to be done, whom it is for, what others noted, and a place for a note of one's own."""
    found = visitor.ask(ShowAppointment(id))
    client = visitor.ask_if(ShowClient(found.client_id)) if found.client_id else None
    told = visitor.ask_if(NameClients((found.client_id,))) if found.client_id else None
    return shown(
        "mine/visit.html",
        page="day",
        visit=found,
        client=client,
        name=told.items[0].name if told and told.items else _("a client"),
        may_note=visitor.may(AddNote),
        may_read_notes=visitor.may(ListNotes),
        services={one.id: one.name for one in visitor.all_if(ListServices)},
        masters={one.id: one.name for one in visitor.all_if(ListMasters)},
        statuses=STATUSES,
    )


@area.page("/mine/shifts", ListShifts)
def shifts(visitor: Visitor, form: Form) -> Response:
    """When and where the master works, four weeks at a time."""
    master, branches = own_master(visitor), _branches(visitor)
    if master is None:
        return shown("mine/nobody.html", page="shifts")
    first = form.maybe_day("from") or today_of(visitor)
    last = first + timedelta(days=SHIFT_DAYS - 1)
    return shown(
        "mine/shifts.html",
        page="shifts",
        first=first,
        last=last,
        before=first - timedelta(days=SHIFT_DAYS),
        after=last + timedelta(days=1),
        shifts=_shifts(visitor, master, first, last),
        branches={branch.id: branch.name for branch in branches},
    )


@area.page("/mine/figures", ListAppointments)
def figures(visitor: Visitor, form: Form) -> Response:
    """What the master's own work came to in a month, or on other dates."""
    master = own_master(visitor)
    if master is None:
        return shown("mine/nobody.html", page="figures")
    today = today_of(visitor)
    first, last = form.maybe_day("from") or today.replace(day=1), form.maybe_day("to") or today
    before = today.replace(day=1) - timedelta(days=1)
    if not 0 <= (last - first).days < LONGEST_PERIOD:
        raise Invalid.field("to", "period_invalid", _("Three months at most can be added up at once."))
    page = visitor.ask(ListAppointments(master_id=master.id, from_=first, to=last, limit=1))
    visits = visitor.all(ListAppointments, master_id=master.id, from_=first, to=last, most=MOST_VISITS)
    return shown(
        "mine/figures.html",
        page="figures",
        first=first,
        last=last,
        last_month=(before.replace(day=1), before),
        work=added_up(visits, master.id),
        services={one.id: one.name for one in visitor.all(ListServices)},
        history_from=page.history_from,
    )


@dataclass(frozen=True)
class Work:
    """Of one master: completed visits, different clients, what was due for their own services less what was given
    back, visits to come, and those that did not happen. `services` are the completed ones, most frequent first.
    """

    visits: int
    clients: int
    revenue: Money | None
    coming: int
    cancelled: int
    missed: int
    services: tuple[tuple[UUID, int], ...]


def added_up(visits: Iterable[Appointment], master_id: UUID) -> Work:
    every = list(visits)
    by_status = Counter(one.status for one in every)
    completed = [one for one in every if one.status == "completed"]
    lines = [line for one in completed for line in one.lines if line.master_id == master_id]
    services = Counter(part.service_id for one in completed for part in one.segments if part.master_id == master_id)
    revenue = sum(line.due.amount - line.refunded.amount for line in lines)
    return Work(
        visits=len(completed),
        clients=len({one.client_id for one in completed if one.client_id}),
        revenue=Money(revenue, lines[0].due.currency) if lines else None,
        coming=by_status["booked"] + by_status["confirmed"] + by_status["arrived"],
        cancelled=by_status["cancelled"],
        missed=by_status["no_show"],
        services=tuple(services.most_common(10)),
    )


def _branches(visitor: Visitor) -> list[Branch]:
    return [branch for branch in visitor.all(ListBranches) if visitor.caller.in_branch(branch.id)]


def _sheet(visitor: Visitor, branch: Branch, chosen: date, master: Master) -> list[Any]:
    """The master's visits there on that day, with names as clients like to be called."""
    try:
        sheet = visitor.ask(ShowDaySheet(branch.id, chosen, master_id=(master.id,)))
    except NotFound:  # the master does not work there
        return []
    if visitor.may(NameClients):
        sheet = decoder(DaySheet)(with_names(visitor.gateway.bus, encode(sheet), visitor.token))
    return [one for each in sheet.masters for one in each.appointments]


def _shifts(visitor: Visitor, master: Master, first: date, last: date) -> list[Any]:
    found = visitor.ask_if(ListShifts(master.id, from_=first, to=last))
    return sorted(found.shifts, key=lambda one: (one.date, one.starts)) if found else []
