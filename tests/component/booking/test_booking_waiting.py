"""The waiting list: a freed time is offered to one after another, and to nobody else meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from contracts.booking import (
    AcceptOffer,
    AddToWaitingList,
    Appointment,
    CancelAppointment,
    ChangeAppointment,
    ChangeRoom,
    ChangeWaitingEntry,
    DeclineOffer,
    LeaveWaitingList,
    ListWaitingList,
    OfferEnded,
    OfferMade,
    OpeningHours,
    ReplaceShifts,
    Shift,
    ShowWaitingEntry,
    WaitingEntry,
    WaitingTime,
    WantedSegment,
)
from contracts.clients import ClientErased
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from kernel.time import utc_now
from services.booking.tables import busy, holds, openings, waiting_entries
from services.booking.usecases.offers import work_off
from services.booking.usecases.openings import freed
from tests.builders import CLARA, OWNER, boris
from tests.component.booking.salon import Salon, field_of, overlaps, together

AT_NIGHT = tuple(OpeningHours(weekday, "03:00", "04:00") for weekday in range(7))
DORA, EVA, FAYE = (UUID(int=CLARA.int + number) for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def only_anna_works(salon: Salon) -> None:
    """One master, tomorrow from noon to two: what she has is full with two haircuts."""
    days = [salon.today + timedelta(days=day) for day in range(14)]
    salon.ask(ReplaceShifts(salon.olga.id, salon.branch.id, (), tuple(days)))
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, (Shift(days[1], "12:00", "14:00"),), tuple(days)))


def waits(salon: Salon, client: UUID = CLARA, caller: Caller = OWNER, **more: Any) -> WaitingEntry:
    values: dict[str, Any] = {
        "branch_id": salon.branch.id,
        "client_id": client,
        "segments": (WantedSegment(salon.haircut.id),),
        "earliest": salon.today,
        "latest": salon.today + timedelta(days=7),
    }
    return salon.ask(AddToWaitingList(**(values | more)), caller)


def show(salon: Salon, entry: WaitingEntry) -> WaitingEntry:
    return salon.ask(ShowWaitingEntry(entry.id))


def full(salon: Salon) -> list[Appointment]:
    return [salon.book(salon.at(clock), client=UUID(int=CLARA.int + 50 + place)) for place, clock in
            enumerate(("12:00", "13:00"))]  # fmt: skip


def cancel(salon: Salon, appointment: Appointment) -> None:
    salon.ask(CancelAppointment(appointment.id, "a test"))
    salon.booking.tick()


def run_out(salon: Salon, *entries: WaitingEntry) -> None:
    """The clock cannot be moved, so the offers are."""
    with salon.booking.session() as session:
        for entry in entries:
            hold_id = session.scalar(select(waiting_entries.c.hold_id).where(waiting_entries.c.id == entry.id))
            ago = utc_now() - timedelta(seconds=1)
            session.execute(update(holds).where(holds.c.id == hold_id).values(expires_at=ago))
            session.execute(update(busy).where(busy.c.hold_id == hold_id).values(expires_at=ago))
        session.commit()


def outcomes(salon: Salon) -> list[str]:
    return [event.outcome for event in salon.booking.announced(OfferEnded)]


def openings_left(salon: Salon) -> int:
    with salon.booking.session() as session:
        return len(session.execute(select(openings)).all())


# --- joining ----------------------------------------------------------------------------------------------------------


def test_who_waits_is_listed_in_the_order_of_coming(salon: Salon) -> None:
    entries = [waits(salon, client) for client in (CLARA, DORA, EVA)]
    assert entries[0].status == "waiting"
    listed = salon.ask(ListWaitingList(salon.branch.id, limit=2))
    assert [each.id for each in listed.items] == [entries[0].id, entries[1].id]
    rest = salon.ask(ListWaitingList(salon.branch.id, limit=2, cursor=listed.next))
    assert [each.id for each in rest.items] == [entries[2].id]
    assert [each.id for each in salon.ask(ListWaitingList(client_id=DORA)).items] == [entries[1].id]
    assert salon.ask(ListWaitingList(status="offered")).items == ()


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"latest": -1}, "latest", "period_invalid"),
        ({"latest": 400}, "latest", "period_too_long"),
        ({"earliest": -9, "latest": -8}, "latest", "period_over"),
        ({"times": (WaitingTime(0, "12:00", "11:00"),)}, "times.0.latest", "time_ends_early"),
        ({"segments": (WantedSegment(CLARA),)}, "segments.0.service_id", "service_unknown"),
        ({"branch_id": CLARA}, "branch_id", "branch_unknown"),
    ],
)
def test_what_nobody_can_wait_for_is_refused_by_its_field(
    salon: Salon, more: dict[str, Any], field: str, code: str
) -> None:
    for name in ("earliest", "latest"):
        if name in more:
            more = more | {name: salon.today + timedelta(days=more[name])}
    with pytest.raises(Invalid, match=code) as refusal:
        waits(salon, **more)
    assert field_of(refusal.value) == field


def test_an_entry_is_changed_by_who_saw_it(salon: Salon) -> None:
    entry = waits(salon)
    later = salon.today + timedelta(days=3)
    then = (WaitingTime(later.weekday(), "10:00", "12:00"),)
    changed = salon.ask(ChangeWaitingEntry(entry.id, entry.version, earliest=later, times=then))
    assert (changed.earliest, changed.latest, len(changed.times)) == (later, entry.latest, 1)
    with pytest.raises(Stale):
        salon.ask(ChangeWaitingEntry(entry.id, entry.version, earliest=later))
    with pytest.raises(Invalid, match="period_invalid"):
        salon.ask(ChangeWaitingEntry(entry.id, changed.version, latest=salon.today))
    salon.ask(LeaveWaitingList(entry.id))
    with pytest.raises(Conflict, match="wrong_status"):
        salon.ask(LeaveWaitingList(entry.id))


# --- offers -----------------------------------------------------------------------------------------------------------


def test_a_freed_time_is_offered_to_the_first_and_to_nobody_else(salon: Salon) -> None:
    noon, _ = full(salon)
    first, second = waits(salon, CLARA), waits(salon, DORA)
    salon.booking.tick()
    assert show(salon, first).offer is None
    cancel(salon, noon)
    offered = show(salon, first)
    assert (offered.status, offered.offers_made, show(salon, second).status) == ("offered", 1, "waiting")
    assert offered.offer is not None
    assert (offered.offer.starts, offered.offer.master_ids) == (salon.at("12:00"), (salon.anna.id,))
    minutes = salon.branch.policy.offer_minutes
    assert timedelta(minutes=minutes - 1) < offered.offer.expires_at - utc_now() <= timedelta(minutes=minutes)
    with pytest.raises(Conflict, match="slot_taken"):
        salon.book(salon.at("12:00"), client=FAYE)
    (event,) = salon.booking.announced(OfferMade)
    assert (event.entry_id, event.client_id, event.starts) == (first.id, CLARA, salon.at("12:00"))


def test_an_offer_is_booked_exactly_as_it_was_held(salon: Salon) -> None:
    noon, _ = full(salon)
    entry = waits(salon)
    cancel(salon, noon)
    salon.loyalty_says(10)
    made = salon.ask(AcceptOffer(entry.id))
    assert (made.starts, made.client_id, made.segments[0].master_id) == (salon.at("12:00"), CLARA, salon.anna.id)
    assert made.discount.amount == 25_000
    booked = show(salon, entry)
    assert (booked.status, booked.appointment_id, booked.offer) == ("booked", made.id, None)
    assert outcomes(salon) == ["accepted"]
    with pytest.raises(Conflict, match="wrong_status"):
        salon.ask(AcceptOffer(entry.id))
    salon.booking.tick()
    assert openings_left(salon) == 0
    assert overlaps(salon) == 0


def test_an_offer_that_is_over_goes_to_the_next_and_never_back(salon: Salon) -> None:
    noon, _ = full(salon)
    entries = [waits(salon, client) for client in (CLARA, DORA, EVA)]
    cancel(salon, noon)
    run_out(salon, entries[0])
    assert (show(salon, entries[0]).status, show(salon, entries[0]).offer) == ("waiting", None)
    with pytest.raises(Conflict, match="offer_expired"):
        salon.ask(AcceptOffer(entries[0].id))
    salon.booking.tick()
    assert [show(salon, entry).status for entry in entries] == ["waiting", "offered", "waiting"]
    with pytest.raises(Conflict, match="offer_expired"):
        salon.ask(AcceptOffer(entries[0].id))
    assert salon.ask(DeclineOffer(entries[1].id)).status == "waiting"
    salon.booking.tick()
    assert [show(salon, entry).status for entry in entries] == ["waiting", "waiting", "offered"]
    salon.ask(LeaveWaitingList(entries[2].id))
    salon.booking.tick()
    assert [show(salon, entry).status for entry in entries] == ["waiting", "waiting", "cancelled"]
    assert outcomes(salon) == ["expired", "declined", "declined"]
    assert openings_left(salon) == 0
    salon.book(salon.at("12:00"), client=FAYE)


def test_who_had_their_turn_is_offered_the_time_that_is_freed_again(salon: Salon) -> None:
    noon, _ = full(salon)
    entry = waits(salon)
    cancel(salon, noon)
    salon.ask(DeclineOffer(entry.id))
    salon.booking.tick()
    cancel(salon, salon.book(salon.at("12:00"), client=FAYE))
    assert show(salon, entry).status == "offered"


def test_several_wait_for_parts_of_a_long_time_at_once(salon: Salon) -> None:
    full(salon)
    entries = [waits(salon, client) for client in (CLARA, DORA, EVA)]
    with salon.booking.session() as session:
        for row in session.execute(text("SELECT id FROM appointments")).all():
            session.execute(text("DELETE FROM busy WHERE appointment_id = :id"), {"id": row.id})
        freed(session, salon.branch.id, salon.at("12:00"), salon.at("14:00"), utc_now())
        session.commit()
    salon.booking.tick()
    offers = [show(salon, entry).offer for entry in entries]
    assert [offer and offer.starts for offer in offers] == [salon.at("12:00"), salon.at("13:00"), None]
    assert openings_left(salon) == 1  # what is offered may come back
    salon.ask(DeclineOffer(entries[0].id))
    salon.booking.tick()
    offer = show(salon, entries[2]).offer
    assert offer is not None
    assert offer.starts == salon.at("12:00")


def test_who_does_not_fit_is_passed_over(salon: Salon) -> None:
    noon, one = full(salon)
    weekday = salon.at("12:00").weekday()
    other_times = (WaitingTime(weekday, "09:00", "11:45"), WaitingTime((weekday + 1) % 7, "12:00", "12:00"))
    long, unrendered = salon.a_service("Long", 120), salon.a_service("By nobody", 30)
    eva = salon.a_master("Eva", long.id, unrendered.id)
    passed = [
        waits(salon, CLARA, segments=(WantedSegment(long.id),)),
        waits(salon, CLARA, segments=(WantedSegment(unrendered.id),)),
        waits(salon, CLARA, segments=(WantedSegment(salon.haircut.id, salon.olga.id),)),
        waits(salon, DORA, earliest=salon.today + timedelta(days=2)),
        waits(salon, EVA, times=other_times),
    ]
    suits = waits(salon, FAYE, times=(WaitingTime(weekday, "12:00", "12:00"),))
    salon.renders(eva, long)
    cancel(salon, noon)
    assert show(salon, suits).status == "offered"
    assert {show(salon, entry).status for entry in passed} == {"waiting"}
    assert one.status == "booked"


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (("12:00", "12:30"), "free before it"),
        (("12:30", "13:00"), "free after it"),
        ((), "nothing free around it"),
    ],
)
def test_freed_time_that_completes_what_is_free_around_it_is_offered(
    salon: Salon, before: tuple[str, ...], reason: str
) -> None:
    """Shifts from noon to one give an hour, whichever half of it was there before."""
    tomorrow = salon.today + timedelta(days=1)
    shifts = (Shift(tomorrow, *before),) if before else ()
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, shifts, (tomorrow,)))
    entry = waits(salon)
    salon.booking.tick()
    assert show(salon, entry).offer is None
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, (Shift(tomorrow, "12:00", "13:00"),)))
    salon.booking.tick()
    offer = show(salon, entry).offer
    assert offer is not None, reason
    assert offer.starts == salon.at("12:00")


def test_a_short_visit_that_goes_in_the_middle_makes_room_for_a_long_one(salon: Salon) -> None:
    short, long = salon.a_service("Short", 30), salon.a_service("Long", 120)
    salon.renders(salon.anna, salon.haircut, short, long)
    visit = salon.book(salon.at("12:45"), short, client=FAYE)
    entry = waits(salon, segments=(WantedSegment(long.id),))
    cancel(salon, visit)
    offer = show(salon, entry).offer
    assert offer is not None
    assert offer.starts == salon.at("12:00")


def test_a_freed_time_that_was_in_the_way_of_a_buffer_is_offered(salon: Salon) -> None:
    """Whoever needs a quarter of an hour to prepare begins after the freed time."""
    short, prepared = salon.a_service("Short", 15), salon.a_service("Prepared", 60, buffer_before_minutes=15)
    salon.renders(salon.anna, salon.haircut, short, prepared)
    salon.book(salon.at("12:00"), short, client=FAYE)
    visit = salon.book(salon.at("12:15"), short, client=DORA)
    salon.book(salon.at("13:30"), short, client=EVA)
    entry = waits(salon, segments=(WantedSegment(prepared.id),))
    cancel(salon, visit)
    offer = show(salon, entry).offer
    assert offer is not None
    assert offer.starts == salon.at("12:30")


def test_a_client_is_not_offered_a_time_at_which_they_are_elsewhere(salon: Salon) -> None:
    noon, _ = full(salon)
    days = [salon.today + timedelta(days=1)]
    salon.ask(ReplaceShifts(salon.olga.id, salon.branch.id, tuple(Shift(day, "12:00", "13:00") for day in days)))
    salon.book(salon.at("12:00"), client=CLARA, master=salon.olga)
    elsewhere, free = waits(salon, CLARA), waits(salon, DORA)
    cancel(salon, noon)
    assert (show(salon, elsewhere).status, show(salon, free).status) == ("waiting", "offered")


def test_an_offer_never_lasts_beyond_the_start(salon: Salon) -> None:
    """It is about ten in the salon, so midnight is not near."""
    now = utc_now().astimezone(salon.tz)
    at = now.replace(second=0, microsecond=0) + timedelta(minutes=20)
    shift = Shift(salon.today, at.strftime("%H:%M"), (at + timedelta(hours=1)).strftime("%H:%M"))
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, (shift,)))
    booked = salon.book(at, client=FAYE)
    entry = waits(salon)
    cancel(salon, booked)
    offer = show(salon, entry).offer
    assert offer is not None
    assert offer.expires_at == offer.starts == at


def test_a_move_and_more_shifts_free_time_too(salon: Salon) -> None:
    noon, _ = full(salon)
    first, second = waits(salon, CLARA), waits(salon, DORA)
    tomorrow, later = salon.today + timedelta(days=1), salon.today + timedelta(days=2)
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, (Shift(tomorrow, "12:00", "15:00"),)))
    salon.booking.tick()
    offer = show(salon, first).offer
    assert offer is not None
    assert offer.starts == salon.at("14:00")
    with salon.booking.session() as session:
        session.execute(text("DELETE FROM openings"))
        session.commit()
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, (Shift(later, "12:00", "13:00"),)))
    with salon.booking.session() as session:
        session.execute(text("DELETE FROM openings"))
        session.commit()
    salon.ask(ChangeAppointment(noon.id, noon.version, starts=salon.at("12:00", 2)))
    salon.booking.tick()
    moved = show(salon, second).offer
    assert moved is not None
    assert moved.starts == salon.at("12:00")


@pytest.mark.parametrize(
    ("room", "change"),
    [
        ({"active": False}, {"active": True}),
        ({"hours": AT_NIGHT}, {"hours": ()}),
        ({"kind": "store"}, {"kind": "cabin"}),
        ({}, {"capacity": 2}),
        (None, {}),
    ],
)
def test_a_room_that_can_be_had_frees_time(salon: Salon, room: dict[str, Any] | None, change: dict[str, Any]) -> None:
    """That is back, open longer, of another kind, larger, or new; another name changes nothing."""
    salon.works(salon.olga, "12:00", "13:00", days=[1])
    massage = salon.a_service("Massage", 60, room_kinds=("cabin",))
    for master in (salon.anna, salon.olga):
        salon.renders(master, salon.haircut, massage)
    salon.a_room("At night", kind="cabin", hours=AT_NIGHT)  # there is one, so that one may wait for it
    made = None if room is None else salon.a_room(**({"kind": "cabin"} | room))
    if room == {}:
        salon.book(salon.at("12:00"), massage, client=FAYE, master=salon.anna)
        salon.book(salon.at("13:00"), massage, client=DORA, master=salon.anna)
    entry = waits(salon, segments=(WantedSegment(massage.id),))
    if made is None:
        salon.a_room(kind="cabin")
    else:
        renamed = salon.ask(ChangeRoom(made.id, made.version, name="The same"))
        assert openings_left(salon) == 0
        salon.ask(ChangeRoom(made.id, renamed.version, **change))
    salon.booking.tick()
    offer = show(salon, entry).offer
    assert offer is not None
    assert offer.starts == salon.at("12:00")


def test_nothing_is_written_down_where_nobody_waits(salon: Salon) -> None:
    noon, one = full(salon)
    salon.ask(CancelAppointment(noon.id, "a test"))
    assert openings_left(salon) == 0
    waits(salon, latest=salon.today, earliest=salon.today)
    salon.ask(CancelAppointment(one.id, "a test"))
    salon.booking.tick()
    assert openings_left(salon) == 0


def test_whose_last_date_is_over_waits_no_more(salon: Salon) -> None:
    entry, other = waits(salon), waits(salon, DORA)
    with salon.booking.session() as session:
        gone = {"earliest": salon.today - timedelta(days=3), "latest": salon.today - timedelta(days=1)}
        session.execute(update(waiting_entries).where(waiting_entries.c.id == entry.id).values(gone))
        session.commit()
    salon.booking.tick()
    assert (show(salon, entry).status, show(salon, other).status) == ("expired", "waiting")


def test_an_erased_client_waits_no_more_and_the_offer_goes_on(salon: Salon) -> None:
    noon, _ = full(salon)
    first, second = waits(salon, CLARA), waits(salon, DORA)
    cancel(salon, noon)
    salon.booking.deliver(ClientErased(CLARA, 2, utc_now()))
    salon.booking.tick()
    assert (show(salon, first).status, show(salon, second).status) == ("cancelled", "offered")


def test_two_replicas_offer_a_time_once(salon: Salon) -> None:
    noon, one = full(salon)
    entries = [waits(salon, UUID(int=CLARA.int + 200 + number)) for number in range(8)]
    salon.ask(CancelAppointment(noon.id, "a test"))
    salon.ask(CancelAppointment(one.id, "a test"))
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(_work_off, salon) for _ in range(4)]:
            done.result()
    offered = [entry for entry in (show(salon, entry) for entry in entries) if entry.offer]
    assert [entry.id for entry in offered] == [entries[0].id, entries[1].id]
    assert {entry.offer.starts for entry in offered if entry.offer} == {salon.at("12:00"), salon.at("13:00")}
    assert len(salon.booking.announced(OfferMade)) == 2
    assert overlaps(salon) == 0


def _work_off(salon: Salon) -> None:
    """As a replica would, without the lock that keeps two clocks apart."""
    more = True
    while more:
        with salon.booking.session() as session:
            more = work_off(session, utc_now())
            salon.booking.dispatcher.commit(session)


def test_an_offer_is_taken_once(salon: Salon) -> None:
    noon, _ = full(salon)
    entry = waits(salon)
    cancel(salon, noon)
    results = together(6, lambda number: salon.ask(AcceptOffer(entry.id)) if number % 2 else salon.book(
        salon.at("12:00"), client=UUID(int=CLARA.int + 300 + number)))  # fmt: skip
    assert sum(isinstance(result, Appointment) for result in results) == 1
    codes = {result.code for result in results if not isinstance(result, Appointment)}
    assert codes <= {"wrong_status", "slot_taken"}
    assert overlaps(salon) == 0


# --- who may ----------------------------------------------------------------------------------------------------------


def test_boris_may_not(salon: Salon) -> None:
    entry = waits(salon)
    stranger = boris("waiting_list.create", "waiting_list.read", "waiting_list.edit",
                     branch_ids=frozenset({salon.a_branch("Elsewhere").id}))  # fmt: skip
    for request in (
        ShowWaitingEntry(entry.id),
        ChangeWaitingEntry(entry.id, entry.version, latest=salon.today),
        AcceptOffer(entry.id),
        DeclineOffer(entry.id),
        LeaveWaitingList(entry.id),
    ):
        with pytest.raises(NotFound):
            salon.ask(request, stranger)
    with pytest.raises(NotFound):
        waits(salon, EVA, stranger)
    assert salon.ask(ListWaitingList(), stranger).items == ()
    with pytest.raises(Forbidden):
        waits(salon, caller=salon.works_here("waiting_list.read"))


def test_a_client_waits_for_themselves_only(salon: Salon) -> None:
    clara = salon.works_here(
        "waiting_list.create.own", "waiting_list.read.own", "waiting_list.edit.own",
        client_id=CLARA, branch_ids=frozenset(),
    )  # fmt: skip
    online = salon.a_service("Online", bookable_online=True)
    salon.renders(salon.anna, salon.haircut, online)
    segments = (WantedSegment(online.id),)
    entry = waits(salon, CLARA, clara, segments=segments)
    other = waits(salon, DORA)
    assert [each.id for each in salon.ask(ListWaitingList(), clara).items] == [entry.id]
    with pytest.raises(NotFound):
        salon.ask(ShowWaitingEntry(other.id), clara)
    with pytest.raises(Invalid, match="client_unknown"):
        waits(salon, DORA, clara, segments=segments)
    assert salon.ask(LeaveWaitingList(entry.id), clara).status == "cancelled"
