"""Memberships: what is sold, selling one to a client, freezing it."""

from dataclasses import dataclass
from uuid import UUID

from flask import Response

from contracts.booking import ListBranches
from contracts.loyalty import (
    ChangeMembershipType,
    CreateMembershipType,
    FreezeMembership,
    ListMembershipEntries,
    ListMembershipTypes,
    SellMembership,
    ShowMembership,
    ShowMembershipType,
    UnfreezeMembership,
    VisitCounter,
)
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.loyalty import reasons
from gateway.pages.loyalty.salon import branches_of, choices, currency_of
from gateway.pages.loyalty.tabs import tabs
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid
from kernel.money import Money

MOST_COUNTERS = 20  # of a type, as the API takes them
OFFERED = 3  # that the form has at least, and always one more than there are

area = Area("loyalty-memberships")


@dataclass(frozen=True)
class Terms:
    """What a form says of a type of memberships."""

    name: str
    price: Money
    valid_days: int
    counters: tuple[VisitCounter, ...]
    amount: Money | None
    freeze_days: int
    branch_ids: tuple[UUID, ...]


@area.page("/loyalty/memberships", ListMembershipTypes)
def types(visitor: Visitor, form: Form) -> Response:
    lists = choices(visitor)
    return shown(
        "loyalty/memberships.html",
        tabs=tabs(visitor),
        found=visitor.ask(ListMembershipTypes(cursor=form.maybe("cursor"))),
        services=dict(lists["services"]),
        branches=dict(lists["branches"]),
        may_edit=visitor.may(CreateMembershipType),
    )


@area.page("/loyalty/memberships/type", CreateMembershipType)
def editing(visitor: Visitor, form: Form) -> Response:
    """A new type, or one that is there."""
    id_ = form.maybe_id("id")
    one = visitor.ask(ShowMembershipType(id_)) if id_ else None
    rows = max(OFFERED, len(one.counters) + 1 if one else 0)
    return shown(
        "loyalty/membership_type.html",
        one=one,
        lists=choices(visitor),
        currency=currency_of(visitor),
        counters=range(min(rows, MOST_COUNTERS)),
    )


@area.form("/loyalty/memberships/types", CreateMembershipType)
def create(visitor: Visitor, form: Form) -> Response:
    told = _terms(visitor, form)
    visitor.ask(
        CreateMembershipType(
            told.name, told.price, told.valid_days, told.counters, told.amount, told.freeze_days, told.branch_ids
        ),
        form.key,
    )
    return done(_("The membership can be sold."), refresh="memberships")


@area.form("/loyalty/memberships/types/<uuid:id>", ChangeMembershipType)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    told = _terms(visitor, form)
    visitor.ask(
        ChangeMembershipType(
            id,
            form.whole("version"),
            told.name,
            told.price,
            told.valid_days,
            told.counters,
            told.amount,
            told.freeze_days,
            told.branch_ids,
            on_sale=form.ticked("on_sale"),
        ),
        form.key,
    )
    return done(_("Changed; what was sold keeps its terms."), refresh="memberships")


@area.page("/loyalty/clients/<uuid:client_id>/memberships/selling", SellMembership)
def selling(visitor: Visitor, _form: Form, client_id: UUID) -> Response:
    return shown(
        "loyalty/selling_membership.html",
        client_id=client_id,
        types=[one for one in visitor.all(ListMembershipTypes) if one.on_sale],
        branches=branches_of(visitor),
        kinds=reasons.PAID_BY,
    )


@area.form("/loyalty/clients/<uuid:client_id>/memberships/sell", SellMembership)
def sell(visitor: Visitor, form: Form, client_id: UUID) -> Response:
    asked = SellMembership(client_id, form.id("type_id"), form.id("branch_id"), form.text("paid_by"))  # type: ignore[arg-type]
    sold = visitor.ask(asked, form.key)
    return done(_("Sold: %(name)s", name=sold.name), refresh="loyalty")


@area.page("/loyalty/clients/<uuid:client_id>/memberships/<uuid:id>", ShowMembership)
def membership(visitor: Visitor, _form: Form, client_id: UUID, id: UUID) -> Response:  # noqa: A002
    return shown(
        "loyalty/membership.html",
        one=visitor.ask(ShowMembership(client_id, id)),
        entries=visitor.ask_if(ListMembershipEntries(client_id, id)),
        services=dict(choices(visitor)["services"]),
        named={one.id: one.name for one in visitor.all_if(ListBranches)},
        may_freeze=visitor.may(FreezeMembership),
        words=reasons,
        money_of=Money,
    )


@area.form("/loyalty/clients/<uuid:client_id>/memberships/<uuid:id>/freeze", FreezeMembership)
def freeze(visitor: Visitor, form: Form, client_id: UUID, id: UUID) -> Response:  # noqa: A002
    visitor.ask(FreezeMembership(client_id, id, form.whole("days")), form.key)
    return done(_("Frozen; it expires so much later."), refresh="loyalty")


@area.form("/loyalty/clients/<uuid:client_id>/memberships/<uuid:id>/unfreeze", UnfreezeMembership)
def unfreeze(visitor: Visitor, form: Form, client_id: UUID, id: UUID) -> Response:  # noqa: A002
    visitor.ask(UnfreezeMembership(client_id, id), form.key)
    return done(_("The freeze is over."), refresh="loyalty")


def _terms(visitor: Visitor, form: Form) -> Terms:
    currency = currency_of(visitor)
    price = form.maybe_money("price", currency)
    if price is None:
        raise Invalid.field("price", "field_missing", _("Please fill this in."))
    counters = tuple(
        VisitCounter(form.whole(f"visits-{number}"), form.ids(f"services-{number}"), form.texts(f"categories-{number}"))
        for number in range(MOST_COUNTERS)
        if form.maybe(f"visits-{number}")
    )
    return Terms(
        form.text("name"),
        price,
        form.whole("valid_days"),
        counters,
        form.maybe_money("amount", currency),
        form.whole("freeze_days") if form.maybe("freeze_days") else 0,
        form.ids("branch_ids"),
    )
