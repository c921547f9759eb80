"""Consents of a client, everything that is held about them, and erasing it."""

from uuid import UUID

from flask import Response

from contracts.clients import (
    EraseClient,
    ExportClient,
    GiveConsent,
    ListConsentDocuments,
    ListConsents,
    ShowClient,
    WithdrawConsent,
)
from gateway.export import FORMATS
from gateway.files import in_format
from gateway.identity import require
from gateway.pages.clients_parts import CLIENT, users_of
from gateway.pages.clients_words import CHANNELS, CONSENT_STATES
from gateway.pages.consents import in_force
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area, done, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid
from kernel.time import utc_now

area = Area("clients-leaving")


@area.page(f"{CLIENT}/consents", ListConsents)
def consents(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """What the client agreed to and when, and the newest text of each purpose to agree to."""
    given = visitor.all(ListConsents, client_id=id)
    documents = visitor.all(ListConsentDocuments)
    holds = {(one.purpose, one.document_version) for one in given if one.state == "given"}
    return shown(
        "clients/consents.html",
        id=id,
        given=given,
        titles={one.id: one.title for one in documents},
        open=[one for one in in_force(documents, utc_now()) if (one.purpose, one.version) not in holds],
        channels=[(code, _(name)) for code, name in CHANNELS.items() if code != "online"],
        words=CHANNELS,
        states=CONSENT_STATES,
        users=users_of(visitor),
        may_give=visitor.may(GiveConsent),
        may_withdraw=visitor.may(WithdrawConsent),
    )


@area.form(f"{CLIENT}/consents", GiveConsent)
def give(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    asked = GiveConsent(id, form.text("purpose"), form.whole("document_version"), form.one_of("channel", CHANNELS))  # type: ignore[arg-type]
    visitor.ask(asked, form.key)
    return done(_("The consent is noted"), refresh="consents timeline")


@area.form(f"{CLIENT}/consents/<uuid:consent_id>/withdraw", WithdrawConsent)
def withdraw(visitor: Visitor, form: Form, id: UUID, consent_id: UUID) -> Response:  # noqa: A002
    asked = WithdrawConsent(id, consent_id, form.one_of("channel", CHANNELS), form.maybe("reason"))  # type: ignore[arg-type]
    visitor.ask(asked, form.key)
    return done(_("The consent is withdrawn"), refresh="consents timeline")


@area.page(f"{CLIENT}/exporting", ExportClient)
def exporting(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    client = visitor.ask(ShowClient(id))
    return shown("clients/exporting.html", client=client, may_files=all(map(visitor.caller.may, FORMATS["zip"].needs)))


@area.page(f"{CLIENT}/export", ExportClient)
def export(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    """Everything that any service holds about the person, as a file; who took it stands in the journal."""
    wanted = form.maybe_one_of("format", ("json", *FORMATS)) or "json"
    asked = ExportClient(id, wanted)  # type: ignore[arg-type]  # one of the words that were just looked up
    if wanted in FORMATS:
        for permission in FORMATS[wanted].needs:
            require(permission, visitor.caller)
        return in_format(FORMATS[wanted], asked, visitor.raw(asked), visitor.raw)
    response = Response(visitor.raw(asked), content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="client.json"'
    return response


@area.page(f"{CLIENT}/erasing", EraseClient)
def erasing(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown("clients/erasing.html", client=visitor.ask(ShowClient(id)))


@area.form(f"{CLIENT}/erase", EraseClient)
def erase(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    if not form.ticked("sure"):
        raise Invalid.field("sure", "field_missing", _("Tick this first: nothing brings the card back."))
    visitor.ask(EraseClient(id, form.whole("version")), form.key)
    return seen_at("/clients")
