"""The texts that clients are asked to agree to: one for each purpose, version by version."""

from datetime import UTC, datetime, time
from itertools import groupby
from typing import cast, get_args
from uuid import UUID

from flask import Response

from contracts.clients import (
    LONG_STORAGE,
    AddConsentDocument,
    AskedOnline,
    ListConsentDocuments,
    ShowConsentDocument,
)
from gateway.pages.consents import in_force
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import languages, name_of, noted
from gateway.pages.settings import within
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.time import utc_now

USUAL = {
    "personal_data": noted("Keeping and using personal data"),
    "marketing": noted("News and offers"),
    "photos": noted("Photos of the work"),
    LONG_STORAGE: noted("Keeping the card however long the last visit was ago"),
}
ASKED = {"no": noted("no"), "optional": noted("yes, they may leave it out"), "required": noted("yes, they must agree")}

area = Area("consent-texts")


@area.page("/settings/consents", ListConsentDocuments)
def texts(visitor: Visitor, _form: Form) -> Response:
    """By purpose: the text that holds, those that come, and those that held."""
    documents = visitor.all(ListConsentDocuments)
    return within(
        visitor,
        "settings/consents.html",
        by_purpose=[(purpose, list(texts)) for purpose, texts in groupby(documents, key=lambda each: each.purpose)],
        holding={each.purpose: each for each in in_force(documents, utc_now())},
        usual=_words(USUAL),
        asked=_words(ASKED),
        may_create=visitor.may(AddConsentDocument),
    )


@area.page("/settings/consents/new", AddConsentDocument)
def new(visitor: Visitor, _form: Form) -> Response:
    return _asked_for(visitor)


@area.page("/settings/consents/<uuid:id>/next", AddConsentDocument, ShowConsentDocument)
def following(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """The next version, which begins as this one."""
    return _asked_for(visitor, id)


@area.form("/settings/consents", AddConsentDocument)
def add(visitor: Visitor, form: Form) -> Response:
    asked = form.one_of("asked_online", get_args(AskedOnline))
    day = form.maybe_day("valid_from")
    visitor.ask(
        AddConsentDocument(
            form.text("purpose"),
            form.text("title"),
            form.text("text"),
            form.text("language"),
            datetime.combine(day, time(0), UTC) if day else None,
            cast("AskedOnline", asked),
        ),
        form.key,
    )
    return done(_("Saved"), refresh="consents")


def _asked_for(visitor: Visitor, id_: UUID | None = None) -> Response:
    return shown(
        "settings/consent.html",
        found=visitor.ask(ShowConsentDocument(id_)) if id_ else None,
        usual=_words(USUAL),
        asked=_words(ASKED),
        written_in=[(code, name_of(code)) for code in languages()],
    )


def _words(of: dict[str, str]) -> dict[str, str]:
    return {key: _(text) for key, text in of.items()}
