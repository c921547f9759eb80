"""The guard of health at every way into the diary: a warning, a block, and who learns what of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from contracts.booking import (
    OVERRIDE_HEALTH,
    AcceptOffer,
    AddToWaitingList,
    Appointment,
    AppointmentHealth,
    ArriveAppointment,
    BookSeries,
    CancelAppointment,
    ChangeAppointment,
    ChangeSeries,
    ChangeService,
    CompleteAppointment,
    ConfirmAppointment,
    Contraindication,
    CreateGroupEvent,
    HealthShown,
    ListAppointments,
    PreviewSeries,
    ReplaceShifts,
    Rule,
    Service,
    Shift,
    ShowHistory,
    ShowSeries,
    ShowService,
    WantedSegment,
)
from contracts.clients import ChangeClient, CheckConditions, ClientErased, MatchedConditions, RegisterClient
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from kernel.time import utc_now
from services.booking.tables import appointments
from tests.builders import CLARA, OWNER, a_service
from tests.component.booking.page import CONTACT, DORA, Page, somebody
from tests.component.booking.salon import Salon
from tests.harness import Harness

DESK = ("appointments.create", "appointments.edit", "appointments.read", "waiting_list.edit")
WHY = "без перчаток, по справке врача"
LATEX, NUTS = Contraindication("latex", "block"), Contraindication("nuts", "warn")


class Card:
    """What clients says; a fake that one can read."""

    def __init__(self, salon: Salon) -> None:
        self.salon = salon
        self.speaks_of: set[str] = set()
        salon.booking.others.answers[CheckConditions] = self.answer

    def answer(self, request: CheckConditions) -> MatchedConditions:
        return MatchedConditions(tuple(condition in self.speaks_of for condition in request.conditions))

    @property
    def asked(self) -> list[CheckConditions]:
        return [each for each in self.salon.booking.others.asked if isinstance(each, CheckConditions)]

    def is_away(self, refusal: Exception | None = None) -> None:
        del self.salon.booking.others.answers[CheckConditions]
        if refusal:
            self.salon.booking.others.answers[CheckConditions] = lambda _: (_ for _ in ()).throw(refusal)


@pytest.fixture
def card(salon: Salon) -> Card:
    """A card against a service: a haircut is blocked for latex and warns of nuts."""
    mark(salon, salon.haircut, LATEX, NUTS)
    return Card(salon)


def mark(salon: Salon, service: Service, *marks: Contraindication) -> None:
    now = salon.ask(ShowService(service.id))
    salon.ask(ChangeService(now.id, now.version, contraindications=marks))


def sealed(salon: Salon, appointment: Appointment) -> bytes | None:
    with salon.booking.session() as session:
        return session.scalar(select(appointments.c.health).where(appointments.c.id == appointment.id))


# --- the desk -------------------------------------------------------------------------------------------------------


def test_a_service_without_marks_asks_nobody(salon: Salon, card: Card) -> None:
    mark(salon, salon.haircut)
    assert salon.book().health is None
    assert card.asked == []


def test_a_warning_is_booked_and_shown(salon: Salon, card: Card) -> None:
    card.speaks_of = {"nuts"}
    made = salon.book()
    assert made.health == AppointmentHealth("warn", ("nuts",))
    assert salon.show(made).health == made.health
    assert [each.conditions for each in card.asked] == [("latex", "nuts")]
    assert salon.book(salon.at("15:00")).health == made.health


def test_nothing_in_the_card_is_said_so(salon: Salon, card: Card) -> None:
    card.speaks_of = {"asthma"}
    assert salon.book().health == AppointmentHealth("ok")


def test_a_block_is_refused_and_names_the_condition_to_those_who_see_health(salon: Salon, card: Card) -> None:
    card.speaks_of = {"latex", "nuts"}
    with pytest.raises(Conflict, match="contraindicated") as refused:
        salon.book()
    assert refused.value.details == {"conditions": ["latex", "nuts"]}
    with pytest.raises(Conflict, match="contraindicated") as refused:
        salon.book(caller=salon.works_here(*DESK))
    assert refused.value.details == {}
    assert "latex" not in str(refused.value)
    assert salon.ask(ListAppointments()).items == ()


def test_the_journal_is_told_of_everybody_who_is_shown_what_a_card_says(salon: Salon, card: Card) -> None:
    card.speaks_of = {"nuts"}
    made = salon.book()
    salon.show(made)
    salon.show(made, salon.works_here(*DESK))  # who sees that there is something, not what
    salon.ask(ListAppointments())
    assert [deed_of(each) for each in salon.booking.announced(HealthShown)] == [(OWNER.id, made.client_id)] * 2
    card.speaks_of = {"latex"}
    for caller in (OWNER, salon.works_here(*DESK)):
        with pytest.raises(Conflict, match="contraindicated"):
            salon.book(salon.at("15:00"), caller=caller)
    assert len(salon.booking.announced(HealthShown)) == 3
    assert len(salon.ask(ListAppointments()).items) == 1


def deed_of(told: HealthShown) -> tuple[UUID | None, UUID | None]:
    assert (told.action, told.subject_kind) == ("client.health_read", "client")
    return told.actor_id, told.subject_id


def test_a_block_is_passed_over_by_right_and_with_a_reason(salon: Salon, card: Card) -> None:
    card.speaks_of = {"latex"}
    with pytest.raises(Forbidden, match="permission_missing"):
        salon.book(caller=salon.works_here(*DESK), health_reason=WHY)
    with pytest.raises(Invalid, match="reason_blank"):
        salon.book(health_reason="   ")
    may = salon.works_here(*DESK, OVERRIDE_HEALTH, marks=frozenset({"health"}))
    made = salon.book(caller=may, health_reason=WHY)
    assert made.health == AppointmentHealth("block", ("latex",), overridden=True)
    (entry,) = salon.ask(ShowHistory(made.id)).items
    assert (entry.change, entry.health_reason, entry.reason) == ("booked", WHY, None)
    kept = sealed(salon, made)
    assert kept and b"latex" not in kept and WHY.encode() not in kept


def test_a_list_shows_nobody_what_cards_say(salon: Salon, card: Card) -> None:
    """Who sees health reads it one appointment at a time: a list of diagnoses is nobody's work."""
    card.speaks_of = {"latex"}
    made = salon.book(health_reason=WHY)
    assert salon.show(made).health == AppointmentHealth("block", ("latex",), overridden=True)
    (listed,) = salon.ask(ListAppointments()).items
    assert listed == replace(made, health=AppointmentHealth("block", ("•••",), overridden=True))


