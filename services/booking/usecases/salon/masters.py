"""Masters: what they render on which terms, where they work, and until when their papers hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import to_builtins
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import new_id, refusal_of
from contracts import booking as wire
from kernel.caller import Caller
from kernel.errors import Conflict, Invalid
from services.booking.domain.catalogue import check_once, name_of
from services.booking.queries import salon
from services.booking.tables import masters
from services.booking.usecases.salon.changes import change_row, changes_of, check_picture, check_version
from services.booking.usecases.salon.planned import Planned, carry_out, planned_for
from services.booking.usecases.salon.renderings import resolve_renderings, set_renderings
from services.booking.usecases.salon.workplaces import check_rooms, set_rooms

FIELDS = ("name", "user_id", "active", "bookable_online", "permits", "picture_id")


def create_master(session: Session, request: wire.CreateMaster, caller: Caller, *, user_unknown: bool) -> wire.Master:
    _refuse_unknown_user(unknown=user_unknown)
    values = _kept(session, request) | {"id": new_id()}
    rendered = resolve_renderings(session, None, request.service_ids, request.renderings)
    check_rooms(session, request.room_ids, (), caller)
    with _one_master_per_user(session):
        session.execute(insert(masters).values(values))
    set_renderings(session, values["id"], rendered)
    set_rooms(session, values["id"], request.room_ids)
    return salon.show_master(session, values["id"], caller, caller.must("masters.create"))


def change_master(
    session: Session, request: wire.ChangeMaster, caller: Caller, now: datetime, *, user_unknown: bool
) -> wire.Master:
    reach = caller.must("masters.edit")
    master = salon.show_master(session, request.id, caller, reach)
    check_version(request.version, master.version)
    _refuse_unknown_user(unknown=user_unknown)
    changes = _kept(session, request)
    links = changes_of(request, "service_ids", "renderings", "room_ids")
    if not (changes or links):
        return master
    rendered = resolve_renderings(session, master, links.get("service_ids"), links.get("renderings"))
    check_rooms(session, links.get("room_ids", ()), master.room_ids, caller)
    planned = _kept_plans(session, master.id, now) if changes.keys() & {"active", "permits"} else []
    with _one_master_per_user(session):
        change_row(session, masters, master.id, master.version, changes)
    left = carry_out(session, planned, caller, now)
    set_renderings(session, master.id, rendered)
    if "room_ids" in links:
        set_rooms(session, master.id, links["room_ids"])
    return replace(salon.show_master(session, master.id, caller, reach), stranded=left)


def _kept(session: Session, request: wire.CreateMaster | wire.ChangeMaster) -> dict[str, Any]:
    """What the request says of the master alone, as it is kept."""
    changes = changes_of(request, *FIELDS)
    if "name" in changes:
        changes["name"] = name_of("name", changes["name"])
    if "permits" in changes:
        kinds = [permit.kind for permit in changes["permits"]]
        check_once("permits.{}.kind", kinds, "permit_twice", "of each kind there is one permit")
        changes["permits"] = to_builtins(changes["permits"])
    check_picture(session, changes.get("picture_id"))
    return changes


def _kept_plans(session: Session, master_id: UUID, now: datetime) -> list[Planned]:
    """What the master is planned for; nobody plans anything else for them until the end."""
    session.execute(select(masters.c.id).where(masters.c.id == master_id).with_for_update(key_share=True))
    return planned_for(session, master_id, now)


def _refuse_unknown_user(*, unknown: bool) -> None:
    if unknown:
        raise Invalid.field("user_id", "user_unknown", "there is no such user")


@contextmanager
def _one_master_per_user(session: Session) -> Iterator[None]:
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        taken = Conflict("user_taken", "this login belongs to another master")
        raise refusal_of(error, {"uq_masters_user_id": taken}) from None
