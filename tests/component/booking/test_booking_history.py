"""What became of an appointment: who, when, what and why; lateness, and who cancelled."""

from dataclasses import asdict, replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from contracts.booking import (
    AppointmentArrived,
    AppointmentCancelled,
    AppointmentChanged,
    ArriveAppointment,
    CancelAppointment,
    ChangeAppointment,
    ChangeBranch,
    CompleteAppointment,
    MarkNoShow,
    ShowBranch,
    ShowHistory,
    VisitCompleted,
)
from contracts.booking.salon import BranchPolicy
from kernel.errors import Conflict, Invalid, NotFound
from services.booking.tables import history
from tests.builders import CLARA, OWNER, a_user, anna, boris
from tests.component.booking.salon import Salon, field_of, roubles


def clara(*permissions: str) -> object:
    return a_user(*permissions, client_id=CLARA)


def test_every_change_says_who_did_what_when_and_why(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("13:00"), reason="her train is late"))
    salon.ask(ChangeAppointment(made.id, 2, comment="rings the bell"))
    salon.ask(CancelAppointment(made.id, "has a cold"))
    told = salon.ask(ShowHistory(made.id))
    assert [(entry.version, entry.change, entry.reason) for entry in told.items] == [
        (1, "booked", None),
        (2, "changed", "her train is late"),
        (3, "noted", None),
        (4, "cancelled", "has a cold"),
    ]
    assert {entry.caller for entry in told.items} == {str(OWNER.id)}
    moved = told.items[1].details
    assert moved["starts"] == {
        clock: salon.at(hour).isoformat() for clock, hour in (("old", "12:00"), ("new", "13:00"))
    }
    (part,) = moved["segments"]["new"]
    assert (part["master_id"], part["ends"]) == (str(salon.anna.id), salon.at("14:00").isoformat())
    assert told.items[3].details["status"] == {"old": "booked", "new": "cancelled"}
    assert told.items[2].details is None


def test_another_comment_is_told_without_its_text(salon: Salon) -> None:
    """Whoever keeps a copy misses no version, and reads nothing that is sealed."""
    made = salon.book()
    salon.ask(ChangeAppointment(made.id, 1, comment="her psoriasis"))
    booked, noted = salon.told()
    assert isinstance(noted, AppointmentChanged)
    assert noted == AppointmentChanged(
        **asdict(booked) | {"version": 2, "occurred_at": noted.occurred_at, "segments": booked.segments}
    )
    assert "psoriasis" not in str(noted)


def test_reasons_are_not_kept_in_clear(salon: Salon) -> None:
    made = salon.book()
    salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("15:00"), reason="her psoriasis"))
    with salon.booking.session() as session:
        kept = session.scalars(select(history.c.reason).where(history.c.reason.is_not(None))).all()
    assert len(kept) == 1
    assert b"psoriasis" not in bytes(kept[0])


def test_masters_see_what_became_of_their_own_appointments(salon: Salon) -> None:
    user_id = UUID("0190a000-0000-7000-8000-0000000000aa")
    her = salon.renders(salon.anna, salon.haircut, user_id=user_id)
    made = salon.book(master=her)
    other = salon.book(master=salon.olga, client=UUID("0190a000-0000-7000-8000-00000000000d"))
    herself = anna("appointments.read.own", id=user_id)
    assert len(salon.ask(ShowHistory(made.id), herself).items) == 1
    for asked, caller in ((other, herself), (made, boris("appointments.read"))):
        with pytest.raises(NotFound, match="appointment_not_found"):
            salon.ask(ShowHistory(asked.id), caller)


def test_a_client_learns_of_others_neither_who_nor_why(salon: Salon) -> None:
    herself = clara("appointments.create.own", "appointments.cancel.own", "appointments.read.own")
    made = salon.book(salon.at("12:00"), caller=herself)
    salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("13:00"), reason="a better client wants her time"))
    salon.ask(CancelAppointment(made.id, "has a cold"), herself)
    told = salon.ask(ShowHistory(made.id), herself)
    assert [(entry.change, entry.caller == str(herself.id), entry.reason) for entry in told.items] == [
        ("booked", True, None),
        ("changed", False, None),
        ("cancelled", True, "has a cold"),
    ]
    assert told.items[1].caller == "staff"
    assert salon.ask(ShowHistory(made.id)).items[1].reason == "a better client wants her time"


