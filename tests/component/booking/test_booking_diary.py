"""Taking time: who gets it, who is refused and with what advice, and fifty who want the same."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from contracts.booking import (
    AppointmentBooked,
    AppointmentChanged,
    BookAppointment,
    CancelAppointment,
    ChangeAppointment,
    ChangeMaster,
    ChangeService,
    ListAppointments,
    MarkNoShow,
    WantedSegment,
)
from contracts.clients import CheckClient, ClientRegistered, ClientStanding
from kernel.errors import Conflict, Invalid, NotFound, Refusal, Stale, Unavailable
from kernel.time import Interval
from services.booking.domain.wish import Piece
from services.booking.tables import busy
from services.booking.usecases.diary import Owner, lock, occupy
from tests.builders import CLARA, OWNER, boris
from tests.component.booking.salon import Salon, field_of, overlaps, roubles, together

DORA = UUID("0190a000-0000-7000-8000-00000000000d")


def clients(count: int) -> list[UUID]:
    return [UUID(int=0x0190B << 108 | number) for number in range(1, count + 1)]


def test_a_free_time_is_taken(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), channel="phone", comment="prefers the window")
    assert made.status == "booked"
    assert made.ends - made.starts == timedelta(hours=1)
    assert made.starts.utcoffset() == salon.at("12:00").utcoffset()
    assert made.channel == "phone"
    assert made.comment == "prefers the window"
    assert made.total == made.due == roubles(250_000)
    assert made.lines[0].segment_id == made.segments[0].id
    (told,) = salon.booking.announced(AppointmentBooked)
    assert told.appointment_id == made.id
    assert told.local_date == salon.at("12:00").date()
    assert told.version == made.version == 1
    assert b"window" not in salon.booking.dispatcher.answer(b"{}")
    assert salon.show(made) == made


def test_what_is_said_about_a_client_is_not_kept_in_clear(salon: Salon) -> None:
    salon.book(comment="allergic to henna")
    with salon.booking.session() as session:
        from services.booking.tables import appointments

        kept = session.scalar(select(appointments.c.comment))
    assert kept and b"henna" not in kept


def test_a_taken_time_is_refused_with_the_nearest_others(salon: Salon) -> None:
    salon.book(salon.at("12:00"), master=salon.anna)
    with pytest.raises(Conflict) as refused:
        salon.book(salon.at("12:30"), master=salon.anna, client=DORA)
    assert refused.value.code == "slot_taken"
    offered = refused.value.details["alternatives"]
    assert [slot["starts"][11:16] for slot in offered] == ["11:00", "13:00", "13:15", "13:30", "13:45"]
    assert all(slot["master_ids"] == [str(salon.anna.id)] for slot in offered)
    taken = datetime.fromisoformat(offered[1]["starts"])
    assert salon.book(taken, master=salon.anna, client=DORA).starts == taken


def test_anybody_means_the_next_who_is_free(salon: Salon) -> None:
    first, second = salon.book(client=CLARA), salon.book(client=DORA)
    assert {first.segments[0].master_id, second.segments[0].master_id} == {salon.anna.id, salon.olga.id}
    with pytest.raises(Conflict, match="slot_taken"):
        salon.book(client=clients(1)[0])


def test_a_client_is_in_one_place_at_a_time(salon: Salon) -> None:
    salon.book(salon.at("12:00"), master=salon.anna)
    with pytest.raises(Conflict, match="client_busy") as refused:
        salon.book(salon.at("12:30"), master=salon.olga)
    assert refused.value.details["alternatives"][0]["starts"][11:16] not in ("12:00", "12:30", "12:45")


def test_neighbours_touch_but_buffers_do_not_overlap(salon: Salon) -> None:
    colour = salon.a_service("Colour", 30, buffer_before_minutes=10, buffer_after_minutes=20)
    salon.ask(ChangeMaster(salon.anna.id, salon.anna.version, service_ids=(salon.haircut.id, colour.id)))
    salon.book(salon.at("12:00"), colour, master=salon.anna)
    for starts in ("10:55", "12:45"):
        with pytest.raises(Conflict, match="slot_taken"):
            salon.book(salon.at(starts), master=salon.anna, client=DORA)
    salon.book(salon.at("10:50"), master=salon.anna, client=DORA)
    salon.book(salon.at("12:50"), master=salon.anna, client=DORA)


def test_buffers_lie_inside_the_shift(salon: Salon) -> None:
    colour = salon.a_service("Colour", 30, buffer_before_minutes=10)
    salon.ask(ChangeMaster(salon.anna.id, salon.anna.version, service_ids=(colour.id,)))
    with pytest.raises(Conflict, match="outside_shift"):
        salon.book(salon.at("09:05"), colour)
    assert salon.book(salon.at("09:10"), colour).segments[0].master_id == salon.anna.id


def test_a_visit_of_several_services_never_meets_itself(salon: Salon) -> None:
    colour = salon.a_service("Colour", 30, buffer_before_minutes=10, buffer_after_minutes=20)
    salon.ask(ChangeMaster(salon.anna.id, salon.anna.version, service_ids=(salon.haircut.id, colour.id)))
    made = salon.book(salon.at("12:00"), colour, salon.haircut, colour, master=salon.anna)
    assert [part.starts.strftime("%H:%M") for part in made.segments] == ["12:00", "12:30", "13:30"]
    moved = salon.ask(ChangeAppointment(made.id, made.version, starts=salon.at("12:15")))
    assert moved.starts == salon.at("12:15")
    assert [part.id for part in moved.segments] == [part.id for part in made.segments]
    assert moved.version == 2


def test_one_person_takes_the_whole_visit_if_somebody_can(salon: Salon) -> None:
    manicure = salon.a_service("Manicure", 45)
    salon.ask(ChangeMaster(salon.olga.id, salon.olga.version, service_ids=(salon.haircut.id, manicure.id)))
    made = salon.book(salon.at("12:00"), salon.haircut, manicure)
    assert {part.master_id for part in made.segments} == {salon.olga.id}
    other = salon.book(salon.at("12:00"), salon.haircut, client=DORA)
    assert other.segments[0].master_id == salon.anna.id


@pytest.mark.parametrize(
    ("clock", "days", "code", "kind"),
    [
        ("08:45", 1, "outside_shift", Conflict),
        ("20:30", 1, "outside_shift", Conflict),
        ("12:00", 40, "outside_shift", Conflict),
        ("09:00", 0, "slot_in_past", Invalid),
        ("12:00", -3, "slot_in_past", Invalid),
    ],
)
def test_a_time_that_nobody_has_is_refused(salon: Salon, clock: str, days: int, code: str, kind: type[Refusal]) -> None:
    with pytest.raises(kind, match=code):
        salon.book(salon.at(clock, days))


def test_what_a_booking_names_has_to_be_there(salon: Salon) -> None:
    right = BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), (WantedSegment(salon.haircut.id),))
    manicure = salon.a_service("Manicure")
    retired = salon.a_service("Perm", active=False)
    for wrong, code, field in (
        (replace(right, branch_id=CLARA), "branch_unknown", "branch_id"),
        (replace(right, segments=(WantedSegment(CLARA),)), "service_unknown", "segments.0.service_id"),
        (replace(right, segments=(WantedSegment(retired.id),)), "service_inactive", "segments.0.service_id"),
        (replace(right, segments=(WantedSegment(salon.haircut.id, CLARA),)), "master_unknown", "segments.0.master_id"),
        (replace(right, segments=(WantedSegment(manicure.id, salon.anna.id),)), "master_lacks_service",
         "segments.0.master_id"),
        (replace(right, starts=salon.at("12:00") + timedelta(seconds=1)), "start_not_whole_minute", "starts"),
        (replace(right, starts=salon.at("12:00").replace(tzinfo=None)), "offset_missing", "starts"),
        (replace(right, starts=datetime.max.replace(microsecond=0, tzinfo=salon.tz)), "time_out_of_range", "starts"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=code) as refused:
            salon.ask(wrong)
        assert field_of(refused.value) == field
    assert salon.told() == []


def test_boris_may_not_book_see_or_change_here(salon: Salon) -> None:
    elsewhere = salon.a_branch("Elsewhere")
    words = ("appointments.create", "appointments.read", "appointments.edit", "appointments.cancel")
    him = boris(*words, branch_ids=frozenset({elsewhere.id}))
    with pytest.raises(NotFound, match="branch_not_found"):
        salon.book(caller=him)
    made = salon.book()
    for request in (
        ChangeAppointment(made.id, 1, starts=salon.at("13:00")),
        CancelAppointment(made.id, "none of his business"),
        MarkNoShow(made.id),
    ):
        with pytest.raises(NotFound, match="appointment_not_found"):
            salon.ask(request, him)
    with pytest.raises(NotFound):
        salon.show(made, him)
    assert salon.ask(ListAppointments(), him).items == ()
    with pytest.raises(NotFound, match="branch_not_found"):
        salon.ask(ListAppointments(branch_id=salon.branch.id), him)


# --- clients --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["unknown", "erased"])
def test_somebody_who_is_not_a_client_cannot_be_booked(salon: Salon, state: str) -> None:
    salon.booking.others.answers[CheckClient] = lambda request: ClientStanding(request.id, state)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="client_unknown") as refused:
        salon.book()
    assert field_of(refused.value) == "client_id"


def test_a_client_of_other_branches_cannot_be_booked(salon: Salon) -> None:
    """Else an appointment would be a way to look into a card that the caller may not see."""
    elsewhere = salon.a_branch("Elsewhere")
    here = salon.works_here("appointments.create")
    at_home = {CLARA: elsewhere.id, DORA: salon.branch.id}
    salon.booking.others.answers[CheckClient] = lambda request: ClientStanding(
        request.id, "active", at_home.get(request.id)
    )
    with pytest.raises(NotFound, match="client_not_found"):
        salon.book(caller=here)
    salon.book(salon.at("10:00"), client=DORA, caller=here)
    salon.book(salon.at("12:00"))  # by the owner; from now on Clara is one of this branch, too
    salon.book(salon.at("15:00"), caller=here)
    nobodys = clients(1)[0]
    salon.book(salon.at("17:00"), client=nobodys, caller=here)
    him = boris("appointments.create", branch_ids=frozenset({elsewhere.id}))
    with pytest.raises(NotFound, match="client_not_found"):
        salon.ask(BookAppointment(elsewhere.id, nobodys, salon.at("18:00"), (WantedSegment(salon.haircut.id),)), him)


def test_a_client_can_be_booked_where_a_card_of_theirs_was_at_home(salon: Salon) -> None:
    """Two cards were made one, and the other one had its home here."""
    elsewhere = salon.a_branch("Elsewhere")
    salon.booking.others.answers[CheckClient] = lambda request: ClientStanding(
        request.id, "active", elsewhere.id, were_homes=(salon.branch.id,)
    )
    assert salon.book(caller=salon.works_here("appointments.create")).client_id == CLARA


def test_while_clients_is_away_those_are_booked_of_whom_booking_has_heard(salon: Salon) -> None:
    del salon.booking.others.answers[CheckClient]
    with pytest.raises(Unavailable):
        salon.book()
    now = salon.at("00:00", -1)
    salon.booking.deliver(ClientRegistered(CLARA, 1, "phone", None, None, now, now))
    assert salon.book().client_id == CLARA


# --- changing -------------------------------------------------------------------------------------------------------


def test_a_move_frees_the_old_time_and_takes_the_new(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    moved = salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("12:30")))
    assert (moved.starts, moved.ends) == (salon.at("12:30"), salon.at("13:30"))
    assert moved.segments[0].id == made.segments[0].id
    salon.book(salon.at("11:30"), master=salon.anna, client=DORA)
    with pytest.raises(Conflict, match="slot_taken"):
        salon.ask(ChangeAppointment(made.id, 2, starts=salon.at("12:15")))
    assert salon.show(made) == moved
    assert [event.version for event in salon.booking.announced(AppointmentChanged)] == [2]


def test_other_services_are_priced_anew(salon: Salon) -> None:
    manicure = salon.a_service("Manicure", 45, price=100_000)
    salon.ask(ChangeMaster(salon.olga.id, salon.olga.version, service_ids=(salon.haircut.id, manicure.id)))
    made = salon.book()
    salon.loyalty_says(10)
    wanted = (WantedSegment(salon.haircut.id), WantedSegment(manicure.id))
    changed = salon.ask(ChangeAppointment(made.id, 1, segments=wanted))
    assert changed.ends == salon.at("13:45")
    assert (changed.total.amount, changed.discount.amount, changed.due.amount) == (350_000, 35_000, 315_000)
    assert [line.segment_id for line in changed.lines] == [part.id for part in changed.segments]


def test_a_booked_price_outlives_a_change_of_the_catalogue(salon: Salon) -> None:
    made = salon.book()
    salon.ask(ChangeService(salon.haircut.id, 1, price=roubles(999_999), duration_minutes=120))
    moved = salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("15:00")))
    assert moved.total == made.total
    assert moved.ends == salon.at("16:00")


def test_a_change_of_an_older_version_is_refused_before_anything_else(salon: Salon) -> None:
    made = salon.book()
    salon.ask(ChangeAppointment(made.id, 1, comment="a note"))
    with pytest.raises(Stale):
        salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("12:00", -5)))
    noted = salon.show(made)
    assert (noted.comment, noted.version) == ("a note", 2)
    assert salon.ask(ChangeAppointment(made.id, 2, comment=None)).comment is None
    assert [event.version for event in salon.booking.announced(AppointmentChanged)] == [2, 3]


def test_who_does_not_come_keeps_nobody_busy(salon: Salon) -> None:
    made = salon.book(master=salon.anna)
    gone = salon.ask(CancelAppointment(made.id, "has a cold"))
    assert (gone.status, gone.reason, gone.version) == ("cancelled", "has a cold", 2)
    again = salon.book(master=salon.anna)
    salon.put_back(again, 48)
    assert salon.ask(MarkNoShow(again.id)).status == "no_show"
    salon.book(master=salon.anna)


# --- many at once ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", ["by name", "anybody"])
def test_of_fifty_who_want_one_slot_exactly_the_free_masters_get_one(salon: Salon, chosen: str) -> None:
    master = salon.anna if chosen == "by name" else None
    people = clients(50)
    began = monotonic()
    results = together(50, lambda number: salon.book(salon.at("12:00"), master=master, client=people[number]))
    took = monotonic() - began
    lost = [result for result in results if isinstance(result, Refusal)]
    assert len(results) - len(lost) == (1 if master else 2)
    assert {refusal.code for refusal in lost} == {"slot_taken"}
    assert all(refusal.details["alternatives"] for refusal in lost)
    assert took < 20, f"{took:.1f} s; with a deadlock it would be a second for each"


def test_random_bookings_and_moves_at_once_leave_no_overlap(salon: Salon) -> None:
    dice = random.Random(2018)
    people = clients(12)
    booked: list[UUID] = []
    plans = [
        (dice.choice(people), dice.choice((salon.anna, salon.olga, None)), dice.randrange(0, 36)) for _ in range(60)
    ]

    def attempt(number: int) -> object:
        client, master, place = plans[number]
        made = salon.book(salon.at("09:00") + timedelta(minutes=15 * place), master=master, client=client)
        booked.append(made.id)
        to = plans[(number + 1) % 60][2]
        return salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("09:00") + timedelta(minutes=15 * to)))

    results = together(60, attempt)
    codes = {result.code for result in results if isinstance(result, Refusal)}
    assert codes <= {"slot_taken", "client_busy"}
    assert len(booked) >= 2, "each master's day had room for one at least"
    assert overlaps(salon) == 0


def test_the_database_itself_sells_no_time_twice(salon: Salon) -> None:
    made = salon.book(master=salon.anna)
    with salon.booking.session() as session:
        row = session.execute(select(busy).where(busy.c.resource_kind == "master")).one()
        again = {**row._mapping, "id": made.id}
        with pytest.raises(IntegrityError, match="nobody_twice_at_once"):
            session.execute(busy.insert().values(again))


def test_who_writes_past_the_locks_is_refused_and_leaves_nothing_half_made(salon: Salon) -> None:
    first = salon.book(salon.at("12:00"), master=salon.anna)
    second = salon.book(salon.at("14:00"), master=salon.anna, client=DORA)
    free, taken = (
        Piece("master", salon.anna.id, Interval(salon.at(starts), salon.at(starts) + timedelta(hours=1)))
        for starts in ("11:00", "12:30")
    )
    with salon.booking.session() as session:
        with pytest.raises(Conflict, match="slot_taken"):
            occupy(session, Owner("appointment_id", second.id), [free, taken])
        session.commit()
        rows = session.scalars(select(busy.c.appointment_id).where(busy.c.resource_kind == "master")).all()
    assert set(rows) == {first.id, second.id} and len(rows) == 2


def test_two_who_swap_their_times_do_not_deadlock(salon: Salon) -> None:
    first = salon.book(salon.at("12:00", 1), master=salon.anna)
    second = salon.book(salon.at("12:00", 2), master=salon.anna, client=DORA)
    wanted = [(first, salon.at("12:00", 2)), (second, salon.at("12:00", 1))]
    results = together(
        2, lambda number: salon.ask(ChangeAppointment(wanted[number][0].id, 1, starts=wanted[number][1]))
    )
    assert {result.code for result in results if isinstance(result, Refusal)} == {"slot_taken"}
    assert overlaps(salon) == 0


def test_for_one_who_locks_very_much_everybody_waits(salon: Salon) -> None:
    """The table of locks of a database is not endless, so that a big plan takes one lock in place of thousands."""
    year = Interval(salon.at("00:00", 1), salon.at("00:00", 300))
    with salon.booking.session() as big, salon.booking.session() as small:
        lock(big, [(person, year) for person in clients(20)])
        taken = big.execute(
            text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        )
        assert taken.scalar_one() == 1
        small.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(OperationalError):
            lock(small, [(CLARA, year)])
        big.rollback()
        small.rollback()
        lock(small, [(CLARA, year)])
        lock(big, [(DORA, year)])


def test_a_repeated_request_with_its_key_books_once(salon: Salon) -> None:
    request = BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), (WantedSegment(salon.haircut.id),))
    first = salon.booking.answer(request, OWNER, key="once")
    second = salon.booking.answer(request, OWNER, key="once")
    assert second.replay and bytes(second.ok or b"") == bytes(first.ok or b"")
    assert len(salon.booking.announced(AppointmentBooked)) == 1
