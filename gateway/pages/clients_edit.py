"""A new card, and changing one: a whole page each, on which nothing typed is lost."""

from typing import Any
from uuid import UUID

from flask import Response
from msgspec import UNSET

from contracts.booking import ListBranches, ListMasters, ListServices
from contracts.clients import (
    SHARE_PHONE,
    ChangeClient,
    Client,
    ConvenientTime,
    FieldValue,
    ListClientCategories,
    ListClientFields,
    ListSources,
    NameClients,
    OpenClient,
    Preferences,
    RegisterClient,
    Source,
)
from contracts.message import CONTACTS, HEALTH
from gateway.pages.clients_words import IMPORTANCE, SEX, WEEKDAYS
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Conflict, Invalid

MOST_PHONES = 10

area = Area("clients-edit")


@area.page("/clients/new", RegisterClient)
def new(visitor: Visitor, form: Form) -> Response:
    """An empty card; what was typed into a search is in it already."""
    q = form.maybe("q") or ""
    is_phone = q[:1] in tuple("+0123456789") and bool(q)
    return shown(
        "clients/edit.html",
        client=None,
        first_name="" if is_phone else q,
        phones=[(q if is_phone else "", ""), ("", "")],
        custom={},
        referrer=None,
        writes_contacts=True,
        writes_health=True,
        **_choices(visitor),
    )


@area.form("/clients", RegisterClient)
def register(visitor: Visitor, form: Form) -> Response:
    said = {name: value for name, value in _said(form).items() if value is not UNSET}
    try:
        client = visitor.ask(RegisterClient(**said), form.key)
    except Conflict as refused:
        if refused.code == "client_exists" and (known := refused.details.get("client_id")):
            return _known(visitor, UUID(str(known)))
        raise
    return seen_at(f"/clients/{client.id}")


@area.page("/clients/<uuid:id>/edit", ChangeClient)
def edit(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """The card as its reader may change it; contacts that stay masked are left as they are."""
    client = visitor.ask(OpenClient(id))
    labels = (*client.phone_labels, *("" for _phone in client.phones))
    told = visitor.ask_if(NameClients((client.referrer_id,))) if client.referrer_id else None
    rows = [*zip(client.phones, labels, strict=False), ("", ""), ("", "")]
    return shown(
        "clients/edit.html",
        client=client,
        first_name=client.first_name,
        phones=rows[:MOST_PHONES],
        custom={one.field_id: one.value for one in client.custom or ()},
        referrer=told.items[0] if told and told.items else None,
        writes_contacts=visitor.caller.sees(CONTACTS) and not client.contacts_masked,
        writes_health=visitor.caller.sees(HEALTH),
        **_choices(visitor, client),
    )


@area.form("/clients/<uuid:id>/edit", ChangeClient)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    said = _said(form)
    said["referrer_id"] = form.maybe_id("referrer_id") if form.each("referrer_id") else UNSET
    visitor.ask(ChangeClient(id, form.whole("version"), **said), form.key)
    return seen_at(f"/clients/{id}")


def _known(visitor: Visitor, client_id: UUID) -> Response:
    """Somebody has the phone already: their card is one step away."""
    told = visitor.ask_if(NameClients((client_id,)))
    name = told.items[0].name if told and told.items else ""
    response = shown("clients/known.html", status=409, id=client_id, name=name)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#card .trouble-place", "innerHTML"
    return response


def _choices(visitor: Visitor, client: Client | None = None) -> dict[str, Any]:
    """What the form offers to choose from."""
    fields = visitor.all_if(ListClientFields)
    branches = [(one.id, one.name) for one in visitor.all_if(ListBranches) if visitor.caller.in_branch(one.id)]
    return {
        "importance": [(code, _(name)) for code, name in IMPORTANCE.items()],
        "sex": [(code, _(name)) for code, name in SEX.items()],
        "weekdays": WEEKDAYS,
        "times": [*(client.preferences.convenient_times if client else ()), None],
        "categories": visitor.all_if(ListClientCategories),
        "fields": fields,
        "options_of": {one.id: [(option, option) for option in one.options] for one in fields},
        "channels": [source for source in visitor.all_if(ListSources) if source.active],
        "branches": branches,
        "masters": [(one.id, one.name) for one in visitor.all_if(ListMasters) if one.active],
        "services": [one for one in visitor.all_if(ListServices) if one.active],
        "may_share": visitor.caller.may(SHARE_PHONE),
    }


def _said(form: Form) -> dict[str, Any]:
    """The fields of the form, by their names in the Request; UNSET what the visitor was not shown."""
    channel = form.maybe("channel")
    sees_contacts, sees_health = form.ticked("with_contacts"), form.ticked("with_health")
    rows = zip(form.each("phones"), form.each("phone_labels"), strict=False)
    kept = [(phone, label) for phone, label in rows if phone]
    return {
        "first_name": form.text("first_name"),
        "last_name": form.maybe("last_name"),
        "patronymic": form.maybe("patronymic"),
        "preferred_name": form.maybe("preferred_name"),
        "phones": tuple(phone for phone, _label in kept) if sees_contacts else UNSET,
        "phone_labels": tuple(label for _phone, label in kept) if sees_contacts else UNSET,
        "email": form.maybe("email") if sees_contacts else UNSET,
        "birth_date": form.maybe_day("birth_date") if sees_contacts else UNSET,
        "sex": form.maybe_one_of("sex", SEX),
        "source": Source(channel, form.maybe("detail"), form.maybe("campaign")) if channel else None,
        "referrer_id": form.maybe_id("referrer_id"),
        "home_branch_id": form.maybe_id("home_branch_id") if form.each("home_branch_id") else UNSET,
        "preferences": Preferences(
            favourite_master_id=form.maybe_id("favourite_master_id"),
            favourite_service_ids=form.ids("favourite_service_ids"),
            convenient_times=_times(form),
            wishes=form.maybe("wishes"),
        ),
        "contraindications": _lines(form.maybe("contraindications")) if sees_health else UNSET,
        "comment": form.maybe("comment"),
        "shared_phone": form.ticked("shared_phone"),
        "importance": form.maybe_one_of("importance", IMPORTANCE) or "none",
        "category_ids": form.ids("category_ids"),
        "custom": _custom(form),
    }


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def _times(form: Form) -> tuple[ConvenientTime, ...]:
    """Rows of a weekday and two times; a row without a weekday says nothing."""
    rows = zip(form.each("weekday"), form.each("time_from"), form.each("time_to"), strict=False)
    times = []
    for weekday, start, end in rows:
        if not weekday:
            continue
        if not (weekday.isdecimal() and int(weekday) < len(WEEKDAYS)) or not start or not end:
            raise Invalid.field("time_from", "times_incomplete", _("Say from when to when on this weekday."))
        times.append(ConvenientTime(int(weekday), start, end))
    return tuple(times)


def _custom(form: Form) -> tuple[FieldValue, ...]:
    """Answers to the salon's own questions: of those that the form has asked."""
    said = [FieldValue(field_id, form.maybe(f"custom.{field_id}")) for field_id in form.ids("asked_field")]
    for field_id in form.ids("asked_number"):  # of which the API knows the point only
        number = form.maybe(f"custom.{field_id}")
        said.append(FieldValue(field_id, number.replace(",", ".") if number else None))
    return tuple(said)