def test_lateness_is_counted_from_the_start(salon: Salon) -> None:
    made = salon.book(salon.at("12:00", 0))
    salon.put_back(made, 2.25)  # to a quarter to ten; it is ten and some minutes
    early = salon.book(salon.at("15:00", 0))
    assert (made.arrived_at, made.late_minutes) == (None, None)
    late = salon.ask(ArriveAppointment(made.id))
    assert late.arrived_at is not None
    assert late.late_minutes == (late.arrived_at - late.starts) // timedelta(minutes=1) >= 15
    on_time = salon.ask(ArriveAppointment(early.id))
    assert on_time.late_minutes == 0
    assert [event.late_minutes for event in salon.booking.announced(AppointmentArrived)] == [late.late_minutes, 0]
    salon.ask(CompleteAppointment(early.id))
    assert salon.booking.announced(VisitCompleted)[0].late_minutes == 0


def test_who_cancelled_is_known(salon: Salon) -> None:
    herself = clara("appointments.create.own", "appointments.cancel.own")
    first = salon.book(salon.at("12:00"), caller=herself)
    second = salon.book(salon.at("15:00"))
    assert salon.ask(CancelAppointment(first.id, "cannot come"), herself).cancelled_by == "client"
    assert salon.ask(CancelAppointment(second.id, "the master is ill")).cancelled_by == "staff"
    assert [event.cancelled_by for event in salon.booking.announced(AppointmentCancelled)] == ["client", "staff"]


def test_clients_keep_the_limits_of_the_branch_and_staff_need_not(salon: Salon) -> None:
    branch = salon.ask(ShowBranch(salon.branch.id))
    policy = BranchPolicy(lead_minutes=3 * 60, horizon_days=7, cancel_minutes=24 * 60)
    salon.ask(ChangeBranch(branch.id, branch.version, policy=policy))
    herself = clara("appointments.create.own", "appointments.cancel.own", "appointments.edit.own")
    with pytest.raises(Invalid, match="too_soon") as refused:
        salon.book(salon.at("12:00", 0), caller=herself)
    assert field_of(refused.value) == "starts"
    soon = salon.book(salon.at("12:00", 0))
    for request in (
        CancelAppointment(soon.id, "cannot come"),
        ChangeAppointment(soon.id, 1, starts=salon.at("12:00", 3)),
    ):
        with pytest.raises(Conflict, match="too_late_to_change") as late:
            salon.ask(request, herself)
        assert late.value.details["can_change_until"]
    assert salon.ask(ChangeAppointment(soon.id, 1, starts=salon.at("11:45", 0))).version == 2
    for caller in (herself, OWNER):
        with pytest.raises(Invalid, match="outside_horizon") as refused:
            salon.book(salon.at("12:00", 8), caller=caller)
        assert field_of(refused.value) == "starts"
    assert salon.book(salon.at("12:00", 7), caller=herself).status == "booked"


def test_a_client_books_what_is_open_to_clients(salon: Salon) -> None:
    herself = clara("appointments.create.own")
    inside = salon.a_service("Inside", bookable_online=False)
    salon.renders(salon.anna, salon.haircut, inside, bookable_online=False)
    with pytest.raises(Invalid, match="service_unknown"):
        salon.book(salon.at("12:00"), inside, caller=herself)
    with pytest.raises(Invalid, match="master_unknown"):
        salon.book(salon.at("12:00"), master=salon.anna, caller=herself)
    assert salon.book(salon.at("12:00"), caller=herself).segments[0].master_id == salon.olga.id
    assert salon.book(salon.at("14:00"), inside).segments[0].master_id == salon.anna.id


def test_the_cost_is_pinned_and_told_with_the_bill(salon: Salon) -> None:
    dear = salon.a_service("Dear", 60, cost=roubles(70_000))
    salon.renders(salon.anna, dear)
    made = salon.book(salon.at("12:00", 0), dear)
    assert made.segments[0].cost == roubles(70_000)
    seen = salon.show(made, replace(salon.works_here("appointments.read"), marks=frozenset()))
    assert seen.segments[0].cost is None
    salon.ask(CompleteAppointment(made.id))
    assert [line.cost for line in salon.booking.announced(VisitCompleted)[0].lines] == [70_000]


def test_no_show_gives_no_time_back_that_is_past(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"))
    salon.put_back(made, 48)
    assert salon.ask(MarkNoShow(made.id)).late_minutes is None
