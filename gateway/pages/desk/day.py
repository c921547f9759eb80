"""The day and the week of all masters of a branch, as the calendar reads them, and the day on paper."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response

from chassis.wire import decoder, encode
from contracts.booking import (
    TRANSFER,
    Appointment,
    BookAppointment,
    Branch,
    BranchPrice,
    ChangeAppointment,
    DaySheet,
    ListAppointments,
    ListBranches,
    ListMasters,
    ListServices,
    ListWaitingList,
    Master,
    Rendering,
    Schedule,
    Service,
    ShowDaySheet,
    ShowSchedule,
)
from contracts.clients import ClientName, NameClients
from gateway.names import with_names
from gateway.pages import me_look
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area, data, shown
from gateway.pages.visitor import Visitor
from kernel.caller import Reach
from kernel.errors import Invalid, NotFound
from kernel.time import utc_now

MOST_DAYS = 7
OFF_THE_GRID = frozenset({"cancelled", "no_show"})
HOURS = ("09:00", "18:00")  # of a branch that says nothing

area = Area("desk-day")


def branch_of(visitor: Visitor, branch_id: UUID | None) -> Branch:
    """The branch that is named, else the first that the visitor works in."""
    for branch in visitor.all(ListBranches):
        if branch_id in (None, branch.id) and visitor.caller.in_branch(branch.id):
            return branch  # type: ignore[no-any-return]
    raise NotFound("id_unknown", "there is no such branch")


def offered(visitor: Visitor, branch_id: UUID, master_id: UUID | None = None) -> list[Service]:
    """The services that can be booked there, of this master if one is chosen and on their terms, by category."""
    services = [one for one in visitor.all(ListServices) if one.active and one.capacity == 1]
    own: dict[UUID, Rendering] = {}
    if master_id is not None:
        master = next((one for one in visitor.all(ListMasters) if one.id == master_id), None)
        own = {one.service_id: one for one in master.renderings} if master else {}
        services = [one for one in services if master and one.id in master.service_ids]
    here = [(one, next((each for each in one.branch_prices if each.branch_id == branch_id), None)) for one in services]
    found = [_on_terms(one, there, own.get(one.id)) for one, there in here if there is None or there.offered]
    return sorted(found, key=lambda one: (one.category, one.name))


def _on_terms(service: Service, there: BranchPrice | None, own: Rendering | None) -> Service:
    """What a master says goes before what the branch says, and that before what the service says."""
    price = (own and own.price) or (there and there.price) or service.price
    return replace(service, price=price, duration_minutes=(own and own.duration_minutes) or service.duration_minutes)


def names_of(visitor: Visitor, kind: type[Any]) -> dict[UUID, str]:
    return {item.id: item.name for item in visitor.all(kind)}


@area.page("/desk", ListAppointments)
def desk(visitor: Visitor, form: Form) -> Response:
    branches = [branch for branch in visitor.all(ListBranches) if visitor.caller.in_branch(branch.id)]
    if not branches:
        return shown("desk/no_branch.html")
    wanted = form.maybe_id("branch_id")
    branch = next((one for one in branches if one.id == wanted), branches[0])
    now = utc_now().astimezone(ZoneInfo(branch.time_zone))
    today = now.date()
    return shown(
        "desk/page.html",
        branches=branches,
        branch=branch,
        today=today,
        ahead=int((now.utcoffset() or timedelta()).total_seconds() // 60),
        day=form.maybe_day("date") or today,
        week=form.maybe("view") == "week",
        clock=me_look.chosen("clock") or "24",
        client_id=form.maybe_id("client_id") if visitor.may(BookAppointment) else None,
        may_book=visitor.may(BookAppointment),
        may_move=visitor.may(ChangeAppointment),
        may_wait=visitor.may(ListWaitingList),
        offered=offered(visitor, branch.id) if visitor.may(BookAppointment) else [],
    )


@area.page("/desk/days.json", ListAppointments, ShowSchedule)
def days(visitor: Visitor, form: Form) -> Response:
    """What the calendar shows from one date to another, both included; wall clocks of the branch without an offset."""
    branch, first, last = branch_of(visitor, form.id("branch_id")), form.day("from"), form.day("to")
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Invalid.field("to", "period_invalid", _("A week at most can be shown at once."))
    schedule = visitor.ask(ShowSchedule(branch.id, first, last))
    found = visitor.all(ListAppointments, branch_id=branch.id, from_=first, to=last, most=2_000)
    names, services = _client_names(visitor, found), names_of(visitor, ListServices)
    known = visitor.all(ListMasters)
    masters = {one.id: one.name for one in known}
    shown_here = {one.master_id for one in schedule.masters} | {
        part.master_id for visit in found for part in visit.segments if visit.status not in OFF_THE_GRID
    }
    booked = [
        _event(visit, part, names, services) | {"keeps": not may_hand_over(visitor, part.master_id, known)}
        for visit in found
        if visit.status not in OFF_THE_GRID
        for part in visit.segments
    ]
    other = _open_and_taken(schedule)
    opens, closes = _hours(branch, first, last, [*booked, *other])
    return data(
        {
            "masters": sorted(
                ({"id": one, "title": masters.get(one, "—")} for one in shown_here), key=lambda one: one["title"]
            ),
            "events": booked + other,
            "opens": opens,
            "closes": closes,
            "missed": [
                {
                    "id": visit.id,
                    "text": f"{me_look.clock(visit.starts)} {_called(visit, names)}",
                    "status": _("cancelled") if visit.status == "cancelled" else _("did not come"),
                }
                for visit in found
                if visit.status in OFF_THE_GRID
            ],
        }
    )


def may_hand_over(visitor: Visitor, master_id: UUID, masters: Iterable[Master]) -> bool:
    """Whether the visitor may give to another master what this one renders: of `.own` only what is their own."""
    reach = visitor.caller.reach(TRANSFER)
    if reach is Reach.OWN:
        return any(one.id == master_id and one.user_id == visitor.caller.id for one in masters)
    return reach is not None


@area.page("/desk/print", ShowDaySheet)
def print_day(visitor: Visitor, form: Form) -> Response:
    """Who comes to each master, for the wall."""
    branch = branch_of(visitor, form.maybe_id("branch_id"))
    day = form.day("date")
    sheet = visitor.ask(ShowDaySheet(branch.id, day))
    if visitor.may(NameClients):
        sheet = decoder(DaySheet)(with_names(visitor.gateway.bus, encode(sheet), visitor.token))
    masters, services = names_of(visitor, ListMasters), names_of(visitor, ListServices)
    return shown("desk/print.html", branch=branch, day=day, sheet=sheet, masters=masters, services=services)


def _client_names(visitor: Visitor, found: list[Appointment]) -> dict[UUID, str]:
    ids = tuple(dict.fromkeys(visit.client_id for visit in found if visit.client_id))
    told = visitor.ask_if(NameClients(ids[:2_000])) if ids else None
    return {item.id: named(item) for item in told.items} if told else {}


def named(said: ClientName) -> str:
    """In the order that the visitor has chosen."""
    return me_look.called(said) if said.first_name else said.name


def _called(visit: Appointment, names: dict[UUID, str]) -> str:
    if visit.client_id is None:
        return _("without a card")
    return names.get(visit.client_id) or _("a client")


def _event(visit: Appointment, part: Any, names: dict[UUID, str], services: dict[UUID, str]) -> dict[str, Any]:
    warned = visit.health is not None and visit.health.verdict in ("warn", "block")
    return {
        "id": str(part.id),
        "visit": visit.id,
        "resourceId": part.master_id,
        "start": _wall(part.starts),
        "end": _wall(part.ends),
        "title": _called(visit, names),
        "service": services.get(part.service_id, "—"),
        "status": visit.status,
        "said": _status(visit.status),
        "warned": warned,
        "fixed": visit.status == "completed" or visit.group_event_id is not None,
    }


def _status(status: str) -> str:
    words = {"booked": _("booked"), "confirmed": _("confirmed"), "arrived": _("is here"), "completed": _("completed")}
    return words.get(status, status)


def _open_and_taken(schedule: Schedule) -> list[dict[str, Any]]:
    """When each master works, as a background, and what else takes their time."""
    shown: list[dict[str, Any]] = []
    for one in schedule.masters:
        shown.extend(
            {"kind": "open", "resourceId": one.master_id, "start": _wall(span.starts), "end": _wall(span.ends)}
            for span in one.open
        )
        for number, taken in enumerate(one.busy):
            if taken.kind == "appointment":
                continue
            shown.append(
                {
                    "id": f"taken-{one.master_id}-{number}",
                    "kind": "taken",
                    "resourceId": one.master_id,
                    "start": _wall(taken.starts),
                    "end": _wall(taken.ends),
                    "title": _("held") if taken.kind == "hold" else _("not bookable"),
                }
            )
    return shown


def _hours(branch: Branch, first: date, last: date, events: list[dict[str, Any]]) -> tuple[str, str]:
    """From when to when the grid goes, whole hours: the opening hours, widened by what lies outside of them."""
    weekdays = {(first + timedelta(days=n)).weekday() for n in range((last - first).days + 1)}
    hours = [one for one in branch.opening_hours if one.weekday in weekdays]
    starts = [one.opens for one in hours] + [event["start"][11:] for event in events]
    ends = [one.closes for one in hours]
    ends += [event["end"][11:] if event["end"][:10] == event["start"][:10] else "24:00" for event in events]
    opens, closes = min(starts, default=HOURS[0]), max(ends, default=HOURS[1])
    return f"{opens[:2]}:00", closes if closes[3:] == "00" else f"{int(closes[:2]) + 1:02}:00"


def _wall(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M}"
