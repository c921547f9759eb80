"""The first steps of the public page: where, what, by whom, when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response

from contracts.booking import (
    FindAvailability,
    HoldTime,
    OnlineBranch,
    OnlineMaster,
    OnlineSalon,
    OnlineService,
    ShowOnlineSalon,
    WantedSegment,
)
from gateway.pages.book.guests import manner, onwards, page, trouble
from gateway.pages.book.said import told
from gateway.pages.book.times import Window, chosen_day, days_of, parts_of_day, window
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area, seen_at
from gateway.pages.visitor import Visitor
from gateway.problems import status_of
from kernel.errors import Invalid, NotFound, Refusal
from kernel.money import Money
from kernel.time import utc_now

MOST_SERVICES = 10
NOT_HELD = "group_service_not_held"  # a place in a group is taken by the booking itself

area = Area("book")


@dataclass(frozen=True)
class Wish:
    """What somebody chooses: services of a branch in their order, and by whom; None: by anybody who can."""

    branch: OnlineBranch
    services: tuple[OnlineService, ...]
    master: OnlineMaster | None
    masters: tuple[OnlineMaster, ...]  # who renders all of them
    everybody: tuple[OnlineMaster, ...]

    @property
    def path(self) -> str:
        return f"/book/{self.branch.id}"

    @property
    def fields(self) -> list[tuple[str, Any]]:
        """As fields of an address or a form."""
        by = [("master", self.master.id)] if self.master else []
        return [*(("service", each.id) for each in self.services), *by]

    @property
    def segments(self) -> tuple[WantedSegment, ...]:
        by = self.master.id if self.master else None
        return tuple(WantedSegment(each.id, by) for each in self.services)

    @property
    def minutes(self) -> int:
        return sum(each.duration_minutes for each in self.services)

    @property
    def price(self) -> Money | None:
        """The least that it may come to."""
        return added(each.price for each in self.services)

    @property
    def price_most(self) -> Money | None:
        """The most, where it may come to more than the least."""
        return added(each.price_max or each.price for each in self.services) if self._varies else None

    @property
    def _varies(self) -> bool:
        return any(each.price_max for each in self.services)


def added(amounts: Any) -> Money | None:
    there = list(amounts)
    return Money(sum(each.amount for each in there), there[0].currency) if there else None


@area.page("/book")
def branches(visitor: Visitor, _form: Form) -> Response:
    """Where: salons with one branch are not asked."""
    salon = visitor.ask(ShowOnlineSalon())
    if len(salon.branches) == 1:
        return seen_at(manner().address(f"/book/{salon.branches[0].id}"))
    return page("book/branches.html", branches=salon.branches)


@area.page("/book/<uuid:branch_id>")
def choosing(visitor: Visitor, form: Form, branch_id: UUID) -> Response:
    """What, and once that is chosen, by whom and when."""
    salon = visitor.ask(ShowOnlineSalon(branch_id))
    wish = wish_of(salon, branch_id, form)
    if not wish.services or form.ticked("services"):
        categories: dict[str, list[OnlineService]] = {}
        for service in salon.services:
            categories.setdefault(service.category, []).append(service)
        chosen, several = {service.id for service in wish.services}, len(salon.branches) > 1
        return page("book/services.html", wish=wish, categories=categories, chosen=chosen, several=several)
    return times(visitor, form, wish)


@area.form("/book/<uuid:branch_id>/hold")
def hold(visitor: Visitor, form: Form, branch_id: UUID) -> Response:
    """Keep the time that was chosen while the form is filled in."""
    wish = wish_of(visitor.ask(ShowOnlineSalon(branch_id)), branch_id, form)
    starts = form.instant("starts", wish.branch.time_zone)
    held = None
    try:
        held = visitor.ask(HoldTime(branch_id, starts, wish.segments)).id
    except Refusal as refused:
        if refused.code != NOT_HELD:
            return times(visitor, form, wish, refused, day=starts.astimezone(ZoneInfo(wish.branch.time_zone)).date())
    return onwards(
        manner().address(f"{wish.path}/details", *wish.fields, ("starts", starts.isoformat()), ("hold", held))
    )


def wish_of(salon: OnlineSalon, branch_id: UUID, form: Form) -> Wish:
    """What the address or the form says, without what is not offered any more."""
    branch = branch_in(salon, branch_id)
    asked = form.ids("service")
    if len(asked) > MOST_SERVICES:
        raise Invalid.field("service", "too_many_services", _("Ten services at most fit into one visit."))
    offered = {service.id: service for service in salon.services}
    services = tuple(offered[each] for each in dict.fromkeys(asked) if each in offered)
    able = tuple(each for each in salon.masters if {service.id for service in services} <= set(each.service_ids))
    by = form.maybe_id("master")
    return Wish(branch, services, next((each for each in able if each.id == by), None), able, salon.masters)


def branch_in(salon: OnlineSalon, branch_id: UUID) -> OnlineBranch:
    for branch in salon.branches:
        if branch.id == branch_id:
            return branch
    raise NotFound("branch_not_found", "there is no such branch")


def times(
    visitor: Visitor, form: Form, wish: Wish, refused: Refusal | None = None, day: date | None = None
) -> Response:
    """By whom and when; above it what stands against the time that was chosen."""
    if not wish.services:
        return trouble(_("None of these services can be booked here any more. Begin anew."), 404)
    asked = day or form.maybe_day("day")
    first = form.maybe_day("first") if day is None else None
    shown, days, slots = _free(visitor, wish, first or asked, asked)
    return page(
        "book/times.html",
        status=status_of(refused) if refused else 200,
        text=told(refused) if refused else "",
        wish=wish,
        window=shown,
        days=days,
        **slots,
    )


def _free(
    visitor: Visitor, wish: Wish, first: date | None, asked: date | None
) -> tuple[Window, Sequence[Any], dict[str, Any]]:
    """The days from `first` on, and the times of the day asked for; a day outside of the window begins its own."""
    shown = window(today_at(wish.branch), first)
    found = visitor.ask(
        FindAvailability(
            wish.branch.id,
            tuple(service.id for service in wish.services),
            shown.first,
            shown.last,
            wish.master.id if wish.master else None,
        )
    )
    days = days_of(shown, found.days)
    chosen = chosen_day(days, asked)
    slots = next((each.slots for each in found.days if each.date == chosen), ())
    return shown, days, {"chosen": chosen, "parts": parts_of_day(slots)}


def today_at(branch: OnlineBranch) -> date:
    return utc_now().astimezone(ZoneInfo(branch.time_zone)).date()


def wall_clock(starts: datetime, branch: OnlineBranch) -> datetime:
    return starts.astimezone(ZoneInfo(branch.time_zone))
