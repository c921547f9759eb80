"""The masters as the salon keeps them: what they render on which terms, where, their papers, and their login."""

from typing import Any, get_args
from uuid import UUID

from flask import Response

from contracts.auth import ListUsers
from contracts.booking import (
    AddPicture,
    ChangeMaster,
    ChangeQuestionnaire,
    CreateMaster,
    ListBranches,
    ListMasters,
    ListRooms,
    ListServices,
    Master,
    Permit,
    PermitKind,
    Rendering,
    ShowMaster,
    ShowQuestionnaire,
    ShowSettings,
)
from contracts.message import UNSET
from gateway.pages.desk.day import names_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import noted
from gateway.pages.search_viewed import remembered
from gateway.pages.settings import within
from gateway.pages.site import Area, done, seen_at, shown
from gateway.pages.uploads import Upload
from gateway.pages.visitor import Visitor
from kernel.errors import Invalid

PICTURE = Upload("picture")
LONGEST = 24 * 60  # minutes
PERMITS = {"work_permit": noted("Work permit"), "medical_book": noted("Medical book")}

area = Area("masters-admin")


@area.page("/settings/masters", ListMasters)
def masters(visitor: Visitor, form: Form) -> Response:
    q = (form.maybe("q") or "").casefold()
    found = [one for one in visitor.all(ListMasters) if q in one.name.casefold()]
    return within(
        visitor,
        "masters_admin/page.html",
        q=q,
        masters=sorted(found, key=lambda one: (not one.active, one.name.casefold())),
        may_create=visitor.may(CreateMaster),
    )


@area.page("/settings/masters/new", CreateMaster)
def new(_visitor: Visitor, _form: Form) -> Response:
    return shown("masters_admin/new.html")


@area.form("/settings/masters", CreateMaster)
def create(visitor: Visitor, form: Form) -> Response:
    return seen_at(f"/settings/masters/{visitor.ask(CreateMaster(form.text('name')), form.key).id}")


@area.page("/settings/masters/<uuid:id>", ShowMaster)
def master(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    found = visitor.ask(ShowMaster(id))
    terms = {one.service_id: one for one in found.renderings}
    services = sorted(visitor.all(ListServices, most=2_000), key=lambda one: (one.category, one.name.casefold()))
    response = within(
        visitor,
        "masters_admin/master.html",
        master=found,
        services=[(one, terms.get(one.id)) for one in services if one.active or one.id in found.service_ids],
        rooms=visitor.all(ListRooms),
        branches=names_of(visitor, ListBranches),
        users=[(user.id, user.name) for user in visitor.all(ListUsers, staff=True, most=5_000)],
        permits=[
            (kind, _(text), next((one.expires_on for one in found.permits if one.kind == kind), ""))
            for kind, text in PERMITS.items()
        ],
        picture=PICTURE,
        may_edit=visitor.may(ChangeMaster),
        may_add_pictures=visitor.may(AddPicture),
        may_see_papers=visitor.may(ShowQuestionnaire),
    )
    return remembered(response, visitor, "master", id)


@area.form("/settings/masters/<uuid:id>", ChangeMaster, takes=PICTURE)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    sent = form.maybe_file(PICTURE)
    picture_id: Any = None if form.ticked("no_picture") else UNSET
    if sent is not None:
        picture_id = visitor.ask(AddPicture(sent[1]), f"{form.key}-picture").id
    before = visitor.ask(ShowMaster(id))
    changed = ChangeMaster(
        id,
        form.whole("version"),
        name=form.text("name"),
        user_id=form.maybe_id("user_id") if visitor.may(ListUsers) else UNSET,
        service_ids=form.ids("service_id"),
        active=form.ticked("active"),
        renderings=_renderings(form, before, visitor.ask(ShowSettings()).currency),
        room_ids=form.ids("room_id"),
        bookable_online=form.ticked("bookable_online"),
        permits=tuple(Permit(kind, form.day(kind)) for kind in get_args(PermitKind) if form.maybe(kind) is not None),
        picture_id=picture_id,
    )
    left = visitor.ask(changed, form.key).stranded
    text = _("The master is saved")
    if left:
        more = _("Appointments outside of it: %(number)s. Move them at the desk.", number=len(left))
        text = f"{text}. {more}"
    return done(text, refresh="master")


def _renderings(form: Form, before: Master, currency: str | None) -> tuple[Rendering, ...]:
    """Own minutes, prices and buffers of the services that are ticked; what the form has no field for stays."""
    known = {one.service_id: one for one in before.renderings}
    found = []
    for service_id in form.ids("service_id"):
        old = known.get(service_id, Rendering(service_id))
        one = Rendering(
            service_id,
            _minutes(form, f"minutes-{service_id}", None),
            form.maybe_money(f"price-{service_id}", currency) if currency else None,
            _minutes(form, f"before-{service_id}", old.buffer_before_minutes),
            _minutes(form, f"after-{service_id}", old.buffer_after_minutes),
        )
        if one != Rendering(service_id):
            found.append(one)
    return tuple(found)


def _minutes(form: Form, field: str, before: int | None) -> int | None:
    """As many as the field says, None where it is empty; `before` where there is no such field."""
    if not form.ticked(field):
        return before
    said = form.maybe(field)
    if said is not None and not (said.isdecimal() and int(said) <= LONGEST):
        raise Invalid.field(field, "not_a_number", _("This must be a whole number."))
    return int(said) if said else None


# --- what the salon keeps about somebody of its staff ---------------------------------------------------------------


@area.page("/settings/masters/<uuid:id>/papers", ShowQuestionnaire)
def papers(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    return shown(
        "masters_admin/papers.html",
        papers=visitor.ask(ShowQuestionnaire(id)),
        name=visitor.ask(ShowMaster(id)).name,
        may_edit=visitor.may(ChangeQuestionnaire),
    )


@area.form("/settings/masters/<uuid:id>/papers", ChangeQuestionnaire)
def change_papers(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    changed = ChangeQuestionnaire(
        id,
        form.whole("version"),
        phones=tuple(text.strip() for text in (form.maybe("phones") or "").split(",") if text.strip()),
        email=form.maybe("email"),
        birth_date=form.maybe_day("birth_date"),
        address=form.maybe("address"),
        emergency_contact=form.maybe("emergency_contact"),
        notes=form.maybe("notes"),
    )
    visitor.ask(changed, form.key)
    return done(_("Saved"))
