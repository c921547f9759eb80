"""Two cards become one: what either had booked, waits for and said is the person's."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from contracts.booking import (
    AddToWaitingList,
    AppointmentChanged,
    BookAppointment,
    BookSeries,
    CancelAppointment,
    CheckMerge,
    CompleteAppointment,
    ListAppointments,
    ListSeries,
    ListWaitingList,
    Rule,
    ShowHistory,
    WantedSegment,
)
from contracts.clients import CheckClient, ClientErased, ClientRegistered, ClientStanding
from kernel.errors import Conflict, Invalid, Unavailable
from kernel.time import utc_now
from services.booking.tables import appointments, busy
from tests.builders import CLARA, a_service
from tests.component.booking.salon import Salon, overlaps
from tests.facts import NOON, merged

DUPLICATE = UUID("0190a000-0000-7000-8000-0000000000d0")
THIRD = UUID("0190a000-0000-7000-8000-0000000000d1")


@pytest.fixture
def salon(start) -> Salon:
    return Salon(start("booking"))


def merge(salon, kept=CLARA, duplicate=DUPLICATE, **more):
    salon.booking.deliver(merged(kept, duplicate, **more))


def booked_for(salon, client):
    return {each.id for each in salon.ask(ListAppointments(client_id=client)).items}


def test_appointments_change_hands(salon):
    """Past and to come, with their history; those to come are told of."""
    past = salon.a_visit(lines=())
    ours = salon.book(salon.at("10:00"))
    theirs = salon.book(salon.at("12:00"), client=DUPLICATE, comment="by the window")
    gone = salon.book(salon.at("14:00"), client=DUPLICATE)
    salon.ask(CancelAppointment(gone.id, "ill"))
    merge(salon)
    assert booked_for(salon, CLARA) == {past.id, ours.id, theirs.id, gone.id}
    assert booked_for(salon, DUPLICATE) == set()
    shown = salon.show(theirs)
    assert (shown.client_id, shown.version, shown.comment) == (CLARA, theirs.version + 1, "by the window")
    assert salon.show(gone).reason == "ill"
    last = salon.ask(ShowHistory(theirs.id)).items[-1]
    assert (last.change, last.caller, last.version) == ("merged", "clients", shown.version)
    assert last.details == {"client_id": {"old": str(DUPLICATE), "new": str(CLARA)}}
    assert [item.reason for item in salon.ask(ShowHistory(gone.id)).items if item.change == "cancelled"] == ["ill"]
    (told,) = salon.booking.announced(AppointmentChanged)
    assert (told.appointment_id, told.client_id, told.version) == (theirs.id, CLARA, shown.version)


def test_the_person_is_busy_when_either_was(salon):
    salon.book(salon.at("12:00"), client=DUPLICATE, master=salon.anna)
    merge(salon)
    with pytest.raises(Conflict) as refused:
        salon.book(salon.at("12:30"), master=salon.olga)
    assert refused.value.code == "client_busy"


def test_series_and_the_waiting_list_change_hands(salon):
    wanted = (WantedSegment(salon.haircut.id),)
    rule = Rule("WEEKLY", count=2)
    series = salon.ask(BookSeries(salon.branch.id, DUPLICATE, salon.at("12:00"), wanted, rule))
    day = salon.today + timedelta(days=3)
    entry = salon.ask(AddToWaitingList(salon.branch.id, DUPLICATE, wanted, day, day))
    merge(salon)
    assert [each.id for each in salon.ask(ListSeries(client_id=CLARA)).items] == [series.id]
    assert [each.id for each in salon.ask(ListWaitingList(client_id=CLARA)).items] == [entry.id]


def test_clients_learns_what_overlaps(salon):
    """Only what is to come, of both; what lies side by side does not overlap, nor what has taken place already."""
    done = salon.book(salon.at("12:00", 0), master=salon.anna)
    salon.book(salon.at("12:00", 0), client=DUPLICATE, master=salon.olga)
    salon.ask(CompleteAppointment(done.id))
    ours = salon.book(salon.at("12:00"), master=salon.anna)
    theirs = salon.book(salon.at("12:30"), client=DUPLICATE, master=salon.olga)
    salon.book(salon.at("13:30"), client=DUPLICATE, master=salon.anna)
    clients = a_service("clients")
    assert set(salon.ask(CheckMerge(CLARA, DUPLICATE), clients).overlaps) == {ours.id, theirs.id}
    assert salon.ask(CheckMerge(CLARA, THIRD), clients).overlaps == ()


def test_a_late_overlap_is_marked_and_stops_nothing(salon):
    """Booked after booking was asked: nobody can refuse it any more."""
    ours = salon.book(salon.at("12:00"), master=salon.anna)
    theirs = salon.book(salon.at("12:30"), client=DUPLICATE, master=salon.olga)
    merge(salon)
    assert (salon.show(ours).overlap, salon.show(theirs).overlap) == (False, True)
    assert overlaps(salon) == 0
    with salon.booking.session() as session:
        assert set(session.scalars(select(busy.c.resource_id).where(busy.c.resource_kind == "client"))) == {CLARA}


def test_chains_of_merges_arrive_in_any_order(salon):
    """The second of two merges first: all the same everything is the last one's."""
    visit = salon.book(client=DUPLICATE)
    merge(salon, CLARA, THIRD)
    merge(salon, THIRD, DUPLICATE)
    assert salon.show(visit).client_id == CLARA


