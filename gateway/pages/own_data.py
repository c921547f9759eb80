"""What the salon knows of a client, for the client: the card, consents, everything as a file, and erasure."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import flask
from flask import Response

from chassis.wire import encode
from contracts.booking import ListOwnAppointments
from contracts.clients import (
    Consent,
    ConsentChannel,
    ConsentDocument,
    EraseClient,
    ExportClient,
    GiveConsent,
    ListConsentDocuments,
    ListConsents,
    ShowAccount,
    ShowClient,
    WithdrawConsent,
)
from contracts.message import Request
from gateway import files
from gateway.bus import reply_of
from gateway.export import FORMATS
from gateway.pages.consents import in_force
from gateway.pages.cookies import sign_out_quietly
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.own_benefits import own_card
from gateway.pages.own_door import DOOR
from gateway.pages.site import Area, done, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid
from kernel.time import utc_now

ONLINE: ConsentChannel = "online"

area = Area("own-data", door=DOOR)


@dataclass(frozen=True)
class Agreement:
    """The newest text for a purpose that holds, and what the client has said to it; `given` may be to an older one."""

    document: ConsentDocument
    given: Consent | None

    @property
    def outdated(self) -> bool:
        return self.given is not None and self.given.document_version < self.document.version


@area.page("/my/data", ShowClient)
def held(visitor: Visitor, _form: Form) -> Response:
    client_id = own_card(visitor)
    return shown(
        "own/data.html",
        client=visitor.ask(ShowClient(client_id)),
        agreements=_agreements(visitor, client_id),
        may_agree=visitor.may(GiveConsent, WithdrawConsent),
        may_export=visitor.may(ExportClient),
        may_erase=visitor.may(EraseClient),
    )


@area.page("/my/consents", ListConsents)
def consents(visitor: Visitor, _form: Form) -> Response:
    agreements = _agreements(visitor, own_card(visitor))
    return shown("own/consents.html", agreements=agreements, may_agree=visitor.may(GiveConsent, WithdrawConsent))


def _agreements(visitor: Visitor, client_id: UUID) -> list[Agreement]:
    """By purpose: the newest text that is in force, and what is still given."""
    given = {each.purpose: each for each in visitor.all(ListConsents, client_id=client_id) if each.state == "given"}
    texts = in_force(visitor.all(ListConsentDocuments), utc_now())
    return [Agreement(document, given.get(document.purpose)) for document in texts]


@area.form("/my/consents/give", GiveConsent)
def give(visitor: Visitor, form: Form) -> Response:
    visitor.ask(GiveConsent(own_card(visitor), form.text("purpose"), form.whole("version"), ONLINE), form.key)
    return done(_("Noted: you agree."), refresh="own-consents")


@area.form("/my/consents/<uuid:id>/withdraw", WithdrawConsent)
def withdraw(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    visitor.ask(WithdrawConsent(own_card(visitor), id, ONLINE), form.key)
    return done(_("Noted: you do not agree any more."), refresh="own-consents")


@area.form("/my/export", ExportClient)
def export(visitor: Visitor, form: Form) -> Response:
    """Everything that is held of them, as a document to read or as data."""
    asked = ExportClient(own_card(visitor))

    def ask(beside: Request[Any]) -> bytes:
        return bytes(reply_of(visitor.gateway.bus.ask(beside, visitor.token)))

    if form.maybe("format") == "pdf":
        return files.in_format(FORMATS["pdf"], asked, ask(asked), ask)
    response = Response(encode(visitor.ask(asked)), content_type="application/json")
    response.headers["Content-Disposition"] = f"attachment; {files.called('my-data.json')}"
    return response


@area.page("/my/erasing", EraseClient)
def erasing(visitor: Visitor, _form: Form) -> Response:
    """What is lost with it is told first: visits ahead, money that was paid in, and that debts do not go away."""
    client_id = own_card(visitor)
    return shown(
        "own/erasing.html",
        client=visitor.ask(ShowClient(client_id)),
        ahead=visitor.all_if(ListOwnAppointments),
        account=visitor.ask_if(ShowAccount(client_id)),
    )


@area.form("/my/erase", EraseClient)
def erase(visitor: Visitor, form: Form) -> Response:
    """For good; afterwards nobody is signed in."""
    if not form.ticked("sure"):
        raise Invalid.field("sure", "not_sure", _("Tick the box if this is what you want."))
    visitor.ask(EraseClient(own_card(visitor), form.whole("version")), form.key)
    sign_out_quietly(flask.g.session, visitor.token)
    return seen_at(f"{DOOR}?erased")
