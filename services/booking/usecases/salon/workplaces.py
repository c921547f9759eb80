"""The rooms to which a master is bound."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from kernel.caller import Caller
from kernel.errors import Forbidden, Invalid, NotFound
from services.booking.tables import master_rooms, rooms


def check_rooms(session: Session, wanted: Sequence[UUID], old: Sequence[UUID], caller: Caller) -> None:
    """Refuse rooms that are not there; a room of other branches than the caller's stays as it is."""
    query = select(rooms.c.id, rooms.c.branch_id).where(rooms.c.id.in_({*wanted, *old}))
    branch_of = {row.id: row.branch_id for row in session.execute(query)}
    for place, room_id in enumerate(wanted):
        if room_id not in branch_of:
            raise Invalid.field(f"room_ids.{place}", "room_unknown", "there is no such room")
        if room_id not in old and not caller.in_branch(branch_of[room_id]):
            raise NotFound("room_not_found", "there is no such room")
    if any(not caller.in_branch(branch_of[room_id]) for room_id in set(old) - set(wanted)):
        raise Forbidden("branch_not_yours", "the room of a branch that is not yours stays as it is")


def set_rooms(session: Session, master_id: UUID, room_ids: Sequence[UUID]) -> None:
    session.execute(delete(master_rooms).where(master_rooms.c.master_id == master_id))
    if room_ids:
        session.execute(
            insert(master_rooms),
            [
                {"master_id": master_id, "room_id": each, "position": place}
                for place, each in enumerate(dict.fromkeys(room_ids))
            ],
        )