def test_what_was_being_booked_meanwhile_follows(salon):
    """Somebody had asked about the card before it was merged, and wrote after."""
    merge(salon)
    visit = salon.book()
    with salon.booking.session() as session:
        session.execute(update(appointments).where(appointments.c.id == visit.id).values(client_id=DUPLICATE))
        session.execute(update(busy).where(busy.c.resource_id == CLARA).values(resource_id=DUPLICATE))
        session.commit()
    salon.booking.tick()
    assert salon.show(visit).client_id == CLARA


def test_nothing_is_booked_for_a_card_that_is_gone(salon):
    """Whether clients says so or, while it is away, booking remembers; the registration may come after the merge."""
    gone = ClientStanding(DUPLICATE, "erased", merged_into=CLARA)
    salon.booking.others.answers[CheckClient] = lambda _: gone
    book = BookAppointment(salon.branch.id, DUPLICATE, salon.at("12:00"), (WantedSegment(salon.haircut.id),))
    refuse_merged(salon, book)
    merge(salon)
    salon.booking.deliver(ClientRegistered(DUPLICATE, 1, None, None, None, NOON, NOON))
    salon.booking.others.answers[CheckClient] = is_away
    refuse_merged(salon, book)


def refuse_merged(salon, book):
    with pytest.raises(Invalid) as refused:
        salon.ask(book)
    assert (refused.value.code, refused.value.details["merged_into"]) == ("client_merged", str(CLARA))


def is_away(_request):
    raise Unavailable("service_unavailable", "clients does not answer")


def test_the_persons_texts_go_with_the_person(salon):
    """Those of the duplicate are under the key of the card that was kept, and go with that."""
    visit = salon.book(client=DUPLICATE, comment="by the window")
    merge(salon)
    keyring = salon.booking.dispatcher.instance.keyring
    salon.booking.deliver(ClientErased(DUPLICATE, 9, utc_now()))
    assert salon.show(visit).comment == "by the window"
    salon.booking.deliver(ClientErased(CLARA, 9, utc_now()))
    assert (salon.show(visit).comment, keyring.keys([CLARA, DUPLICATE])) == (None, {})


def test_a_merge_that_comes_after_the_erasure_brings_nothing_back(salon):
    visit = salon.book(client=DUPLICATE, comment="by the window")
    salon.booking.deliver(ClientRegistered(CLARA, 1, None, None, None, NOON, NOON), ClientErased(CLARA, 9, utc_now()))
    merge(salon)
    assert salon.show(visit).comment is None
    assert salon.booking.dispatcher.instance.keyring.keys([CLARA]) == {}
