"""Group events that move or are cancelled, and what becomes of those who joined."""

from datetime import timedelta

import pytest

from contracts.booking import (
    AppointmentCancelled,
    AppointmentChanged,
    CancelAppointment,
    CancelGroupEvent,
    ChangeAppointment,
    ChangeGroupEvent,
    ChangeMaster,
    ChangeService,
)
from kernel.errors import Conflict, Invalid, Refusal, Stale
from tests.component.booking.salon import Salon, field_of, overlaps, together
from tests.component.booking.studio import Studio, clients


@pytest.fixture
def studio(salon: Salon) -> Studio:
    return Studio(salon)


def test_a_moved_event_takes_everybody_along(studio: Studio) -> None:
    """Each appointment has its history, its event and its new time; the old time is free for others."""
    event = studio.plan()
    one, two = (studio.join(client) for client in clients(2))
    gone = studio.join(clients(3)[2])
    studio.ask(CancelAppointment(gone.id, "ill"))
    moved = studio.ask(ChangeGroupEvent(event.id, 1, starts=studio.salon.at("15:00")))
    assert (moved.starts, moved.places_left, moved.version) == (studio.salon.at("15:00"), 1, 2)
    for made in (one, two):
        now = studio.salon.show(made)
        assert (now.starts, now.segments[0].starts, now.version) == (moved.starts, moved.starts, made.version + 1)
        assert now.segments[0].price == made.segments[0].price
    assert studio.salon.show(gone).starts == event.starts
    assert {told.appointment_id for told in studio.salon.booking.announced(AppointmentChanged)} == {one.id, two.id}
    assert studio.salon.book(master=studio.salon.anna, client=clients(1)[0]).starts == event.starts
    with pytest.raises(Conflict, match="slot_taken"):
        studio.salon.book(studio.salon.at("15:30"), master=studio.salon.anna)
    with pytest.raises(Stale):
        studio.ask(ChangeGroupEvent(event.id, 1, capacity=2))
    assert overlaps(studio.salon) == 0


def test_an_event_may_move_over_its_own_time(studio: Studio) -> None:
    event = studio.plan()
    made = studio.join()
    assert studio.ask(ChangeGroupEvent(event.id, 1, starts=studio.salon.at("12:30"))).starts == studio.salon.at("12:30")
    assert studio.salon.show(made).starts == studio.salon.at("12:30")


def test_an_event_given_to_another_master_takes_their_time(studio: Studio) -> None:
    olga = studio.salon.olga
    event = studio.plan()
    made = studio.join()
    with pytest.raises(Invalid, match="master_lacks_service") as refused:
        studio.ask(ChangeGroupEvent(event.id, 1, master_id=olga.id))
    assert field_of(refused.value) == "master_id"
    studio.ask(ChangeMaster(olga.id, olga.version, service_ids=(*olga.service_ids, studio.yoga.id)))
    assert studio.ask(ChangeGroupEvent(event.id, 1, master_id=olga.id)).master_id == olga.id
    assert studio.salon.show(made).segments[0].master_id == olga.id
    assert studio.salon.show(made).lines[0].master_id == olga.id
    assert studio.salon.book(master=studio.salon.anna, client=clients(1)[0]).status == "booked"
    with pytest.raises(Conflict, match="slot_taken"):
        studio.salon.book(master=olga, client=clients(1)[0])


def test_an_event_does_not_move_onto_somebody_who_is_busy(studio: Studio) -> None:
    """Nor onto the master's other work; nothing has moved then."""
    event = studio.plan()
    made = studio.join()
    other = studio.salon.book(studio.salon.at("15:30"), master=studio.salon.olga)
    with pytest.raises(Conflict, match="client_busy") as refused:
        studio.ask(ChangeGroupEvent(event.id, 1, starts=studio.salon.at("15:00")))
    assert [each["appointment_id"] for each in refused.value.details["conflicts"]] == [str(made.id)]
    studio.ask(CancelAppointment(other.id, "moved"))
    studio.salon.book(studio.salon.at("15:30"), master=studio.salon.anna, client=clients(1)[0])
    with pytest.raises(Conflict, match="slot_taken"):
        studio.ask(ChangeGroupEvent(event.id, 1, starts=studio.salon.at("15:00")))
    assert studio.show(event) == event.__class__(**{**vars(event), "places_left": 2})
    assert studio.salon.show(made) == made


def test_an_event_never_has_fewer_places_than_are_taken(studio: Studio) -> None:
    event = studio.plan()
    for client in clients(2):
        studio.join(client)
    with pytest.raises(Conflict, match="places_taken"):
        studio.ask(ChangeGroupEvent(event.id, 1, capacity=1))
    with pytest.raises(Invalid, match="capacity_too_large"):
        studio.ask(ChangeGroupEvent(event.id, 1, capacity=4))
    assert studio.ask(ChangeGroupEvent(event.id, 1, capacity=2)).places_left == 0


def test_a_cancelled_event_cancels_all_who_joined(studio: Studio) -> None:
    """With the reason; the master and the room are free, and nobody joins any more."""
    event = studio.plan()
    made = [studio.join(client) for client in clients(2)]
    cancelled = studio.ask(CancelGroupEvent(event.id, "Anna is ill"))
    assert (cancelled.status, cancelled.version) == ("cancelled", 2)
    for each in made:
        now = studio.salon.show(each)
        assert (now.status, now.reason, now.cancelled_by) == ("cancelled", "Anna is ill", "staff")
    assert len(studio.salon.booking.announced(AppointmentCancelled)) == 2
    assert studio.salon.book(master=studio.salon.anna).status == "booked"
    with pytest.raises(Conflict, match="no_group_event"):
        studio.join(clients(1)[0])
    for request in (CancelGroupEvent(event.id, "again"), ChangeGroupEvent(event.id, 2, capacity=2)):
        with pytest.raises(Conflict, match="wrong_status"):
            studio.ask(request)


def test_joining_moving_and_cancelling_at_once_keep_the_count(studio: Studio) -> None:
    """Whatever meets: every place that is taken has somebody on it, and no deadlock surfaces."""
    yoga = studio.ask(ChangeService(studio.yoga.id, studio.yoga.version, capacity=10))
    events = [studio.plan(studio.salon.at(clock), service_id=yoga.id) for clock in ("10:00", "12:00", "14:00")]
    people = clients(24)
    made = [studio.join(client, events[number % 3].starts) for number, client in enumerate(people[:12])]

    def attempt(number: int) -> object:
        mine = made[number % 12]
        match number % 4:
            case 0:
                return studio.ask(ChangeAppointment(mine.id, 1, starts=events[(number + 1) % 3].starts))
            case 1:
                return studio.ask(CancelAppointment(mine.id, "no"))
            case 2:
                clock = ("10:00", "12:00", "14:00")[number % 3]
                starts = studio.salon.at(clock) + timedelta(minutes=15)
                return studio.ask(ChangeGroupEvent(events[number % 3].id, 1, starts=starts))
        return studio.join(people[12 + number % 12], events[number % 3].starts)

    codes = {each.code for each in together(24, attempt) if isinstance(each, Refusal)}
    assert codes <= {"version_stale", "wrong_status", "no_group_event", "client_busy", "group_full", "slot_taken"}
    assert studio.places_add_up()
    assert overlaps(studio.salon) == 0
