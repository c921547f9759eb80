"""The catalogue: services by category, what they cost and how long they take."""

from typing import Any
from uuid import UUID

from flask import Response

from contracts.booking import (
    AddPicture,
    ChangeCategory,
    ChangeService,
    CreateService,
    ListBranches,
    ListCategories,
    ListRooms,
    ListServices,
    Service,
    ShowCategory,
    ShowService,
    ShowSettings,
)
from contracts.message import FINANCE, HEALTH, UNSET
from gateway.pages.branches_hours import hours_shown
from gateway.pages.catalogue_fields import PICTURE, changes, currency_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.search_viewed import remembered
from gateway.pages.settings import within
from gateway.pages.site import Area, done, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.money import Money

PHASES = 4  # rows of the form that are empty or filled; a service with more shows all of them
MOST = 2_000

area = Area("catalogue")


@area.page("/settings/services", ListServices)
def services(visitor: Visitor, form: Form) -> Response:
    q = (form.maybe("q") or "").casefold()
    found = [one for one in visitor.all(ListServices, most=MOST) if q in f"{one.name} {one.category}".casefold()]
    groups: dict[str, list[Service]] = {one.name: [] for one in _categories(visitor)}
    for one in found:
        groups.setdefault(one.category, []).append(one)
    return within(
        visitor,
        "catalogue/page.html",
        q=q,
        groups={name: sorted(theirs, key=lambda one: one.name.casefold()) for name, theirs in groups.items() if theirs},
        may_create=visitor.may(CreateService),
        may_edit_categories=visitor.may(ChangeCategory),
    )


@area.page("/settings/services/new", CreateService)
def new(visitor: Visitor, _form: Form) -> Response:
    return shown("catalogue/new.html", categories=_categories(visitor), currency=visitor.ask(ShowSettings()).currency)


@area.form("/settings/services", CreateService)
def create(visitor: Visitor, form: Form) -> Response:
    """What every service has; the rest is said on its page."""
    currency = currency_of(visitor, form)
    price = form.maybe_money("price", currency) or Money(0, currency)
    made = CreateService(form.text("name"), form.text("category"), form.whole("duration_minutes"), price)
    return seen_at(f"/settings/services/{visitor.ask(made, form.key).id}")


@area.page("/settings/services/<uuid:id>", ShowService)
def service(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    found = visitor.ask(ShowService(id))
    response = within(
        visitor,
        "catalogue/service.html",
        service=found,
        picture=PICTURE,
        categories=_categories(visitor),
        kinds=sorted({room.kind for room in visitor.all(ListRooms)} | {"room"}),
        phases=_rows(found),
        branches=[(one, _price_in(found, one.id)) for one in visitor.all(ListBranches)],
        hours_shown=hours_shown,
        may_edit=visitor.may(ChangeService),
        may_add_pictures=visitor.may(AddPicture),
        sees_costs=visitor.caller.sees(FINANCE),
        sees_health=visitor.caller.sees(HEALTH),
    )
    return remembered(response, visitor, "service", id)


@area.form("/settings/services/<uuid:id>", ChangeService, takes=PICTURE)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    picture_id = _picture_in(visitor, form)
    currency = visitor.ask(ShowService(id)).price.currency
    said = changes(form, currency, costs=visitor.caller.sees(FINANCE), health=visitor.caller.sees(HEALTH))
    visitor.ask(ChangeService(id, form.whole("version"), picture_id=picture_id, **said), form.key)
    return done(_("The service is saved"), refresh="service")


# --- categories -----------------------------------------------------------------------------------------------------


@area.page("/settings/categories", ListCategories, ChangeCategory)
def categories(visitor: Visitor, _form: Form) -> Response:
    return shown("catalogue/categories.html", categories=_categories(visitor))


@area.page("/settings/categories/<uuid:id>", ShowCategory, ChangeCategory)
def category(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown(
        "catalogue/category.html",
        category=visitor.ask(ShowCategory(id)),
        picture=PICTURE,
        may_add_pictures=visitor.may(AddPicture),
    )


@area.form("/settings/categories/<uuid:id>", ChangeCategory, takes=PICTURE)
def change_category(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    picture_id = _picture_in(visitor, form)
    changed = ChangeCategory(id, form.whole("version"), form.text("name"), form.whole("position"), picture_id)
    visitor.ask(changed, form.key)
    return done(_("Saved"), refresh="services")


def _picture_in(visitor: Visitor, form: Form) -> Any:
    """The picture that was sent, None to be without one; otherwise it stays as it is."""
    sent = form.maybe_file(PICTURE)
    if sent is not None:
        return visitor.ask(AddPicture(sent[1]), f"{form.key}-picture").id
    return None if form.ticked("no_picture") else UNSET


def _categories(visitor: Visitor) -> list[Any]:
    return sorted(visitor.all(ListCategories), key=lambda one: (one.position, one.name.casefold()))


def _rows(found: Service) -> list[Any]:
    return [*found.phases, *(None for _row in range(PHASES))][: max(PHASES, len(found.phases))]


def _price_in(found: Service, branch_id: UUID) -> Any:
    return next((one for one in found.branch_prices if one.branch_id == branch_id), None)
