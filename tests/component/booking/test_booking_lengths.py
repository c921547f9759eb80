"""A visit that takes longer, or less, than its services usually do: at the same price, and only if the desk says so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.database import new_id
from contracts.booking import BookAppointment, ChangeAppointment, HoldTime, Phase, PreviewChange, WantedSegment
from kernel.errors import Conflict, Invalid
from tests.builders import CLARA
from tests.component.booking.salon import Salon, field_of, overlaps


def lasting(salon: Salon, minutes: int, **more: object) -> tuple[WantedSegment, ...]:
    return (WantedSegment(salon.haircut.id, salon.anna.id, duration_minutes=minutes, **more),)  # type: ignore[arg-type]


def test_a_visit_is_made_longer_at_the_price_that_was_promised(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    seen = salon.ask(PreviewChange(made.id, made.version, segments=lasting(salon, 90)))
    assert (seen.starts, seen.ends, seen.due) == (made.starts, salon.at("13:30"), made.due)
    changed = salon.ask(ChangeAppointment(made.id, made.version, segments=lasting(salon, 90)))
    assert (changed.ends, changed.due) == (salon.at("13:30"), made.due)
    assert [part.id for part in changed.segments] == [part.id for part in made.segments]
    with pytest.raises(Conflict, match="slot_taken"):
        salon.book(salon.at("13:00"), master=salon.anna, client=new_id())


def test_a_visit_stays_as_long_as_it_was_made_when_it_is_moved(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    longer = salon.ask(ChangeAppointment(made.id, made.version, segments=lasting(salon, 90)))
    moved = salon.ask(ChangeAppointment(made.id, longer.version, starts=salon.at("14:00")))
    assert (moved.starts, moved.ends) == (salon.at("14:00"), salon.at("15:30"))


def test_what_a_shorter_visit_gives_up_is_free_for_others_at_once(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    salon.ask(ChangeAppointment(made.id, made.version, segments=lasting(salon, 30)))
    assert salon.book(salon.at("12:30"), master=salon.anna, client=new_id()).starts == salon.at("12:30")
    assert overlaps(salon) == 0


def test_it_is_not_made_longer_over_the_next_one(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    salon.book(salon.at("13:00"), master=salon.anna, client=new_id())
    with pytest.raises(Conflict, match="slot_taken"):
        salon.ask(PreviewChange(made.id, made.version, segments=lasting(salon, 65)))


def test_it_is_not_made_longer_than_the_shift(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    with pytest.raises((Conflict, Invalid), match=r"outside_shift|longer_than_shift"):
        salon.ask(ChangeAppointment(made.id, made.version, segments=lasting(salon, 24 * 60)))


def test_a_new_visit_may_be_as_long_as_the_desk_says(salon: Salon) -> None:
    made = salon.ask(BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), lasting(salon, 45)))
    assert made.ends - made.starts == timedelta(minutes=45)


def test_what_waits_within_a_service_waits_as_long_as_ever(salon: Salon) -> None:
    phases = (Phase(30), Phase(60, busy=False), Phase(30))
    colour = salon.a_service("Colour", 120, phases=phases)
    salon.renders(salon.anna, colour)
    wanted = (WantedSegment(colour.id, salon.anna.id, duration_minutes=150),)
    made = salon.ask(BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), wanted))
    assert made.segments[0].phases == (Phase(45), Phase(60, busy=False), Phase(45))


def test_a_hold_is_booked_as_long_as_it_was_held(salon: Salon) -> None:
    held = salon.ask(HoldTime(salon.branch.id, salon.at("12:00"), lasting(salon, 45)))
    other = BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), lasting(salon, 90), hold_id=held.id)
    with pytest.raises(Invalid, match="hold_differs"):
        salon.ask(other)
    assert salon.ask(replace(other, segments=lasting(salon, 45))).ends == salon.at("12:45")


def test_a_stranger_does_not_say_how_long_it_takes(salon: Salon) -> None:
    with pytest.raises(Invalid, match="duration_not_yours") as refused:
        salon.ask(HoldTime(salon.branch.id, salon.at("12:00"), lasting(salon, 600)), None)
    assert field_of(refused.value) == "segments.0.duration_minutes"


def test_a_group_is_as_long_as_its_event(salon: Salon) -> None:
    yoga = salon.a_service("Yoga", 60, capacity=8)
    salon.renders(salon.anna, yoga)
    wanted = (WantedSegment(yoga.id, salon.anna.id, duration_minutes=90),)
    with pytest.raises(Invalid, match="duration_of_group"):
        salon.ask(BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), wanted))
