"""Masters: their own terms, their rooms, their papers, and what the salon asks of them."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contracts.booking import (
    Branch,
    ChangeMaster,
    ChangeQuestionnaire,
    CreateMaster,
    CreateRoom,
    ListMasters,
    Master,
    OpenHoursChanged,
    Permit,
    Questionnaire,
    Rendering,
    ShowMaster,
    ShowQuestionnaire,
)
from kernel.errors import Forbidden, Invalid, NotFound, Refusal, Stale
from kernel.money import Money
from services.booking.tables import questionnaires
from tests.builders import CLARA, boris
from tests.component.booking.salon import Salon, field_of, roubles, together


@pytest.fixture
def elsewhere(salon: Salon) -> Branch:
    return salon.a_branch("Elsewhere")


def refused(salon: Salon, request: Any, code: str) -> str:
    """The field by which `request` is refused with `code`."""
    with pytest.raises(Invalid, match=code) as caught:
        salon.ask(request)
    return field_of(caught.value)


# --- terms ----------------------------------------------------------------------------------------------------------


def test_a_master_renders_what_their_terms_name_and_terms_are_shown_where_they_differ(salon: Salon) -> None:
    colour = salon.a_service("Colour")
    own = Rendering(colour.id, 90, roubles(500_000), 0, 10)
    made = salon.ask(CreateMaster("Nina", None, (salon.haircut.id,), renderings=(own, Rendering(salon.haircut.id))))
    assert made.service_ids == (salon.haircut.id, colour.id)
    assert made.renderings == (own,)
    assert salon.ask(ShowMaster(made.id)) == made
    assert made in salon.ask(ListMasters()).items


def test_services_keep_their_terms_and_terms_are_said_anew(salon: Salon) -> None:
    colour, shave = salon.a_service("Colour"), salon.a_service("Shave")
    fast = Rendering(salon.haircut.id, 30)
    nina = salon.a_master("Nina", renderings=(fast, Rendering(colour.id, 90)))
    fewer = salon.ask(ChangeMaster(nina.id, 1, service_ids=(shave.id, salon.haircut.id)))
    assert (fewer.service_ids, fewer.renderings) == ((shave.id, salon.haircut.id), (fast,))
    dear = Rendering(colour.id, price=roubles(1))
    other = salon.ask(ChangeMaster(nina.id, 2, renderings=(dear,)))
    assert (other.service_ids, other.renderings) == ((shave.id, salon.haircut.id, colour.id), (dear,))
    both = salon.ask(ChangeMaster(nina.id, 3, service_ids=(shave.id,), renderings=(fast,)))
    assert (both.service_ids, both.renderings) == ((shave.id, salon.haircut.id), (fast,))
    assert salon.ask(ChangeMaster(nina.id, 4, renderings=())).renderings == ()


def test_a_master_that_cannot_be_is_refused_by_the_field(salon: Salon) -> None:
    haircut = salon.haircut.id
    paper = Permit("medical_book", date(2030, 1, 1))
    for changes, code, field in (
        ({"name": " "}, "name_blank", "name"),
        ({"service_ids": (haircut, CLARA)}, "service_unknown", "service_ids.1"),
        ({"renderings": (Rendering(CLARA),)}, "service_unknown", "renderings.0.service_id"),
        ({"renderings": (Rendering(haircut), Rendering(haircut))}, "service_twice", "renderings.1.service_id"),
        ({"renderings": (Rendering(haircut, price=Money(1, "EUR")),)}, "currency_differs", "renderings.0.price"),
        ({"renderings": (Rendering(haircut, price=roubles(-1)),)}, "price_out_of_range", "renderings.0.price"),
        (
            {"renderings": (Rendering(haircut, 1440, None, 0, 5),)},
            "longer_than_a_day",
            "renderings.0.duration_minutes",
        ),
        ({"room_ids": (CLARA,)}, "room_unknown", "room_ids.0"),
        ({"permits": (paper, paper)}, "permit_twice", "permits.1.kind"),
        ({"picture_id": CLARA}, "picture_unknown", "picture_id"),
    ):
        assert refused(salon, CreateMaster(**({"name": "Nina"} | changes)), code) == field
        assert refused(salon, ChangeMaster(salon.anna.id, 1, **changes), code) == field
    assert salon.ask(ShowMaster(salon.anna.id)) == salon.anna
    assert len(salon.ask(ListMasters()).items) == 2


# --- rooms ----------------------------------------------------------------------------------------------------------


def test_a_master_is_bound_to_rooms(salon: Salon) -> None:
    one, two = (salon.ask(CreateRoom(salon.branch.id, name)).id for name in ("One", "Two"))
    nina = salon.a_master("Nina", room_ids=(two, one, two))
    assert nina.room_ids == (two, one)
    assert salon.ask(ChangeMaster(nina.id, 1, name="Nina P.")).room_ids == (two, one)
    assert salon.ask(ChangeMaster(nina.id, 2, room_ids=())).room_ids == ()


def test_the_rooms_of_other_branches_are_not_for_those_who_work_here(salon: Salon, elsewhere: Branch) -> None:
    manager = salon.works_here("masters.edit", "masters.create")
    ours = salon.ask(CreateRoom(salon.branch.id, "Ours")).id
    theirs = salon.ask(CreateRoom(elsewhere.id, "Theirs")).id
    nina = salon.a_master("Nina", room_ids=(theirs,))
    assert salon.ask(ChangeMaster(nina.id, 1, room_ids=(theirs, ours)), manager).room_ids == (theirs, ours)
    with pytest.raises(Forbidden, match="branch_not_yours"):
        salon.ask(ChangeMaster(nina.id, 2, room_ids=(ours,)), manager)
    for request in (CreateMaster("Vera", room_ids=(theirs,)), ChangeMaster(salon.anna.id, 1, room_ids=(theirs,))):
        with pytest.raises(NotFound, match="room_not_found"):
            salon.ask(request, manager)


# --- papers ---------------------------------------------------------------------------------------------------------


def told(salon: Salon, master: Master) -> list[OpenHoursChanged]:
    return [each for each in salon.booking.announced(OpenHoursChanged) if each.master_id == master.id]


def test_papers_that_run_out_end_the_days_of_their_master(salon: Salon) -> None:
    last = salon.today + timedelta(days=2)
    before = len(told(salon, salon.anna))
    changed = salon.ask(ChangeMaster(salon.anna.id, 1, permits=(Permit("work_permit", last),)))
    assert changed.permits == (Permit("work_permit", last),)
    events = told(salon, salon.anna)
    assert len(events) == before + 1
    assert [day.date for day in events[-1].days if day.open] == [salon.today + timedelta(days=day) for day in range(3)]
    salon.ask(ChangeMaster(salon.anna.id, 2, permits=()))
    assert all(day.open for day in told(salon, salon.anna)[-1].days)


def test_whom_a_master_who_leaves_cannot_keep_is_said_with_it(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    salon.book(salon.at("14:00"), master=salon.olga)
    papers = salon.ask(ChangeMaster(salon.anna.id, 1, permits=(Permit("medical_book", salon.today),)))
    assert [each.appointment_id for each in papers.stranded] == [made.id]
    gone = salon.ask(ChangeMaster(salon.anna.id, papers.version, permits=(), active=False))
    assert [each.appointment_id for each in gone.stranded] == [made.id]
    back = salon.ask(ChangeMaster(salon.anna.id, gone.version, active=True))
    assert back.stranded == ()


def test_who_has_left_is_open_on_no_day(salon: Salon) -> None:
    salon.ask(ChangeMaster(salon.olga.id, 1, active=False, bookable_online=False))
    event = told(salon, salon.olga)[-1]
    assert event.days
    assert not any(day.open for day in event.days)
    assert salon.ask(ChangeMaster(salon.olga.id, 2, name="Olga K.")).version == 3
    assert told(salon, salon.olga)[-1] == event


# --- questionnaires -------------------------------------------------------------------------------------------------


def test_a_questionnaire_is_empty_until_it_is_filled_in(salon: Salon) -> None:
    assert salon.ask(ShowQuestionnaire(salon.anna.id)) == Questionnaire(salon.anna.id, 1)
    filled = salon.ask(
        ChangeQuestionnaire(
            salon.anna.id, 1, (" +7 900 000-00-01 ",), "anna@example.org", date(1990, 5, 1), notes="Left-handed"
        )
    )
    assert filled == Questionnaire(
        salon.anna.id, 2, ("+7 900 000-00-01",), "anna@example.org", date(1990, 5, 1), notes="Left-handed"
    )
    assert salon.ask(ShowQuestionnaire(salon.anna.id)) == filled
    less = salon.ask(ChangeQuestionnaire(salon.anna.id, 2, email=None, address="1 King St"))
    assert (less.email, less.address, less.notes, less.version) == (None, "1 King St", "Left-handed", 3)
    with pytest.raises(Stale):
        salon.ask(ChangeQuestionnaire(salon.anna.id, 2, email=None))
    assert refused(salon, ChangeQuestionnaire(salon.anna.id, 3, phones=("1", " ")), "name_blank") == "phones.1"


def test_a_questionnaire_is_sealed_and_gone_with_its_key(salon: Salon) -> None:
    filled = salon.ask(ChangeQuestionnaire(salon.anna.id, 1, notes="Left-handed"))
    with salon.booking.session() as session:
        kept = session.scalars(select(questionnaires.c.answers)).one()
    assert b"Left-handed" not in kept
    salon.booking.dispatcher.instance.keyring.destroy(salon.anna.id)
    assert salon.ask(ShowQuestionnaire(salon.anna.id)) == Questionnaire(salon.anna.id, filled.version)


def test_who_may_not_see_contacts_sees_masks_and_cannot_store_them(salon: Salon) -> None:
    salon.ask(ChangeQuestionnaire(salon.anna.id, 1, ("+79000000001",), "anna@example.org", date(1990, 5, 1)))
    clerk = salon.works_here("questionnaires.read", "questionnaires.edit")
    seen = salon.ask(ShowQuestionnaire(salon.anna.id), clerk)
    assert (seen.phones, seen.email, seen.birth_date) == (("•••",), "•••", None)
    with pytest.raises(Invalid, match="masked_value"):
        salon.ask(ChangeQuestionnaire(salon.anna.id, 2, email=seen.email), clerk)


def test_a_questionnaire_is_for_those_of_its_branch(salon: Salon, elsewhere: Branch) -> None:
    him = boris("questionnaires.read", "questionnaires.edit", branch_ids=frozenset({elsewhere.id}))
    for request in (ShowQuestionnaire(salon.anna.id), ChangeQuestionnaire(salon.anna.id, 1, notes="His")):
        with pytest.raises(NotFound, match="master_not_found"):
            salon.ask(request, him)
    with pytest.raises(Forbidden):
        salon.ask(ShowQuestionnaire(salon.anna.id), salon.works_here("masters.read"))


def test_of_two_who_fill_it_in_at_once_one_is_told_so(salon: Salon) -> None:
    done = together(4, lambda number: salon.ask(ChangeQuestionnaire(salon.anna.id, 1, notes=f"By {number}")))
    assert len([each for each in done if isinstance(each, Questionnaire)]) == 1
    assert {type(each) for each in done if isinstance(each, Refusal)} == {Stale}