def test_without_the_right_to_see_health_one_sees_a_verdict_and_no_diagnosis(salon: Salon, card: Card) -> None:
    card.speaks_of = {"latex"}
    made = salon.book(health_reason=WHY)
    here = salon.works_here(*DESK)
    assert salon.show(made, here).health == AppointmentHealth("block", ("•••",), overridden=True)
    assert [each.health for each in salon.ask(ListAppointments(), here).items] == [salon.show(made, here).health]
    (entry,) = salon.ask(ShowHistory(made.id), here).items
    assert entry.health_reason == "•••"
    assert entry.details is None


def test_a_reason_where_nothing_is_blocked_is_not_kept(salon: Salon, card: Card) -> None:
    card.speaks_of = {"nuts"}
    made = salon.book(health_reason=WHY)
    assert made.health == AppointmentHealth("warn", ("nuts",))
    assert salon.ask(ShowHistory(made.id)).items[0].health_reason is None


@pytest.mark.parametrize("refusal", [None, NotFound("not_installed", "clients is not installed")])
def test_without_an_answer_it_is_booked_and_marked_unchecked(
    salon: Salon, card: Card, refusal: Exception | None
) -> None:
    card.is_away(refusal)
    made = salon.book()
    assert made.health == AppointmentHealth("unchecked")
    assert salon.ask(ConfirmAppointment(made.id)).status == "confirmed"


def test_what_is_kept_is_as_long_whatever_it_says(salon: Salon, card: Card) -> None:
    """Who reads the database learns that a service was marked, not whether the card speaks of it."""
    lengths = set()
    for clock, speaks_of in (("12:00", set[str]()), ("13:00", {"nuts"}), ("14:00", {"latex", "nuts"})):
        card.speaks_of = speaks_of
        lengths.add(len(sealed(salon, salon.book(salon.at(clock), health_reason=WHY)) or b""))
    assert len(lengths) == 1


