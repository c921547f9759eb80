"""Blocks: time of a master or a room that takes nobody, never over what is booked."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select

from chassis.database import new_id
from contracts.booking import (
    Appointment,
    Block,
    BookAppointment,
    ChangeBlock,
    ChangeRoom,
    CreateBlock,
    ListBlocks,
    RemoveBlock,
    ShowBlock,
    WantedSegment,
)
from kernel.errors import Conflict, Invalid, NotFound, Stale
from kernel.time import utc_now
from services.booking.tables import busy, openings, waiting_entries
from tests.builders import CLARA, a_user, boris
from tests.component.booking.salon import Salon, field_of, overlaps, together

DORA = UUID("0190a000-0000-7000-8000-00000000000d")
EVERY = ("blocks.create", "blocks.read", "blocks.edit", "blocks.delete", "masters.read")


def block(salon: Salon, starts: str = "12:00", ends: str = "14:00", **more: Any) -> Block:
    asking = {"caller": more.pop("caller")} if "caller" in more else {}
    branch_id = more.pop("branch_id", salon.branch.id)
    of = more if {"room_id", "master_id"} & set(more) else {"master_id": salon.anna.id}
    return salon.ask(CreateBlock(branch_id, salon.at(starts), salon.at(ends), "a meeting", **of), **asking)


def rows_of(salon: Salon, resource_id: UUID) -> int:
    with salon.booking.session() as session:
        return session.scalar(select(func.count()).select_from(busy).where(busy.c.resource_id == resource_id)) or 0


def test_a_master_with_a_block_takes_nobody(salon: Salon) -> None:
    made = block(salon)
    assert (made.master_id, made.room_id, made.reason, made.version) == (salon.anna.id, None, "a meeting", 1)
    assert made.starts == salon.at("12:00")
    assert made.starts.utcoffset() == salon.at("12:00").utcoffset()
    for clock in ("11:30", "12:00", "13:30"):
        with pytest.raises(Conflict, match="slot_taken"):
            salon.book(salon.at(clock), master=salon.anna)
    salon.book(salon.at("11:00"), master=salon.anna)
    assert salon.book(salon.at("12:30"), client=DORA).segments[0].master_id == salon.olga.id
    assert salon.ask(ShowBlock(made.id)) == made


def test_a_block_never_lies_over_what_is_booked(salon: Salon) -> None:
    booked = salon.book(salon.at("13:00"), master=salon.anna)
    held = salon.hold(salon.at("15:00"), master=salon.anna)
    other = block(salon, "17:00", "18:00")
    with pytest.raises(Conflict, match="slot_taken") as refused:
        block(salon, "12:00", "19:00")
    conflicts = refused.value.details["conflicts"]
    assert [{key: value for key, value in each.items() if key.endswith("_id")} for each in conflicts] == [
        {"appointment_id": str(booked.id)},
        {"hold_id": str(held.id)},
        {"block_id": str(other.id)},
    ]
    assert datetime.fromisoformat(conflicts[0]["starts"]) == booked.starts
    with pytest.raises(Conflict, match="slot_taken"):
        salon.ask(ChangeBlock(other.id, 1, starts=salon.at("13:30")))
    assert salon.ask(ListBlocks()).items == (other,)
    salon.run_out(held)
    block(salon, "14:30", "16:30")
    assert overlaps(salon) == 0


def test_a_master_need_not_be_at_work(salon: Salon) -> None:
    assert block(salon, "21:00", "23:00").master_id == salon.anna.id


def test_a_block_moves_over_itself_and_ends(salon: Salon) -> None:
    made = block(salon)
    moved = salon.ask(ChangeBlock(made.id, 1, ends=salon.at("15:00")))
    assert (moved.starts, moved.ends, moved.version) == (salon.at("12:00"), salon.at("15:00"), 2)
    renamed = salon.ask(ChangeBlock(made.id, 2, reason="a longer meeting"))
    assert (renamed.reason, renamed.version) == ("a longer meeting", 3)
    assert salon.ask(ChangeBlock(made.id, 3)) == renamed
    for request in (ChangeBlock(made.id, 2, reason="another"), RemoveBlock(made.id, 2)):
        with pytest.raises(Stale):
            salon.ask(request)
    with pytest.raises(Conflict, match="slot_taken"):
        salon.book(salon.at("14:00"), master=salon.anna)
    assert salon.ask(RemoveBlock(made.id, 3)).id == made.id
    assert rows_of(salon, salon.anna.id) == 0
    salon.book(salon.at("14:00"), master=salon.anna)
    with pytest.raises(NotFound, match="block_not_found"):
        salon.ask(ShowBlock(made.id))


def test_a_block_of_a_room_takes_all_its_places(salon: Salon) -> None:
    room = salon.a_room(capacity=3)
    massage = salon.a_service("Massage", room_kinds=("room",))
    salon.renders(salon.anna, massage)
    salon.renders(salon.olga, massage)
    made = block(salon, room_id=room.id)
    assert rows_of(salon, room.id) == 3
    with pytest.raises(Conflict, match="slot_taken"):
        salon.book(salon.at("12:00"), massage)
    salon.ask(RemoveBlock(made.id, 1))
    salon.book(salon.at("12:00"), massage)
    with pytest.raises(Conflict, match="slot_taken"):
        block(salon, room_id=room.id)
    assert rows_of(salon, room.id) == 1


def test_a_room_that_grows_stays_blocked(salon: Salon) -> None:
    room = salon.a_room()
    made = block(salon, room_id=room.id)
    grown = salon.ask(ChangeRoom(room.id, room.version, capacity=2))
    assert rows_of(salon, room.id) == 2
    # Smaller again, it keeps what it has; and growing once more takes no place twice.
    small = salon.ask(ChangeRoom(room.id, grown.version, capacity=1))
    salon.ask(ChangeRoom(room.id, small.version, capacity=3))
    assert rows_of(salon, room.id) == 3
    salon.ask(RemoveBlock(made.id, 1))
    assert rows_of(salon, room.id) == 0


@pytest.mark.parametrize(
    ("starts", "ends", "code", "field"),
    [
        ("12:00", "12:00", "block_ends_early", "ends"),
        ("13:00", "12:00", "block_ends_early", "ends"),
    ],
)
def test_a_block_that_cannot_be_is_refused(salon: Salon, starts: str, ends: str, code: str, field: str) -> None:
    made = block(salon, "15:00", "16:00")
    with pytest.raises(Invalid, match=code) as refused:
        block(salon, starts, ends)
    assert field_of(refused.value) == field
    with pytest.raises(Invalid, match=code):
        salon.ask(ChangeBlock(made.id, 1, salon.at(starts), salon.at(ends)))
    far = datetime(2027, 1, 1, tzinfo=UTC)
    with pytest.raises(Invalid, match="block_too_long"):
        salon.ask(CreateBlock(salon.branch.id, far, far + timedelta(days=401), "a meeting", salon.anna.id))
    beyond = utc_now() + timedelta(days=1100)
    for times, field in (
        ((beyond, beyond + timedelta(hours=1)), "starts"),
        ((beyond - timedelta(days=100), beyond), "ends"),
    ):
        with pytest.raises(Invalid, match="date_out_of_range") as refused:
            salon.ask(CreateBlock(salon.branch.id, *times, "a meeting", salon.anna.id))
        assert field_of(refused.value) == field
    with pytest.raises(Invalid, match="reason_blank"):
        salon.ask(ChangeBlock(made.id, 1, reason=" "))
    assert salon.ask(ListBlocks()).items == (made,)


def test_what_a_block_names_must_be_there(salon: Salon) -> None:
    there = salon.a_room(branch=salon.a_branch("Sokol"))
    here = salon.a_room()
    for of, code, field in (
        ({"master_id": None}, "one_of_both", "master_id"),
        ({"master_id": salon.anna.id, "room_id": here.id}, "one_of_both", "master_id"),
        ({"master_id": UUID(int=1)}, "master_unknown", "master_id"),
        ({"room_id": UUID(int=1)}, "room_unknown", "room_id"),
        ({"room_id": there.id}, "room_unknown", "room_id"),
        ({"room_id": here.id, "branch_id": UUID(int=1)}, "branch_unknown", "branch_id"),
    ):
        with pytest.raises(Invalid, match=code) as refused:
            block(salon, **of)
        assert field_of(refused.value) == field


def test_blocks_are_listed_by_what_they_are_of_and_when(salon: Salon) -> None:
    room = salon.a_room()
    of_anna = block(salon)
    of_room = salon.ask(
        CreateBlock(salon.branch.id, salon.at("12:00", 3), salon.at("00:00", 5), "repairs", room_id=room.id)
    )
    elsewhere = salon.a_branch("Sokol")

    def day(days: int) -> Any:
        return salon.today + timedelta(days=days)

    for request, wanted in (
        (ListBlocks(), [of_anna, of_room]),
        (ListBlocks(salon.branch.id), [of_anna, of_room]),
        (ListBlocks(elsewhere.id), []),
        (ListBlocks(master_id=salon.anna.id), [of_anna]),
        (ListBlocks(room_id=room.id), [of_room]),
        (ListBlocks(from_=day(2)), [of_room]),
        (ListBlocks(from_=day(4), to=day(4)), [of_room]),
        (ListBlocks(from_=day(5)), []),
        (ListBlocks(to=day(2)), [of_anna]),
    ):
        assert list(salon.ask(request).items) == wanted
    page = salon.ask(ListBlocks(limit=1))
    assert list(salon.ask(ListBlocks(limit=1, cursor=page.next)).items) == [of_room]
    for request, code in (
        (ListBlocks(UUID(int=1)), "branch_not_found"),
        (ListBlocks(master_id=UUID(int=1)), "master_not_found"),
        (ListBlocks(room_id=UUID(int=1)), "room_not_found"),
    ):
        with pytest.raises(NotFound, match=code):
            salon.ask(request)
    with pytest.raises(Invalid, match="date_out_of_range"):
        salon.ask(ListBlocks(to=date.max))


def test_boris_may_not_and_masters_see_their_own(salon: Salon) -> None:
    made, other = block(salon), block(salon, master_id=salon.olga.id)
    for request in (ShowBlock(made.id), ChangeBlock(made.id, 1, reason="mine"), RemoveBlock(made.id, 1)):
        with pytest.raises(NotFound, match="block_not_found"):
            salon.ask(request, boris(*EVERY))
    with pytest.raises(NotFound, match="branch_not_found"):
        block(salon, caller=boris(*EVERY))
    assert salon.ask(ListBlocks(), boris(*EVERY)).items == ()
    login = UUID(int=77)
    own = a_user("blocks.read.own", id=login)
    assert salon.ask(ListBlocks(), own).items == ()
    salon.renders(salon.anna, salon.haircut, user_id=login)
    assert salon.ask(ListBlocks(), own).items == (made,)
    with pytest.raises(NotFound):
        salon.ask(ShowBlock(other.id), own)


def test_time_that_is_given_back_is_offered_to_those_who_wait(salon: Salon) -> None:
    made = block(salon)
    with salon.booking.session() as session:
        session.execute(
            insert(waiting_entries).values(
                id=new_id(),
                branch_id=salon.branch.id,
                client_id=CLARA,
                segments=[],
                earliest=salon.today,
                latest=salon.today + timedelta(days=60),
                created_at=utc_now(),
            )
        )
        session.commit()
    salon.ask(ChangeBlock(made.id, 1, starts=salon.at("13:00"), ends=salon.at("15:00")))
    salon.ask(RemoveBlock(made.id, 2))
    with salon.booking.session() as session:
        rows = session.execute(select(openings.c.starts, openings.c.ends).order_by(openings.c.id)).all()
    assert [(row.starts, row.ends) for row in rows] == [
        (salon.at("12:00"), salon.at("13:00")),
        (salon.at("13:00"), salon.at("15:00")),
    ]


def test_blocks_and_bookings_at_once_never_overlap(salon: Salon) -> None:
    segment = (WantedSegment(salon.haircut.id, salon.anna.id),)

    def attempt(number: int) -> object:
        if number % 3 == 0:
            return block(salon, "12:30", "13:30")
        starts = salon.at("12:00") + timedelta(minutes=15 * (number % 5))
        return salon.ask(BookAppointment(salon.branch.id, UUID(int=number + 1), starts, segment))

    results = together(12, attempt)
    assert len([each for each in results if isinstance(each, Block | Appointment)]) in (1, 2)
    assert {each.code for each in results if isinstance(each, Conflict)} <= {"slot_taken"}
    assert overlaps(salon) == 0
