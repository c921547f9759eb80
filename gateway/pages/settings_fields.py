"""Fields that the salon adds to the cards of its clients."""

from typing import cast, get_args
from uuid import UUID

from flask import Response

from contracts.clients import (
    ChangeClientField,
    CreateClientField,
    FieldKind,
    ListClientFields,
    RemoveClientField,
    ShowClientField,
)
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import noted
from gateway.pages.settings import within
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor

KINDS = {
    "text": noted("Text"),
    "number": noted("Number"),
    "date": noted("Date"),
    "choice": noted("Choice from a list"),
    "yes_no": noted("Yes or no"),
}

area = Area("fields")


@area.page("/settings/fields", ListClientFields)
def fields(visitor: Visitor, _form: Form) -> Response:
    return within(
        visitor,
        "settings/fields.html",
        fields=visitor.all(ListClientFields),
        kinds=_kinds(),
        may_create=visitor.may(CreateClientField),
        may_edit=visitor.may(ChangeClientField),
    )


@area.page("/settings/fields/new", CreateClientField)
def new(_visitor: Visitor, _form: Form) -> Response:
    return shown("settings/field.html", kinds=_kinds())


@area.page("/settings/fields/<uuid:id>", ShowClientField)
def field(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    found = visitor.ask(ShowClientField(id))
    return shown("settings/field.html", found=found, kinds=_kinds(), may_remove=visitor.may(RemoveClientField))


@area.form("/settings/fields", CreateClientField)
def create(visitor: Visitor, form: Form) -> Response:
    kind = form.one_of("kind", get_args(FieldKind))
    made = CreateClientField(
        form.text("name"),
        cast("FieldKind", kind),
        options=_options(form),
        required=form.ticked("required"),
        personal=form.ticked("personal"),
    )
    visitor.ask(made, form.key)
    return done(_("Saved"), refresh="fields")


@area.form("/settings/fields/<uuid:id>", ChangeClientField)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    changed = ChangeClientField(
        id, form.whole("version"), name=form.text("name"), options=_options(form), required=form.ticked("required")
    )
    visitor.ask(changed, form.key)
    return done(_("Saved"), refresh="fields")


@area.form("/settings/fields/<uuid:id>/remove", RemoveClientField)
def remove(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(RemoveClientField(id, form.whole("version")), form.key)
    return done(_("The field is removed from all cards"), refresh="fields")


def _kinds() -> dict[str, str]:
    return {kind: _(text) for kind, text in KINDS.items()}


def _options(form: Form) -> tuple[str, ...]:
    """One a line."""
    return tuple(line.strip() for line in (form.maybe("options") or "").splitlines() if line.strip())
