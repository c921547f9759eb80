"""Group events: planning them, joining them, and going to another one."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from contracts.booking import (
    AddToWaitingList,
    Appointment,
    AppointmentBooked,
    AppointmentChanged,
    BookSeries,
    CancelAppointment,
    CancelGroupEvent,
    ChangeAppointment,
    ChangeGroupEvent,
    ChangeMaster,
    ChangeService,
    CreateGroupEvent,
    CreateRoom,
    HoldTime,
    ListGroupEvents,
    Rule,
    ShowGroupEvent,
    WantedSegment,
)
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from services.booking.tables import busy
from tests.builders import CLARA, boris
from tests.component.booking.salon import Salon, field_of, roubles, together
from tests.component.booking.studio import Studio, clients


@pytest.fixture
def studio(salon: Salon) -> Studio:
    return Studio(salon)


# --- planning -------------------------------------------------------------------------------------------------------


def test_an_event_takes_its_master_and_the_whole_room(studio: Studio) -> None:
    """Neither somebody's haircut nor another class finds a place there, whoever gives it."""
    event = studio.plan()
    assert (event.capacity, event.places_left, event.status, event.version) == (3, 3, "planned", 1)
    assert event.ends - event.starts == timedelta(hours=1)
    assert event.starts.utcoffset() == studio.salon.at("12:00").utcoffset()
    assert event.room_id == studio.hall.id
    assert studio.show(event) == event
    with pytest.raises(Conflict, match="slot_taken"):
        studio.salon.book(studio.salon.at("12:30"), master=studio.salon.anna)
    studio.salon.book(studio.salon.at("11:00"), master=studio.salon.olga)
    olga = studio.salon.olga
    studio.ask(ChangeMaster(olga.id, olga.version, service_ids=(*olga.service_ids, studio.yoga.id)))
    with pytest.raises(Conflict, match="room_taken"):
        studio.plan(studio.salon.at("12:00"), master_id=olga.id)
    with studio.salon.booking.session() as session:
        assert len(session.scalars(select(busy.c.id).where(busy.c.resource_id == studio.hall.id)).all()) == 2


def test_an_event_may_have_fewer_places_than_the_service(studio: Studio) -> None:
    assert studio.plan(capacity=2).places_left == 2


def test_a_room_of_which_a_place_is_taken_is_passed_over(studio: Studio) -> None:
    """An event wants a room of its own: the smaller one in which somebody sits already will not do."""
    bed = studio.salon.a_service("Massage", 60, room_kinds=("hall",))
    olga = studio.salon.olga
    studio.ask(ChangeMaster(olga.id, olga.version, service_ids=(*olga.service_ids, bed.id)))
    studio.salon.book(studio.salon.at("12:00"), bed, master=olga)
    with pytest.raises(Conflict, match="room_taken") as refused:
        studio.plan()
    assert refused.value.details["conflicts"]
    big = studio.ask(CreateRoom(studio.salon.branch.id, "Big hall", capacity=3, kind="hall"))
    assert studio.plan().room_id == big.id


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"branch_id": UUID(int=1)}, "branch_id", "branch_unknown"),
        ({"service_id": UUID(int=1)}, "service_id", "service_unknown"),
        ({"master_id": UUID(int=1)}, "master_id", "master_unknown"),
        ({"room_id": UUID(int=1)}, "room_id", "room_unknown"),
        ({"capacity": 4}, "capacity", "capacity_too_large"),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(studio: Studio, said: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Invalid, match=code) as refused:
        studio.plan(**said)
    assert field_of(refused.value) == field
    assert studio.ask(ListGroupEvents()).items == ()


def test_who_and_what_has_to_fit(studio: Studio) -> None:
    """A service for one, a master who does not give the class, a time when nobody works, the past, the far future."""
    salon = studio.salon
    for said, field, code in (
        ({"service_id": salon.haircut.id}, "service_id", "service_not_group"),
        ({"master_id": salon.olga.id}, "master_id", "master_lacks_service"),
        ({"starts": salon.at("12:00", -1)}, "starts", "slot_in_past"),
        ({"starts": salon.at("12:00", 200)}, "starts", "outside_horizon"),
    ):
        with pytest.raises(Invalid, match=code) as refused:
            studio.plan(**said)
        assert field_of(refused.value) == field
    with pytest.raises(Conflict, match="outside_shift"):
        studio.plan(salon.at("07:00"))
    studio.ask(ChangeService(studio.yoga.id, studio.yoga.version, active=False))
    with pytest.raises(Invalid, match="service_inactive"):
        studio.plan()


