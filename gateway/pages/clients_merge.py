"""Cards that may be one person's: looked at side by side, and made one."""

from typing import Any
from uuid import UUID

from flask import Response

from contracts.booking import ListBranches, ListMasters
from contracts.clients import (
    Client,
    DismissDuplicates,
    ListLikelyDuplicates,
    MergeClients,
    NameClients,
    ShowClient,
)
from contracts.message import CONTACTS
from gateway.pages.clients_parts import CLIENT
from gateway.pages.clients_words import DUPLICATES, FIELDS, IMPORTANCE, SEX, word
from gateway.pages.formats import short_day
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area, done, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid

TAKEN = (  # in the order of a card
    "first_name",
    "last_name",
    "patronymic",
    "preferred_name",
    "email",
    "birth_date",
    "sex",
    "wishes",
    "comment",
    "importance",
    "favourite_master_id",
    "source",
    "referrer_id",
    "home_branch_id",
)

area = Area("clients-merge")


@area.page("/clients/duplicates", ListLikelyDuplicates)
def duplicates(visitor: Visitor, form: Form) -> Response:
    found = visitor.ask(ListLikelyDuplicates(limit=20, cursor=form.maybe("cursor")))
    return shown("clients/duplicates.html", found=found, reasons=DUPLICATES)


@area.form("/clients/duplicates/dismiss", DismissDuplicates)
def dismiss(visitor: Visitor, form: Form) -> Response:
    visitor.ask(DismissDuplicates(form.id("first_id"), form.id("second_id")), form.key)
    return done(_("They are not shown together again"), refresh="duplicates")


@area.page(f"{CLIENT}/merging", MergeClients)
def merging(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """Both cards side by side, or a place to find the other one."""
    kept, other_id = visitor.ask(ShowClient(id)), form.maybe_id("duplicate_id")
    if other_id is None:
        return shown("clients/merging.html", kept=kept, other=None)
    if other_id == id:
        raise Invalid.field("duplicate_id", "same_card", _("Choose another card than this one."))
    other = visitor.ask(ShowClient(other_id))
    return shown("clients/merging.html", kept=kept, other=other, rows=_compared(visitor, kept, other))


@area.form(f"{CLIENT}/merge", MergeClients)
def merge(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    take = tuple(name for name in TAKEN if form.maybe(f"take-{name}") == "duplicate")
    visitor.ask(
        MergeClients(id, form.id("duplicate_id"), form.whole("kept_version"), form.whole("duplicate_version"), take),  # type: ignore[arg-type]
        form.key,
    )
    return seen_at(f"/clients/{id}")


def _compared(visitor: Visitor, kept: Client, other: Client) -> list[dict[str, Any]]:
    """What both cards say where they differ; a choice only where both say something."""
    ids = tuple(one for one in (kept.referrer_id, other.referrer_id) if one)
    told = visitor.ask_if(NameClients(ids)) if ids else None
    names = {item.id: item.name for item in told.items} if told else {}
    names |= {one.id: one.name for one in (*visitor.all_if(ListMasters), *visitor.all_if(ListBranches))}
    rows = []
    for name in TAKEN:
        if name in ("email", "birth_date") and not visitor.caller.sees(CONTACTS):
            continue
        here, there = _said(kept, name, names), _said(other, name, names)
        if here != there:
            rows.append({"name": name, "title": _(FIELDS[name]), "here": here, "there": there})
    return rows


def _said(client: Client, name: str, names: dict[UUID, str]) -> str:
    match name:
        case "wishes":
            return client.preferences.wishes or ""
        case "favourite_master_id":
            return (
                names.get(client.preferences.favourite_master_id, "—") if client.preferences.favourite_master_id else ""
            )
        case "source":
            return client.source.channel if client.source else ""
        case "birth_date":
            return short_day(client.birth_date) if client.birth_date else ""
        case "sex":
            return _(word(SEX, client.sex)) if client.sex else ""
        case "importance":
            return _(IMPORTANCE[client.importance]) if client.importance != "none" else ""
        case "referrer_id" | "home_branch_id":
            found = getattr(client, name)
            return names.get(found, "—") if found else ""
        case _:
            return getattr(client, name) or ""