def test_a_mark_counts_from_the_moment_that_it_is_made(salon: Salon, card: Card) -> None:
    """Also where a catalogue without it is remembered: it is noticed under the locks, and the card is asked then."""
    card.speaks_of = {"latex"}
    mark(salon, salon.haircut)
    salon.book()
    mark(salon, salon.haircut, LATEX)
    with pytest.raises(Conflict, match="contraindicated"):
        salon.book(salon.at("15:00"))
    assert len(card.asked) == 1
    mark(salon, salon.haircut)
    assert salon.book(salon.at("15:00")).health is None


def test_everything_about_a_persons_health_goes_with_the_person(salon: Salon, card: Card) -> None:
    card.speaks_of = {"latex"}
    made = salon.book(health_reason=WHY)
    salon.booking.deliver(ClientErased(CLARA, 2, utc_now()))
    assert sealed(salon, made) is None
    assert salon.show(made).health is None
    assert [entry.health_reason for entry in salon.ask(ShowHistory(made.id)).items] == [None, None]


# --- changes --------------------------------------------------------------------------------------------------------


def change(salon: Salon, made: Appointment, caller: Caller = OWNER, **more: Any) -> Appointment:
    return salon.ask(ChangeAppointment(made.id, salon.show(made).version, **more), caller)


@pytest.fixture
def harmless(salon: Salon) -> Service:
    service = salon.a_service("Styling")
    salon.renders(salon.anna, salon.haircut, service)
    return service


def test_other_services_are_guarded_anew(salon: Salon, card: Card, harmless: Service) -> None:
    card.speaks_of = {"latex"}
    made = salon.book(None, harmless)
    assert made.health is None
    cut = (WantedSegment(salon.haircut.id),)
    with pytest.raises(Conflict, match="contraindicated"):
        change(salon, made, segments=cut)
    changed = change(salon, made, segments=cut, health_reason=WHY)
    assert changed.health == AppointmentHealth("block", ("latex",), overridden=True)
    assert [entry.health_reason for entry in salon.ask(ShowHistory(made.id)).items] == [None, WHY]
    other_master = change(salon, made, segments=(WantedSegment(salon.haircut.id, salon.olga.id),))
    assert other_master.health == changed.health, "what was passed over stays so"
    back = change(salon, made, segments=(WantedSegment(harmless.id),))
    assert back.health is None


def test_a_move_stays_as_it_was_judged(salon: Salon, card: Card) -> None:
    made = salon.book()
    card.speaks_of = {"latex"}
    moved = change(salon, made, starts=salon.at("16:00"))
    assert moved.health == AppointmentHealth("ok")
    assert len(card.asked) == 1


# --- online ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(salon: Salon) -> Page:
    return Page(salon)


def test_online_nobody_is_told_what_a_card_says(salon: Salon, card: Card, page: Page) -> None:
    """The phone of somebody against whose card the service speaks is answered like any other; the desk sees it."""
    card.speaks_of = {"latex"}
    theirs = page.book(salon.at("12:00"), master=salon.anna)
    card.speaks_of = set()
    others = page.book(salon.at("12:00"), somebody(1), master=salon.olga)
    masters = {"segments": theirs.segments, "key": None}
    assert replace(theirs, key=None) == replace(others, **masters)
    assert page.show(theirs.key) == replace(theirs, key=None)
    verdicts = {each.client_id: salon.show(each).health for each in salon.ask(ListAppointments()).items}
    assert verdicts.pop(CLARA) == AppointmentHealth("block", ("latex",))
    assert list(verdicts.values()) == [AppointmentHealth("ok")]


def test_who_is_not_known_is_asked_about_like_the_others(salon: Salon, card: Card, page: Page) -> None:
    """Else the time that it takes would tell whose phone is known."""
    page.book(salon.at("12:00"), CONTACT)
    page.book(salon.at("15:00"), somebody(1))
    assert len(card.asked) == 2