def test_a_busy_master_refuses_with_what_is_in_the_way(studio: Studio) -> None:
    made = studio.salon.book(studio.salon.at("12:30"), master=studio.salon.anna)
    with pytest.raises(Conflict, match="slot_taken") as refused:
        studio.plan()
    assert [each["appointment_id"] for each in refused.value.details["conflicts"]] == [str(made.id)]
    (conflict,) = refused.value.details["conflicts"]
    said = [datetime.fromisoformat(conflict[end]).isoformat() for end in ("starts", "ends")]
    assert said == [made.starts.isoformat(), made.ends.isoformat()]  # by the clocks of the branch


def test_events_are_listed_by_their_start(studio: Studio) -> None:
    second, first = studio.plan(studio.salon.at("15:00")), studio.plan(studio.salon.at("10:00"))
    later = studio.plan(studio.salon.at("10:00", 3))
    page = studio.ask(ListGroupEvents(branch_id=studio.salon.branch.id, limit=2))
    assert page.items == (first, second)
    assert studio.ask(ListGroupEvents(limit=2, cursor=page.next)).items == (later,)
    day = studio.salon.today + timedelta(days=3)
    assert studio.ask(ListGroupEvents(from_=day, to=day)).items == (later,)


def test_boris_may_not(studio: Studio) -> None:
    """An event of another branch is not there for him; a master with `.own` sees the classes that they give."""
    event = studio.plan()
    words = ("group_events.read", "group_events.create", "group_events.edit")
    for request in (
        ShowGroupEvent(event.id),
        ChangeGroupEvent(event.id, 1, capacity=2),
        CancelGroupEvent(event.id, "no"),
        ListGroupEvents(branch_id=event.branch_id),
        CreateGroupEvent(event.branch_id, event.service_id, event.master_id, studio.salon.at("15:00")),
    ):
        with pytest.raises(NotFound):
            studio.ask(request, boris(*words))
        with pytest.raises(Forbidden):
            studio.ask(request, boris("branches.read"))
    assert studio.ask(ListGroupEvents(), boris(*words)).items == ()
    user = UUID(int=0xA11A)
    anna = studio.ask(ChangeMaster(studio.anna.id, studio.anna.version, user_id=user))
    seen = studio.ask(ListGroupEvents(), studio.salon.works_here("group_events.read.own", id=user))
    assert [each.master_id for each in seen.items] == [anna.id]
    assert studio.ask(ListGroupEvents(), studio.salon.works_here("group_events.read.own")).items == ()


# --- joining --------------------------------------------------------------------------------------------------------


def test_booking_the_service_joins_the_event(studio: Studio) -> None:
    """One segment at the event's time and on its terms; only the client is taken by it."""
    event = studio.plan()
    made = studio.join()
    (part,) = made.segments
    assert made.group_event_id == event.id
    assert (part.master_id, part.starts, part.ends) == (event.master_id, event.starts, event.ends)
    assert (part.price, part.room_id, made.total) == (roubles(90_000), studio.hall.id, roubles(90_000))
    assert studio.show(event).places_left == 2
    assert studio.salon.booking.announced(AppointmentBooked)[-1].group_event_id == event.id
    with studio.salon.booking.session() as session:
        rows = session.execute(select(busy.c.resource_kind).where(busy.c.appointment_id == made.id)).scalars()
        assert list(rows) == ["client"]
    with pytest.raises(Conflict, match="client_busy"):
        studio.join()
    assert studio.show(event).places_left == 2


def test_a_full_event_refuses_with_others_that_have_places(studio: Studio) -> None:
    event, other = studio.plan(capacity=1), studio.plan(studio.salon.at("15:00"))
    studio.plan(studio.salon.at("17:00", 1), capacity=1)
    studio.join(clients(3)[2], studio.salon.at("17:00"))
    studio.join()
    with pytest.raises(Conflict, match="group_full") as refused:
        studio.join(clients(1)[0])
    assert [each["starts"] for each in refused.value.details["alternatives"]] == [other.starts.isoformat()]
    assert studio.show(event).places_left == 0


def test_where_no_event_is_planned_there_is_nothing_to_join(studio: Studio) -> None:
    other = studio.plan(studio.salon.at("15:00"))
    with pytest.raises(Conflict, match="no_group_event") as refused:
        studio.join()
    assert [each["starts"] for each in refused.value.details["alternatives"]] == [other.starts.isoformat()]


