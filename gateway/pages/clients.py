"""Clients: the list with its filters, the card as a page, and what else shows a client in short."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Response

from contracts.booking import ListBranches, ListMasters, ListServices, SuggestVisit
from contracts.clients import (
    ChangeClient,
    Client,
    EraseClient,
    ExportClient,
    ListClientCategories,
    ListClientFields,
    ListClients,
    ListEnquiries,
    ListLikelyDuplicates,
    ListOccasions,
    NameClients,
    OpenClient,
    RegisterClient,
    RevealClient,
    SearchClients,
    ShowClient,
    ShowPhoto,
    ShowReminders,
)
from contracts.loyalty import ShowDiscount, ShowReferrals
from contracts.message import CONTACTS, HEALTH
from gateway.pages.clients_parts import PARTS
from gateway.pages.clients_words import IMPORTANCE, OCCASIONS, SEX, WEEKDAYS
from gateway.pages.clocks import today_of
from gateway.pages.forms import Form
from gateway.pages.loyalty.lines import lines_of
from gateway.pages.search_viewed import last_viewed_clients, remembered
from gateway.pages.site import Area, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Gone

SOON = timedelta(days=30)

area = Area("clients")


@area.page("/clients", ListClients)
def clients(visitor: Visitor, form: Form) -> Response:
    q, category_id = form.maybe("q"), form.maybe_id("category_id")
    importance = form.maybe_one_of("importance", IMPORTANCE)
    asked = q[:200] if q and len(q) > 1 else None
    found = visitor.ask(
        ListClients(asked, cursor=form.maybe("cursor"), category_id=category_id, importance=importance)  # type: ignore[arg-type]
    )
    filters = {"q": q, "importance": importance, "category_id": category_id}
    categories = visitor.ask_if(ListClientCategories(limit=200))
    return shown(
        "clients/list.html",
        found=found,
        viewed=() if asked or category_id or importance or form.maybe("cursor") else last_viewed(visitor),
        filters={name: value for name, value in filters.items() if value},
        categories=categories.items if categories else (),
        importance=IMPORTANCE,
        sees_contacts=visitor.caller.sees(CONTACTS),
        may_create=visitor.may(RegisterClient),
        may_answer=visitor.may(ListEnquiries),
        may_merge=visitor.may(ListLikelyDuplicates),
    )


@area.page("/clients/occasions", ListOccasions)
def occasions(visitor: Visitor, _form: Form) -> Response:
    """Who has a birthday, or came for the first time so many years ago, within the next thirty days."""
    today = today_of(visitor)
    found = visitor.all(ListOccasions, from_=today, to=today + SOON)
    return shown("clients/occasions.html", found=found, words=OCCASIONS, sees_contacts=visitor.caller.sees(CONTACTS))


@area.page("/clients/<uuid:id>", ShowClient)
def card(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    try:
        client = visitor.ask(ShowClient(id))
    except Gone as refused:
        if kept := refused.details.get("merged_into"):
            return seen_at(f"/clients/{kept}")
        raise
    response = shown(
        "clients/card.html",
        parts=[part for part in PARTS if visitor.may(part.needs)],
        photo=visitor.ask_if(ShowPhoto(id)),
        reminders=visitor.ask_if(ShowReminders(id)),
        discount=visitor.ask_if(ShowDiscount(id)),
        may_erase=visitor.may(EraseClient),
        may_export=visitor.may(ExportClient),
        may_merge=visitor.may(ListLikelyDuplicates),
        **person(visitor, client),
    )
    return remembered(response, visitor, "client", id)


@area.page("/clients/<uuid:id>/person", ShowClient)
def person_part(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown("clients/person.html", **person(visitor, visitor.ask(ShowClient(id))))


@area.form("/clients/<uuid:id>/opened", RevealClient)
def opened(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    """The card with whole contacts, which is counted and goes on the record."""
    return shown("clients/person.html", asked=True, **person(visitor, visitor.ask(OpenClient(id))))


def person(visitor: Visitor, client: Client) -> dict[str, Any]:
    """What the card says of the person, with names for its ids."""
    sees_contacts = visitor.caller.sees(CONTACTS)
    brought = visitor.ask_if(ShowReferrals(client.id, depth=1))
    ids = [client.referrer_id] if client.referrer_id else []
    ids += [one.client_id for one in brought.children] if brought else []
    told = visitor.ask_if(NameClients(tuple(ids[:2_000]))) if ids else None
    categories = {one.id: one for one in visitor.all_if(ListClientCategories)}
    fields = {one.id: one for one in visitor.all_if(ListClientFields)} if client.custom else {}
    return {
        "client": client,
        "age": age(client.birth_date, today_of(visitor)) if sees_contacts and client.birth_date else None,
        "brought": brought,
        "names": {item.id: item.name for item in told.items} if told else {},
        "masters": {master.id: master.name for master in visitor.all_if(ListMasters)},
        "services": {service.id: service.name for service in visitor.all_if(ListServices)},
        "branches": {branch.id: branch.name for branch in visitor.all_if(ListBranches)},
        "categories": [categories[one] for one in client.category_ids if one in categories],
        "fields": [(fields[said.field_id], said.value) for said in client.custom or () if said.field_id in fields],
        "importance": IMPORTANCE,
        "sex": SEX,
        "weekdays": WEEKDAYS,
        "sees_contacts": sees_contacts,
        "sees_health": visitor.caller.sees(HEALTH),
        "may_edit": visitor.may(ChangeClient),
        "may_reveal": visitor.may(RevealClient) and sees_contacts,
    }


def age(born: date, today: date) -> int:
    """In whole years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def about(visitor: Visitor, client_id: UUID, branch_id: UUID | None = None) -> dict[str, Any]:
    """What stands on a card beside what the client said: discount and why, and what to offer."""
    discount = visitor.ask_if(ShowDiscount(client_id))
    return {
        "discount": discount,
        "because": lines_of(visitor, discount),
        "suggested": visitor.ask_if(SuggestVisit(branch_id, client_id)) if branch_id else None,
    }


def last_viewed(visitor: Visitor) -> tuple[object, ...]:
    """The clients whose cards were opened last, of those whom this visitor may see."""
    return last_viewed_clients(visitor)


@area.page("/clients/pick", SearchClients)
def pick(visitor: Visitor, form: Form) -> Response:
    """Clients to choose one from in a form: for whoever brought somebody, or whose card is the same person's."""
    q, but = form.maybe("pick") or "", form.maybe_id("but")
    found = visitor.ask(SearchClients(q[:200], limit=6)).items if len(q) > 1 else ()
    name = form.maybe("field") or "client_id"
    return shown("clients/pick.html", q=q, found=[one for one in found if one.id != but], name=name)
