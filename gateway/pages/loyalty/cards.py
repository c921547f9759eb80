"""Loyalty cards: types, and issuing, looking up and blocking those of clients."""

from uuid import UUID

from flask import Response

from contracts.loyalty import (
    BlockLoyaltyCard,
    ChangeLoyaltyCardType,
    CreateLoyaltyCardType,
    IssueLoyaltyCard,
    ListLoyaltyCardTypes,
    LookUpLoyaltyCard,
    ShowLoyaltyCard,
    ShowLoyaltyCardType,
)
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.loyalty import reasons
from gateway.pages.loyalty.salon import branches_of
from gateway.pages.loyalty.tabs import tabs
from gateway.pages.site import Area, done, seen_at, shown
from gateway.pages.visitor import Visitor

area = Area("loyalty-cards")


@area.page("/loyalty/cards", ListLoyaltyCardTypes)
def types(visitor: Visitor, form: Form) -> Response:
    return shown(
        "loyalty/cards.html",
        tabs=tabs(visitor),
        found=visitor.ask(ListLoyaltyCardTypes(cursor=form.maybe("cursor"))),
        may_edit=visitor.may(CreateLoyaltyCardType),
    )


@area.form("/loyalty/cards/look-up", LookUpLoyaltyCard)
def look_up(visitor: Visitor, form: Form) -> Response:
    return seen_at(f"/loyalty/clients/{visitor.ask(LookUpLoyaltyCard(form.text('number')[:64])).client_id}")


@area.page("/loyalty/cards/type", CreateLoyaltyCardType)
def editing(visitor: Visitor, form: Form) -> Response:
    id_ = form.maybe_id("id")
    return shown("loyalty/card_type.html", one=visitor.ask(ShowLoyaltyCardType(id_)) if id_ else None)


@area.form("/loyalty/cards/types", CreateLoyaltyCardType)
def create(visitor: Visitor, form: Form) -> Response:
    visitor.ask(
        CreateLoyaltyCardType(form.text("name"), form.maybe("colour") or "#808080", form.maybe("stands_for")), form.key
    )
    return done(_("Saved"), refresh="card-types")


@area.form("/loyalty/cards/types/<uuid:id>", ChangeLoyaltyCardType)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    asked = ChangeLoyaltyCardType(
        id, form.whole("version"), form.text("name"), form.maybe("colour") or "#808080", form.maybe("stands_for")
    )
    visitor.ask(asked, form.key)
    return done(_("Saved"), refresh="card-types")


@area.page("/loyalty/clients/<uuid:client_id>/cards/issuing", IssueLoyaltyCard)
def issuing(visitor: Visitor, _form: Form, client_id: UUID) -> Response:
    types = [(one.id, one.name) for one in visitor.all(ListLoyaltyCardTypes)]
    return shown("loyalty/issuing.html", client_id=client_id, types=types, branches=branches_of(visitor))


@area.form("/loyalty/clients/<uuid:client_id>/cards/issue", IssueLoyaltyCard)
def issue(visitor: Visitor, form: Form, client_id: UUID) -> Response:
    card = visitor.ask(
        IssueLoyaltyCard(client_id, form.id("type_id"), form.id("branch_id"), form.maybe("number")), form.key
    )
    return done(_("Issued: %(number)s", number=card.number), refresh="loyalty")


@area.page("/loyalty/clients/<uuid:client_id>/cards/<uuid:id>/blocking", BlockLoyaltyCard)
def blocking(visitor: Visitor, _form: Form, client_id: UUID, id: UUID) -> Response:  # noqa: A002
    one = visitor.ask(ShowLoyaltyCard(client_id, id))
    return shown("loyalty/blocking_card.html", one=one, blocks=reasons.CARD_BLOCKS)


@area.form("/loyalty/clients/<uuid:client_id>/cards/<uuid:id>/block", BlockLoyaltyCard)
def block(visitor: Visitor, form: Form, client_id: UUID, id: UUID) -> Response:  # noqa: A002
    replaced = form.ticked("replace")
    card = visitor.ask(
        BlockLoyaltyCard(client_id, id, form.text("reason"), replaced, form.maybe("number") if replaced else None),  # type: ignore[arg-type]
        form.key,
    )
    return done(
        _("The card is replaced.") if replaced else _("The card is blocked."), refresh="loyalty", card=str(card.id)
    )
