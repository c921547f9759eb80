"""The parts of a card that show themselves by their own address: visits, notes, account and what else hangs on it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response

from contracts.auth import ListUsers
from contracts.booking import ListBranches, ListMasters, ListServices
from contracts.clients import (
    AddNote,
    ChangeNote,
    GivePerk,
    ListConsentDocuments,
    ListConsents,
    ListFiles,
    ListNotes,
    ListPerks,
    RedeemPerk,
    RemoveNote,
    RemovePerk,
    ShowAccount,
    ShowClientRevenue,
    ShowHabits,
    ShowTimeline,
    ShowVisitHistory,
)
from contracts.loyalty import ShowDiscount
from contracts.message import Request
from gateway.pages.clients_words import FIELDS, MONEY_ENTRIES, STATUSES, TIMELINE, WEEKDAYS
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import noted
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor

CLIENT = "/clients/<uuid:id>"


@dataclass(frozen=True)
class Part:
    """A part of the card for whoever may ask `needs`; `beside` stands in the narrow column."""

    name: str
    title: str
    needs: type[Request[Any]]
    beside: bool = False


PARTS = (
    Part("visits", noted("Visits"), ShowVisitHistory),
    Part("notes", noted("Notes"), ListNotes),
    Part("loyalty", noted("Discount and points"), ShowDiscount, beside=True),
    Part("account", noted("Account"), ShowAccount, beside=True),
    Part("revenue", noted("Revenue"), ShowClientRevenue, beside=True),
    Part("perks", noted("Perks"), ListPerks, beside=True),
    Part("habits", noted("Habits"), ShowHabits, beside=True),
    Part("consents", noted("Consents"), ListConsents, beside=True),
    Part("files", noted("Files"), ListFiles),
    Part("timeline", noted("Everything that happened"), ShowTimeline),
)

area = Area("clients-parts")


def users_of(visitor: Visitor) -> dict[UUID, str]:
    """Who works here, for whoever may know; others see no name."""
    return {user.id: user.name for user in visitor.all_if(ListUsers)}


def called(visitor: Visitor) -> dict[str, Any]:
    return {
        "masters": {one.id: one.name for one in visitor.all_if(ListMasters)},
        "services": {one.id: one.name for one in visitor.all_if(ListServices)},
        "branches": {one.id: one.name for one in visitor.all_if(ListBranches)},
    }


@area.page(f"{CLIENT}/visits", ShowVisitHistory)
def visits(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """The table of visits, of one master or service if that was chosen, with the totals of all pages."""
    status = form.maybe_one_of("status", STATUSES)
    asked = ShowVisitHistory(
        id,
        from_=form.maybe_day("from"),
        to=form.maybe_day("to"),
        service_id=form.maybe_id("service_id"),
        master_id=form.maybe_id("master_id"),
        status=status,  # type: ignore[arg-type]  # one of the words that were just looked up
        limit=20,
        cursor=form.maybe("cursor"),
    )
    return shown(
        "clients/visits.html",
        id=id,
        asked=asked,
        found=visitor.ask(asked),
        more=asked.cursor is not None,
        statuses=STATUSES,
        **called(visitor),
    )


@area.page(f"{CLIENT}/habits", ShowHabits)
def habits(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown("clients/habits.html", habits=visitor.ask(ShowHabits(id)), weekdays=WEEKDAYS, **called(visitor))


@area.page(f"{CLIENT}/timeline", ShowTimeline)
def timeline(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    found = visitor.ask(ShowTimeline(id, limit=20, cursor=form.maybe("cursor")))
    documents = {one.id: one.title for one in visitor.all_if(ListConsentDocuments)}
    return shown(
        "clients/timeline.html",
        id=id,
        found=found,
        words=TIMELINE,
        fields=FIELDS,
        statuses=STATUSES,
        entries=MONEY_ENTRIES,
        documents=documents,
        users=users_of(visitor),
        **called(visitor),
    )


# --- notes ----------------------------------------------------------------------------------------------------------


@area.page(f"{CLIENT}/notes", ListNotes)
def notes(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    caller = visitor.caller
    return shown(
        "clients/notes.html",
        id=id,
        found=visitor.ask(ListNotes(id, limit=20, cursor=form.maybe("cursor"))),
        users=users_of(visitor),
        me=caller.id,
        may_add=visitor.may(AddNote),
        may_edit_all=caller.reach(ChangeNote.permission) not in (None, "own"),
        may_edit_own=visitor.may(ChangeNote),
        appointment_id=form.maybe_id("appointment_id"),
    )


@area.form(f"{CLIENT}/notes", AddNote)
def add_note(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(
        AddNote(id, form.text("text"), private=form.ticked("private"), appointment_id=form.maybe_id("appointment_id")),
        form.key,
    )
    return done(_("The note is kept"), refresh="notes timeline")


@area.form(f"{CLIENT}/notes/<uuid:note_id>", ChangeNote)
def change_note(visitor: Visitor, form: Form, id: UUID, note_id: UUID) -> Response:  # noqa: A002
    visitor.ask(
        ChangeNote(id, note_id, form.whole("version"), text=form.text("text"), private=form.ticked("private")), form.key
    )
    return done(_("The note is kept"), refresh="notes timeline")


@area.form(f"{CLIENT}/notes/<uuid:note_id>/remove", RemoveNote)
def remove_note(visitor: Visitor, form: Form, id: UUID, note_id: UUID) -> Response:  # noqa: A002
    visitor.ask(RemoveNote(id, note_id, form.whole("version")), form.key)
    return done(_("The note is gone"), refresh="notes timeline")


# --- perks ----------------------------------------------------------------------------------------------------------


@area.page(f"{CLIENT}/perks", ListPerks)
def perks(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown(
        "clients/perks.html",
        id=id,
        found=visitor.all(ListPerks, client_id=id),
        may_give=visitor.may(GivePerk),
        may_redeem=visitor.may(RedeemPerk),
    )


@area.form(f"{CLIENT}/perks", GivePerk)
def give_perk(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(GivePerk(id, form.text("text"), form.whole("quantity")), form.key)
    return done(_("The perk is noted"), refresh="perks timeline")


@area.form(f"{CLIENT}/perks/<uuid:perk_id>/redeem", RedeemPerk)
def redeem_perk(visitor: Visitor, form: Form, id: UUID, perk_id: UUID) -> Response:  # noqa: A002
    visitor.ask(RedeemPerk(id, perk_id), form.key)
    return done(_("One was given"), refresh="perks timeline")


@area.form(f"{CLIENT}/perks/<uuid:perk_id>/remove", RemovePerk)
def remove_perk(visitor: Visitor, form: Form, id: UUID, perk_id: UUID) -> Response:  # noqa: A002
    visitor.ask(RemovePerk(id, perk_id, form.whole("version")), form.key)
    return done(_("The perk is gone"), refresh="perks timeline")