def test_a_blocked_visit_that_was_booked_online_waits_for_the_desk(salon: Salon, card: Card, page: Page) -> None:
    card.speaks_of = {"latex"}
    page.book(salon.at("12:00", 0))
    (made,) = salon.ask(ListAppointments()).items
    for step in (ConfirmAppointment, ArriveAppointment, CompleteAppointment):
        with pytest.raises(Conflict, match="contraindicated"):
            salon.ask(step(made.id), salon.works_here(*DESK, "appointments.complete"))
    with pytest.raises(Forbidden):
        change(salon, made, salon.works_here(*DESK), health_reason=WHY)
    decided = change(salon, made, health_reason=WHY)
    assert decided.health == AppointmentHealth("block", ("latex",), overridden=True)
    assert [entry.health_reason for entry in salon.ask(ShowHistory(made.id)).items] == [None, WHY]
    assert salon.ask(ArriveAppointment(made.id)).status == "arrived"


def test_a_blocked_visit_is_cancelled_like_any_other(salon: Salon, card: Card, page: Page) -> None:
    card.speaks_of = {"latex"}
    key = page.book().key
    assert page.cancel(key).status == "cancelled"


# --- series ---------------------------------------------------------------------------------------------------------


def a_series(salon: Salon, service: Service | None = None, **more: Any) -> dict[str, Any]:
    segments = (WantedSegment((service or salon.haircut).id, salon.anna.id),)
    return {
        "branch_id": salon.branch.id,
        "client_id": CLARA,
        "starts": salon.at("12:00"),
        "segments": segments,
        "rule": Rule("DAILY", count=3),
    } | more


def healths(salon: Salon) -> list[AppointmentHealth | None]:
    return [salon.show(each).health for each in salon.ask(ListAppointments()).items]


@pytest.mark.parametrize("policy", ["fail", "skip", "next_free"])
def test_every_occurrence_of_a_blocked_series_is_in_conflict(salon: Salon, card: Card, policy: str) -> None:
    """Whatever the policy: no other time would do."""
    card.speaks_of = {"latex"}
    shown = salon.ask(PreviewSeries(**a_series(salon, policy=policy))).occurrences
    assert [(each.outcome, each.code) for each in shown] == [("conflict", "contraindicated")] * 3
    with pytest.raises(Conflict, match="series_conflicts") as refused:
        salon.ask(BookSeries(**a_series(salon, policy=policy)))
    assert [each["code"] for each in refused.value.details["conflicts"]] == ["contraindicated"] * 3
    assert "latex" not in str(refused.value.details)


def test_a_series_is_passed_over_as_a_whole(salon: Salon, card: Card) -> None:
    card.speaks_of = {"latex"}
    with pytest.raises(Forbidden):
        salon.ask(BookSeries(**a_series(salon, health_reason=WHY)), salon.works_here(*DESK))
    shown = salon.ask(PreviewSeries(**a_series(salon, health_reason=WHY))).occurrences
    assert [each.outcome for each in shown] == ["free"] * 3
    salon.ask(BookSeries(**a_series(salon, health_reason=WHY)))
    assert healths(salon) == [AppointmentHealth("block", ("latex",), overridden=True)] * 3
    assert len(card.asked) == 2, "once for each request, not for each occurrence"


def test_a_series_that_gets_other_services_is_guarded_anew(salon: Salon, card: Card, harmless: Service) -> None:
    card.speaks_of = {"latex"}
    made = salon.ask(BookSeries(**a_series(salon, harmless)))
    cut = (WantedSegment(salon.haircut.id, salon.anna.id),)
    with pytest.raises(Conflict, match="series_conflicts"):
        salon.ask(ChangeSeries(made.id, "all", segments=cut, policy="next_free"))
    assert healths(salon) == [None] * 3
    salon.ask(ChangeSeries(made.id, "all", segments=cut, health_reason=WHY))
    assert healths(salon) == [AppointmentHealth("block", ("latex",), overridden=True)] * 3
    first = salon.ask(ShowSeries(made.id)).appointments[0]
    assert [entry.health_reason for entry in salon.ask(ShowHistory(first.appointment_id)).items][-1] == WHY