def test_one_of_two_events_is_joined_by_its_id_or_its_master(studio: Studio) -> None:
    """Of two at the same time that nobody names it is the emptier one."""
    olga = studio.salon.olga
    studio.ask(ChangeMaster(olga.id, olga.version, service_ids=(*olga.service_ids, studio.yoga.id)))
    studio.ask(CreateRoom(studio.salon.branch.id, "Second hall", kind="hall"))
    first, second = studio.plan(), studio.plan(master_id=olga.id, capacity=2)
    one, two, three, four = clients(4)
    assert studio.join(one, group_event_id=second.id).group_event_id == second.id
    assert studio.join(two, master=olga).group_event_id == second.id
    assert studio.join(three).group_event_id == first.id
    with pytest.raises(Conflict, match="group_full"):
        studio.join(four, group_event_id=second.id)
    for event_id, starts, code in (
        (UUID(int=1), "12:00", "group_event_unknown"),
        (first.id, "13:00", "group_event_differs"),
    ):
        with pytest.raises(Invalid, match=code) as refused:
            studio.join(four, studio.salon.at(starts), group_event_id=event_id)
        assert field_of(refused.value) == "group_event_id"
    with pytest.raises(Invalid, match="group_event_differs"):
        studio.salon.book(studio.salon.at("12:00"), client=four, group_event_id=first.id)


def test_a_group_service_is_booked_alone(studio: Studio) -> None:
    studio.plan()
    with pytest.raises(Invalid, match="group_service_alone") as refused:
        studio.salon.book(studio.salon.at("12:00"), studio.yoga, studio.salon.haircut)
    assert field_of(refused.value) == "segments.0.service_id"


def test_nobody_holds_or_waits_for_a_place_or_repeats_it(studio: Studio) -> None:
    """A group takes place when it was planned, so there is nothing of it to hold or to be offered."""
    salon, wanted = studio.salon, (WantedSegment(studio.yoga.id),)
    studio.plan()
    daily = Rule("DAILY", count=2)
    for request in (
        HoldTime(salon.branch.id, salon.at("12:00"), wanted),
        BookSeries(salon.branch.id, CLARA, salon.at("12:00"), wanted, daily),
        AddToWaitingList(salon.branch.id, CLARA, wanted, salon.today, salon.today),
    ):
        with pytest.raises(Invalid) as refused:
            studio.ask(request)
        assert field_of(refused.value) == "segments.0.service_id"


def test_fifty_who_join_ten_places_are_ten(studio: Studio) -> None:
    """The places are counted down on the event's own row: the eleventh never gets one."""
    yoga = studio.ask(ChangeService(studio.yoga.id, studio.yoga.version, capacity=10))
    event = studio.plan(service_id=yoga.id)
    everybody = clients(50)
    outcomes = together(50, lambda number: studio.join(everybody[number]))
    joined = [each for each in outcomes if isinstance(each, Appointment)]
    refused = [each for each in outcomes if isinstance(each, Refusal)]
    assert len(joined) == 10
    assert {each.code for each in refused} == {"group_full"}
    assert studio.show(event).places_left == 0
    assert studio.places_add_up()


def test_who_cancels_gives_the_place_back(studio: Studio) -> None:
    event = studio.plan(capacity=1)
    made = studio.join()
    studio.ask(CancelAppointment(made.id, "ill"))
    assert studio.show(event).places_left == 1
    assert studio.join(clients(1)[0]).group_event_id == event.id


def test_who_moves_changes_events(studio: Studio) -> None:
    """To another event of the service, at the price that was promised; where there is none, nothing changes."""
    first, second = studio.plan(), studio.plan(studio.salon.at("15:00"))
    made = studio.join()
    with pytest.raises(Conflict, match="no_group_event"):
        studio.ask(ChangeAppointment(made.id, made.version, starts=studio.salon.at("16:00")))
    moved = studio.ask(ChangeAppointment(made.id, made.version, starts=second.starts))
    assert (moved.group_event_id, moved.starts, moved.ends) == (second.id, second.starts, second.ends)
    assert [part.id for part in moved.segments] == [part.id for part in made.segments]
    assert (studio.show(first).places_left, studio.show(second).places_left) == (3, 2)
    assert studio.salon.booking.announced(AppointmentChanged)[-1].group_event_id == second.id
    alone = studio.ask(
        ChangeAppointment(
            made.id, moved.version, segments=(WantedSegment(studio.salon.haircut.id, studio.salon.olga.id),)
        )
    )
    assert alone.group_event_id is None
    assert studio.show(second).places_left == 3
    back = studio.ask(
        ChangeAppointment(made.id, alone.version, starts=first.starts, segments=(WantedSegment(studio.yoga.id),))
    )
    assert back.group_event_id == first.id
    assert studio.show(first).places_left == 2
    assert studio.salon.book(second.starts, master=studio.salon.olga).starts == second.starts
    assert studio.places_add_up()
