"""Rooms and units of equipment of the branches."""

from typing import Any
from uuid import UUID

from flask import Response

from contracts.booking import ChangeRoom, CreateRoom, ListBranches, ListRooms, ShowRoom
from gateway.pages.branches_week import HOURS, week_of, week_shown
from gateway.pages.desk.day import names_of
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.settings import within
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor

area = Area("rooms")


@area.page("/settings/rooms", ListRooms)
def rooms(visitor: Visitor, _form: Form) -> Response:
    return within(
        visitor,
        "branches/rooms.html",
        rooms=visitor.all(ListRooms),
        branches=names_of(visitor, ListBranches),
        may_create=visitor.may(CreateRoom),
        may_edit=visitor.may(ChangeRoom),
    )


@area.page("/settings/rooms/new", CreateRoom)
def new(visitor: Visitor, _form: Form) -> Response:
    return _editor(visitor, week=week_shown(()))


@area.page("/settings/rooms/<uuid:id>", ShowRoom)
def room(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    found = visitor.ask(ShowRoom(id))
    return _editor(visitor, room=found, week=week_shown(found.hours))


@area.form("/settings/rooms", CreateRoom)
def create(visitor: Visitor, form: Form) -> Response:
    made = CreateRoom(
        form.id("branch_id"),
        form.text("name"),
        capacity=form.whole("capacity"),
        kind=form.text("kind"),
        hours=week_of(form),
        active=form.ticked("active"),
    )
    visitor.ask(made, form.key)
    return done(_("Saved"), refresh="rooms")


@area.form("/settings/rooms/<uuid:id>", ChangeRoom)
def change(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    changed = ChangeRoom(
        id,
        form.whole("version"),
        name=form.text("name"),
        capacity=form.whole("capacity"),
        kind=form.text("kind"),
        hours=week_of(form),
        active=form.ticked("active"),
    )
    visitor.ask(changed, form.key)
    return done(_("Saved"), refresh="rooms")


def _editor(visitor: Visitor, **values: Any) -> Response:
    kinds = sorted({room.kind for room in visitor.all(ListRooms)} | {"room"})
    branches = [(branch.id, branch.name) for branch in visitor.all(ListBranches)]
    return shown("branches/room.html", kinds=kinds, branches=branches, pattern=HOURS, **values)
