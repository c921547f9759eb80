"""Giving what is booked to another master: a right of its own beside that to edit, and the history tells it."""

import pytest

from contracts.booking import (
    TRANSFER,
    ChangeAppointment,
    PreviewChange,
    ShowHistory,
    WantedSegment,
)
from kernel.errors import Forbidden
from tests.builders import boris
from tests.component.booking.salon import Salon

EDITS = ("appointments.read", "appointments.edit")


def given(salon: Salon, *masters: object) -> tuple[WantedSegment, ...]:
    return tuple(WantedSegment(salon.haircut.id, one.id) for one in masters)  # type: ignore[attr-defined]


def test_editing_alone_gives_nothing_to_another_master(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    here = salon.works_here(*EDITS)
    for kind in (PreviewChange, ChangeAppointment):
        with pytest.raises(Forbidden, match="permission_missing"):
            salon.ask(kind(made.id, made.version, segments=given(salon, salon.olga)), here)
    assert salon.show(made).segments[0].master_id == salon.anna.id
    moved = salon.ask(ChangeAppointment(made.id, made.version, starts=salon.at("15:00")), here)
    longer = (WantedSegment(salon.haircut.id, salon.anna.id, duration_minutes=90),)
    assert salon.ask(ChangeAppointment(made.id, moved.version, segments=longer), here).version == moved.version + 1


def test_who_may_transfer_gives_it_away_and_back_and_the_history_has_both(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    here = salon.works_here(*EDITS, TRANSFER)
    there = salon.ask(ChangeAppointment(made.id, made.version, segments=given(salon, salon.olga)), here)
    assert there.segments[0].master_id == salon.olga.id
    back = salon.ask(ChangeAppointment(made.id, there.version, segments=given(salon, salon.anna)), here)
    assert back.segments[0].master_id == salon.anna.id
    entries = salon.ask(ShowHistory(made.id)).items[1:]
    assert [entry.change for entry in entries] == ["changed", "changed"]
    assert all(
        str(salon.olga.id) in str(entry.details) and str(salon.anna.id) in str(entry.details) for entry in entries
    )
    assert {entry.caller for entry in entries} == {str(here.id)}


def test_a_service_that_is_added_or_left_out_is_no_transfer(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    here = salon.works_here(*EDITS)
    more = salon.ask(ChangeAppointment(made.id, made.version, segments=given(salon, salon.anna, salon.olga)), here)
    assert [part.master_id for part in more.segments] == [salon.anna.id, salon.olga.id]
    less = salon.ask(ChangeAppointment(made.id, more.version, segments=given(salon, salon.anna)), here)
    assert [part.master_id for part in less.segments] == [salon.anna.id]


def test_to_transfer_without_editing_is_nothing(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    asked = ChangeAppointment(made.id, made.version, segments=given(salon, salon.olga))
    for caller in (salon.works_here(TRANSFER), boris(TRANSFER)):
        with pytest.raises(Forbidden, match="permission_missing"):
            salon.ask(asked, caller)


def test_with_own_only_what_is_the_callers_goes_to_others(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    stranger = salon.works_here(*EDITS, f"{TRANSFER}.own")
    asked = ChangeAppointment(made.id, made.version, segments=given(salon, salon.olga))
    with pytest.raises(Forbidden, match="permission_missing"):
        salon.ask(asked, stranger)
    salon.renders(salon.anna, salon.haircut, user_id=stranger.id)
    assert salon.ask(asked, stranger).segments[0].master_id == salon.olga.id