def test_a_series_that_is_only_moved_asks_for_no_reason(salon: Salon, card: Card) -> None:
    """What it grows by is booked anew, and guarded."""
    made = salon.ask(BookSeries(**a_series(salon)))
    card.speaks_of = {"latex"}
    moved = salon.ask(ChangeSeries(made.id, "all", starts=salon.at("15:00")))
    assert healths(salon) == [AppointmentHealth("ok")] * 3
    with pytest.raises(Conflict, match="series_conflicts") as refused:
        salon.ask(ChangeSeries(moved.id, "all", rule=Rule("DAILY", count=4)))
    assert [each["code"] for each in refused.value.details["conflicts"]] == ["contraindicated"]


# --- other ways in --------------------------------------------------------------------------------------------------


def test_an_offer_of_the_waiting_list_is_guarded(salon: Salon, card: Card) -> None:
    days = tuple(salon.today + timedelta(days=day) for day in range(14))
    salon.ask(ReplaceShifts(salon.olga.id, salon.branch.id, (), days))
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, (Shift(days[1], "12:00", "13:00"),), days))
    taken = salon.book(client=DORA)
    wanted = (WantedSegment(salon.haircut.id),)
    entry = salon.ask(AddToWaitingList(salon.branch.id, CLARA, wanted, salon.today, days[7]))
    salon.ask(CancelAppointment(taken.id, "ill"))
    salon.booking.tick()
    card.speaks_of = {"latex"}
    with pytest.raises(Conflict, match="contraindicated"):
        salon.ask(AcceptOffer(entry.id))
    with pytest.raises(Forbidden):
        salon.ask(AcceptOffer(entry.id, WHY), salon.works_here(*DESK))
    made = salon.ask(AcceptOffer(entry.id, WHY))
    assert made.health == AppointmentHealth("block", ("latex",), overridden=True)


def test_joining_a_group_is_guarded(salon: Salon, card: Card, page: Page) -> None:
    yoga = salon.a_service("Yoga", capacity=5)
    mark(salon, yoga, LATEX)
    salon.renders(salon.anna, salon.haircut, yoga)
    event = salon.ask(CreateGroupEvent(salon.branch.id, yoga.id, salon.anna.id, salon.at("12:00")))
    card.speaks_of = {"latex"}
    with pytest.raises(Conflict, match="contraindicated"):
        salon.book(None, yoga)
    made = salon.book(None, yoga, health_reason=WHY)
    assert made.group_event_id == event.id
    assert made.health == AppointmentHealth("block", ("latex",), overridden=True)
    page.book(contact=somebody(1), service=yoga)
    card.speaks_of = set()
    assert salon.book(None, yoga, client=DORA).health == AppointmentHealth("ok")


def test_a_hold_is_guarded_when_it_is_booked(salon: Salon, card: Card) -> None:
    """Whoever holds the time is nobody yet."""
    card.speaks_of = {"latex"}
    held = salon.hold()
    assert card.asked == []
    with pytest.raises(Conflict, match="contraindicated"):
        salon.book(hold_id=held.id)
    assert salon.book(hold_id=held.id, health_reason=WHY).health == AppointmentHealth("block", ("latex",), True)


def test_a_client_who_is_signed_in_is_sent_to_the_desk(salon: Salon, card: Card) -> None:
    clara = salon.works_here("appointments.create.own", client_id=CLARA, branch_ids=frozenset())
    card.speaks_of = {"latex"}
    with pytest.raises(Conflict, match="contraindicated") as refused:
        salon.book(caller=clara)
    assert refused.value.details == {}


def test_what_stands_in_a_card_stops_the_booking(salon: Salon, start: Callable[..., Harness]) -> None:
    """With the real clients, as the card is now."""
    clients = start("clients")
    card = clients.ask(RegisterClient("Клара", contraindications=("Аллергия на ЛАТЕКСНЫЕ перчатки",)))
    salon.booking.others.answers[CheckConditions] = lambda request: clients.ask(request, a_service("booking"))
    mark(salon, salon.haircut, Contraindication("латекс", "block"))
    with pytest.raises(Conflict, match="contraindicated") as refused:
        salon.book(client=card.id)
    assert refused.value.details == {"conditions": ["латекс"]}
    clients.ask(ChangeClient(card.id, card.version, contraindications=()))
    assert salon.book(client=card.id).health == AppointmentHealth("ok")
