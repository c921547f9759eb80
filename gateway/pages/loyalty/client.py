"""Loyalty of one client: the discount and why, points, passes and cards, who brought whom, exclusions."""

from typing import Any
from uuid import UUID

from flask import Response

from chassis.wire import decoder, encode
from contracts.clients import NameClients
from contracts.loyalty import (
    AdjustPoints,
    BlockLoyaltyCard,
    ExcludeClient,
    ExplainDiscount,
    Explanation,
    IssueLoyaltyCard,
    ListCertificates,
    ListLoyaltyCards,
    ListMemberships,
    ListPastDiscounts,
    ListPointEntries,
    ReviewReferral,
    SellCertificate,
    SellMembership,
    ShowDiscount,
    ShowEdges,
    ShowExclusions,
    ShowPoints,
    ShowProgramme,
    ShowSorting,
    TakeClientIn,
)
from gateway.names import with_names
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.loyalty import reasons
from gateway.pages.loyalty.salon import branches_of
from gateway.pages.loyalty.tabs import tabs
from gateway.pages.loyalty.why import said
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid, Refusal
from kernel.money import Money

AUDIT = "loyalty_audit.read"

area = Area("loyalty-client")


@area.page("/loyalty/clients/<uuid:id>", ShowDiscount)
def client(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    view = form.maybe("view") if form.maybe("view") in ("client", "auditor") else None
    branch_id = form.maybe_id("branch_id")
    discount = visitor.ask(ShowDiscount(id, branch_id=branch_id))
    return shown(
        "loyalty/client.html",
        tabs=tabs(visitor),
        id=id,
        name=_name(visitor, id),
        discount=discount,
        view=view,
        views=_views(visitor),
        branch_id=branch_id,
        branches=[("", _("the whole chain")), *branches_of(visitor)],
        why=_why(visitor, ExplainDiscount(id, view, branch_id=branch_id)),  # type: ignore[arg-type]
        past=visitor.ask_if(ListPastDiscounts(id, limit=10)),
        words=reasons,
        money_of=Money,
        **_held(visitor, id, branch_id),
    )


def _held(visitor: Visitor, id: UUID, branch_id: UUID | None) -> dict[str, Any]:  # noqa: A002
    """What the client has, of what the visitor may see."""
    edges = visitor.ask_if(ShowEdges(id))
    if edges is not None and visitor.may(NameClients):
        edges = decoder(ShowEdges.reply)(with_names(visitor.gateway.bus, encode(edges), visitor.token))
    return {
        "points": visitor.ask_if(ShowPoints(id, branch_id)),
        "entries": visitor.ask_if(ListPointEntries(id, limit=20)),
        "memberships": visitor.ask_if(ListMemberships(id)),
        "certificates": visitor.ask_if(ListCertificates(client_id=id)),
        "cards": visitor.ask_if(ListLoyaltyCards(id)),
        "edges": edges,
        "sorting": visitor.ask_if(ShowSorting(id)),
        "exclusions": visitor.ask_if(ShowExclusions(id)),
        "may_adjust": visitor.may(AdjustPoints),
        "may_exclude": visitor.may(ExcludeClient, ShowExclusions),
        "may_review": visitor.may(ReviewReferral),
        "may_sell_membership": visitor.may(SellMembership),
        "may_sell_certificate": visitor.may(SellCertificate),
        "may_issue": visitor.may(IssueLoyaltyCard, ListLoyaltyCards),
        "may_block_card": visitor.may(BlockLoyaltyCard),
    }


@area.page("/loyalty/clients/<uuid:id>/adjusting", AdjustPoints)
def adjusting(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown("loyalty/adjusting.html", id=id, name=_name(visitor, id), points=visitor.ask_if(ShowPoints(id)))


@area.form("/loyalty/clients/<uuid:id>/adjust", AdjustPoints)
def adjust(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    points = form.whole("points") * (-1 if form.maybe("way") == "take" else 1)
    if not points:
        raise Invalid.field("points", "not_a_number", _("Say how many points."))
    entry = visitor.ask(AdjustPoints(id, points, form.text("reason")), form.key)
    return done(_("Done: the client has %(points)s points now.", points=entry.balance), refresh="loyalty")


@area.page("/loyalty/clients/<uuid:id>/excluding", ExcludeClient)
def excluding(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    programme = visitor.ask_if(ShowProgramme())
    rules = (programme.document or {}).get("rules", ()) if programme else ()
    return shown(
        "loyalty/excluding.html",
        id=id,
        name=_name(visitor, id),
        exclusions=visitor.ask(ShowExclusions(id)),
        rules=[rule["name"] for rule in rules],
    )


@area.form("/loyalty/clients/<uuid:id>/exclude", ExcludeClient)
def exclude(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(ExcludeClient(id, form.whole("version"), form.text("reason"), form.maybe("rule")), form.key)
    return done(_("The client is left out."), refresh="loyalty")


@area.form("/loyalty/clients/<uuid:id>/take-in", TakeClientIn)
def take_in(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(TakeClientIn(id, form.whole("version"), form.maybe("rule")), form.key)
    return done(_("The client takes part again."), refresh="loyalty")


@area.page("/loyalty/clients/<uuid:id>/reviewing", ReviewReferral)
def reviewing(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown("loyalty/reviewing.html", id=id, name=_name(visitor, id))


@area.form("/loyalty/clients/<uuid:id>/review", ReviewReferral)
def review(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(ReviewReferral(id, form.maybe("holds") == "yes", form.text("reason")), form.key)
    return done(_("Noted."), refresh="loyalty")


def _why(visitor: Visitor, asked: ExplainDiscount) -> Any:
    """The tree of reasons, with the names of people whom the visitor may know."""
    try:
        explained: Explanation = visitor.ask(asked)
    except Refusal:
        return None
    if visitor.may(NameClients):
        explained = decoder(Explanation)(with_names(visitor.gateway.bus, encode(explained), visitor.token))
    return said(explained.reason)


def _views(visitor: Visitor) -> list[tuple[str, str]]:
    views = [("", _("for the desk")), ("client", _("for the client"))]
    return [*views, ("auditor", _("for an audit"))] if visitor.caller.may(AUDIT) else views


def _name(visitor: Visitor, id: UUID) -> str:  # noqa: A002
    told = visitor.ask_if(NameClients((id,)))
    return told.items[0].name if told and told.items else _("a client")
