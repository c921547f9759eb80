"""Promotions: a reward for a time, perhaps for whoever says a code."""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from babel.numbers import NumberFormatError, parse_decimal
from flask import Response

from contracts.loyalty import ChangePromotion, CreatePromotion, EndPromotion, ListPromotions, ShowPromotion
from gateway.pages.clocks import zone_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import locale
from gateway.pages.loyalty.salon import choices
from gateway.pages.loyalty.tabs import tabs
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid
from kernel.time import utc_now

area = Area("loyalty-promotions")


@area.page("/loyalty/promotions", ListPromotions)
def promotions(visitor: Visitor, form: Form) -> Response:
    only = form.maybe("only") == "now"
    found = visitor.ask(ListPromotions(at=utc_now() if only else None, cursor=form.maybe("cursor")))
    return shown(
        "loyalty/promotions.html",
        tabs=tabs(visitor),
        found=found,
        only=only,
        now=utc_now(),
        lists={name: dict(options) for name, options in choices(visitor).items()},
        may_edit=visitor.may(CreatePromotion),
    )


@area.page("/loyalty/promotions/editing", CreatePromotion)
def editing(visitor: Visitor, form: Form) -> Response:
    """A new promotion, or one that is there."""
    id_ = form.maybe_id("id")
    return shown(
        "loyalty/promotion.html",
        one=visitor.ask(ShowPromotion(id_)) if id_ else None,
        lists=choices(visitor),
        now=utc_now(),
    )


@area.form("/loyalty/promotions", CreatePromotion)
def create(visitor: Visitor, form: Form) -> Response:
    zone = zone_of(visitor).key
    starts = form.instant("starts", zone) if form.maybe("starts") else None
    visitor.ask(CreatePromotion(ends=form.instant("ends", zone), starts=starts, **_said(form)), form.key)
    return done(_("The promotion is there."), refresh="promotions")


@area.form("/loyalty/promotions/<uuid:id>", ChangePromotion)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    zone = zone_of(visitor).key
    when: dict[str, Any] = {"ends": form.instant("ends", zone)}
    if form.maybe("starts"):
        when["starts"] = form.instant("starts", zone)
    visitor.ask(ChangePromotion(id=id, version=form.whole("version"), **when, **_said(form)), form.key)
    return done(_("Changed"), refresh="promotions")


@area.page("/loyalty/promotions/<uuid:id>/ending", EndPromotion)
def ending(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown("loyalty/ending_promotion.html", one=visitor.ask(ShowPromotion(id)))


@area.form("/loyalty/promotions/<uuid:id>/end", EndPromotion)
def end(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(EndPromotion(id), form.key)
    return done(_("The promotion has ended."), refresh="promotions")


def _said(form: Form) -> dict[str, Any]:
    """All but when it holds."""
    gives, value = form.one_of("gives", ("percent", "gift", "offer")), form.text("value")
    return {
        "name": form.text("name"),
        "percent": _percent(value) if gives == "percent" else None,
        "gift": value if gives == "gift" else None,
        "offer": value if gives == "offer" else None,
        "branch_ids": form.ids("branch_ids"),
        "service_ids": form.ids("service_ids"),
        "categories": form.texts("categories"),
        "client_category_ids": form.ids("client_category_ids"),
        "segment_ids": form.ids("segment_ids"),
        "code": form.maybe("code"),
        "limit": form.whole("limit") if form.maybe("limit") else None,
        "per_client": form.whole("per_client") if form.maybe("per_client") else None,
    }


def _percent(text: str) -> Decimal:
    try:
        return parse_decimal(text.removesuffix("%").strip(), locale=locale())
    except (NumberFormatError, InvalidOperation):
        raise Invalid.field("value", "percent_out_of_range", _("This must be a percentage.")) from None
