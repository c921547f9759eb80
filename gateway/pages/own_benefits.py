"""What a client has from the salon: discount and why, points, passes, the people they brought, their invitation."""

from io import BytesIO
from typing import Any
from uuid import UUID

import flask
import segno
from flask import Response

from contracts.clients import ShowAccount, ShowClient
from contracts.loyalty import (
    ExplainDiscount,
    ListCertificates,
    ListLoyaltyCards,
    ListMemberships,
    ListPointEntries,
    ShowDiscount,
    ShowPoints,
)
from gateway.pages.book.invitation import code_of
from gateway.pages.forms import Form
from gateway.pages.loyalty import reasons
from gateway.pages.loyalty.why import said
from gateway.pages.own_door import DOOR
from gateway.pages.site import Area, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Forbidden
from kernel.money import Money

area = Area("own-benefits", door=DOOR)


def own_card(visitor: Visitor) -> UUID:
    """The card that the visitor's account belongs to."""
    if visitor.caller.client_id is None:
        raise Forbidden("permission_missing", "this is for clients")
    return visitor.caller.client_id


@area.page("/my/benefits", ShowAccount)
def benefits(visitor: Visitor, form: Form) -> Response:
    """What loyalty gives, where it is installed, and what lies on the account."""
    client_id = own_card(visitor)
    why = visitor.ask_if(ExplainDiscount(client_id, "client"))
    return shown(
        "own/benefits.html",
        discount=visitor.ask_if(ShowDiscount(client_id)),
        why=said(why.reason) if why else None,
        points=visitor.ask_if(ShowPoints(client_id)),
        entries=visitor.ask_if(ListPointEntries(client_id, limit=20, cursor=form.maybe("cursor"))),
        words=reasons,
        money_of=Money,
        loyal=visitor.may(ShowDiscount),
        **_passes(visitor, client_id),
    )


def _passes(visitor: Visitor, client_id: UUID) -> dict[str, Any]:
    account = visitor.ask_if(ShowAccount(client_id))
    return {
        "account": account if account and account.balance and account.balance.amount else None,
        "memberships": visitor.all(ListMemberships, client_id=client_id),
        "certificates": visitor.all(ListCertificates, client_id=client_id),
        "cards": visitor.all(ListLoyaltyCards, client_id=client_id),
    }


@area.page("/my/invitation", ShowClient)
def invitation(visitor: Visitor, _form: Form) -> Response:
    """Of the people whom they brought only how many: who they are is nobody else's."""
    client_id = own_card(visitor)
    return shown("own/invitation.html", link=_link(client_id), discount=visitor.ask_if(ShowDiscount(client_id)))


@area.page("/my/invitation.svg", ShowClient)
def code_to_scan(visitor: Visitor, _form: Form) -> Response:
    """Dark on light whatever the theme: cameras do not read it the other way round."""
    picture = BytesIO()
    segno.make_qr(_link(own_card(visitor)), error="m").save(picture, kind="svg", scale=6, border=4, light="#fff")
    return Response(picture.getvalue(), content_type="image/svg+xml")


def _link(client_id: UUID) -> str:
    return f"{flask.request.host_url}book?from={code_of(client_id)}"
