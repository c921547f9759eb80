"""Searching everything from every page: clients and their visits, masters, services and whatever else has a name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import flask
from flask import Response
from werkzeug.exceptions import HTTPException

from contracts.analytics import ListReports, ShowReport
from contracts.auth import ListUsers, ShowUser
from contracts.booking import (
    ChangeMaster,
    ChangeRoom,
    ChangeService,
    ListAppointments,
    ListBranches,
    ListMasters,
    ListRooms,
    ListServices,
)
from contracts.clients import CreateSource, ListClientCategories, ListClients, ListSources, SearchClients
from contracts.loyalty import ListPromotions
from contracts.message import CONTACTS, Request
from gateway.pages import menu
from gateway.pages.clocks import today_of
from gateway.pages.formats import money, near_day
from gateway.pages.formats import phone as written
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import noted
from gateway.pages.masters import is_master
from gateway.pages.me_look import called, clock
from gateway.pages.search_viewed import last_viewed
from gateway.pages.site import Area, by_htmx, shown
from gateway.pages.visitor import Visitor

FEW, MANY = 5, 50  # of each kind: while somebody types, and on a page of its own
SHORTEST = 2
COMING = timedelta(days=60)

area = Area("search")


@dataclass(frozen=True)
class Found:
    """One thing: its name, what tells it from others, and where it is shown, if this visitor can open it."""

    name: str
    address: str | None
    beside: str = ""


@dataclass(frozen=True)
class Named:
    """Things of one kind with names that are few enough to look through; who may ask `opens` is led to them."""

    title: str
    needs: type[Request[Any]]
    opens: type[Request[Any]]
    address: Callable[[Any], str]
    beside: Callable[[Any], str] = lambda _one: ""


def _service(one: Any) -> str:
    return f"{one.category} · {one.duration_minutes} {_('min')} · {money(one.price)}"


NAMED = (
    Named(noted("Services"), ListServices, ChangeService, lambda one: f"/settings/services/{one.id}", _service),
    Named(noted("Masters"), ListMasters, ChangeMaster, lambda one: f"/settings/masters/{one.id}"),
    Named(noted("Branches"), ListBranches, ListAppointments, lambda one: f"/desk?branch_id={one.id}"),
    Named(noted("Rooms"), ListRooms, ChangeRoom, lambda one: f"/settings/rooms/{one.id}"),
    Named(noted("Employees"), ListUsers, ShowUser, lambda one: f"/settings/users/{one.id}", lambda one: str(one.login)),
    Named(
        noted("Categories of clients"), ListClientCategories, ListClients, lambda one: f"/clients?category_id={one.id}"
    ),
    Named(noted("Promotions"), ListPromotions, ListPromotions, lambda _one: "/loyalty/promotions"),
    Named(noted("Reports"), ListReports, ShowReport, lambda one: f"/reports/{one.id}"),
    Named(noted("Sources"), ListSources, CreateSource, lambda one: f"/settings/sources/{one.id}"),
)


@area.page("/search")
def search(visitor: Visitor, form: Form) -> Response:
    """What the box at the top finds while somebody types, and the same on a page; before that, what was looked at."""
    q = (form.maybe("q") or "")[:200]
    typing = by_htmx()
    if len(q) < SHORTEST:
        template = "search/found.html" if typing else "search/page.html"
        return shown(template, q=q, groups=[], viewed=last_viewed(visitor))
    groups = list(found(visitor, q, FEW if typing else MANY))
    return shown("search/found.html" if typing else "search/page.html", q=q, groups=groups, viewed=())


def found(visitor: Visitor, q: str, most: int) -> Iterable[tuple[str, list[Found]]]:
    """What fits, by kind, of the kinds that the visitor may ask for."""
    pages = [Found(_(one.name), one.address) for one in menu.menu(visitor) if _fits(_(one.name), q)]
    clients = visitor.ask_if(SearchClients(q, limit=most))
    groups = [
        (_("Clients"), [_client(visitor, one) for one in clients.items] if clients else []),
        (_("Appointments to come"), _appointments(visitor, clients.items[:3] if clients else ())),
        *((_(kind.title), _named(visitor, kind, q, most)) for kind in NAMED),
        (_("Pages"), pages),
    ]
    return [(title, things) for title, things in groups if things]


def _client(visitor: Visitor, client: Any) -> Found:
    phone = written(client.phones[0]) if client.phones and visitor.caller.sees(CONTACTS) else ""
    return Found(called(client), f"/clients/{client.id}", phone)


def _appointments(visitor: Visitor, clients: Iterable[Any]) -> list[Found]:
    """Those of the first few clients that were found: whoever calls about their visit says their name."""
    today = today_of(visitor)
    coming: list[Found] = []
    for client in clients:
        visits = visitor.ask_if(
            ListAppointments(client_id=client.id, from_=today, to=today + COMING, status="booked", limit=3)
        )
        for visit in visits.items if visits else ():
            desk = f"/desk?branch_id={visit.branch_id}&date={visit.starts.date()}"
            name = f"{near_day(visit.starts)} {clock(visit.starts)} {called(client)}"
            coming.append(Found(name, f"/mine/visits/{visit.id}" if is_master(visitor) else desk))
    return coming


def _named(visitor: Visitor, kind: Named, q: str, most: int) -> list[Found]:
    fitting = [one for one in visitor.all_if(kind.needs) if _fits(one.name, q)]
    opens = visitor.may(kind.opens)
    return [
        Found(one.name, kind.address(one) if opens and _leads_somewhere(kind.address(one)) else None, kind.beside(one))
        for one in fitting[:most]
    ]


def _leads_somewhere(address: str) -> bool:
    """Whether there is such a page here: what is not installed has none."""
    try:
        flask.current_app.url_map.bind("").match(address.partition("?")[0], method="GET")
    except HTTPException:
        return False
    return True


def _fits(name: str, q: str) -> bool:
    """Whether the name contains what was typed, in whatever case."""
    return q.casefold() in name.casefold()
