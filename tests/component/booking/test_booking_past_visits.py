"""Visits of the past: recorded once for each reference, to the kopeck, occupying nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import thread_time
from typing import Any

import pytest

from contracts.booking import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    CompleteAppointment,
    LineRefund,
    ListAppointments,
    PastLine,
    PastSegment,
    PastVisit,
    RecordVisits,
    RefundAppointment,
    ShowAppointment,
    VisitCompleted,
)
from contracts.clients import ActiveClients, CheckClients
from kernel.errors import Forbidden, Invalid, NotFound
from tests.builders import CLARA, boris
from tests.component.booking.salon import Salon, field_of, overlaps, roubles, together

LONG_AGO = datetime(2018, 3, 5, 14, 30, tzinfo=UTC)


def a_past_visit(salon: Salon, reference: str = "receipts.csv:1", **more: Any) -> PastVisit:
    return PastVisit(
        **(
            {
                "reference": reference,
                "branch_id": salon.branch.id,
                "starts": LONG_AGO,
                "status": "completed",
                "client_id": CLARA,
                "segments": (PastSegment(salon.haircut.id, salon.anna.id),),
                "lines": (
                    PastLine("service", 4_500, salon.haircut.id, salon.anna.id),
                    PastLine("retail", 1_999, text="Shampoo"),
                    PastLine("adjustment", -500),
                ),
            }
            | more
        )
    )


def record(salon: Salon, *visits: PastVisit, currency: str = "RUB") -> Any:
    return salon.ask(RecordVisits(currency, visits)).items


def test_a_past_visit_keeps_its_date_its_prices_and_is_paid(salon: Salon) -> None:
    (item,) = record(salon, a_past_visit(salon))
    visit = salon.ask(ShowAppointment(item.id))
    assert (visit.status, visit.reference, visit.starts) == ("completed", "receipts.csv:1", LONG_AGO)
    assert visit.ends - visit.starts == timedelta(hours=1)
    assert [line.due.amount for line in visit.lines] == [4_500, 1_999, -500]
    assert (visit.total.amount, visit.due.amount, visit.paid.amount) == (5_999, 5_999, 5_999)
    (told,) = salon.told()
    assert isinstance(told, VisitCompleted)
    assert [(line.kind, line.due, line.category) for line in told.lines] == [
        ("service", 4_500, "Hair"), ("retail", 1_999, None), ("adjustment", -500, None),
    ]  # fmt: skip


def test_the_segments_of_a_past_visit_follow_one_another(salon: Salon) -> None:
    part = PastSegment(salon.haircut.id, salon.anna.id)
    (item,) = record(salon, a_past_visit(salon, segments=(part, part)))
    first, second = salon.ask(ShowAppointment(item.id)).segments
    assert (first.starts, second.starts, second.ends) == (LONG_AGO, first.ends, LONG_AGO + timedelta(hours=2))


def test_a_visit_of_somebody_unknown_is_refused_and_a_recorded_one_of_somebody_erased_is_not(salon: Salon) -> None:
    (first,) = record(salon, a_past_visit(salon))
    salon.booking.others.answers[CheckClients] = lambda _request: ActiveClients(())
    assert [item.id for item in record(salon, a_past_visit(salon))] == [first.id]
    with pytest.raises(Invalid, match="client_unknown") as refused:
        record(salon, a_past_visit(salon), a_past_visit(salon, "new"))
    assert list(refused.value.details["errors"]) == ["visits.1.client_id"]
    del salon.booking.others.answers[CheckClients]
    assert [item.created for item in record(salon, a_past_visit(salon, "new"))] == [True]


def test_a_reference_is_recorded_once_whatever_is_said_later(salon: Salon) -> None:
    (first,) = record(salon, a_past_visit(salon))
    again = record(salon, a_past_visit(salon, lines=()), a_past_visit(salon, "other"), a_past_visit(salon, "other"))
    assert [item.created for item in again] == [False, True, False]
    assert (first.created, again[0].id, again[2].id) == (True, first.id, again[1].id)
    assert salon.ask(ShowAppointment(first.id)).due.amount == 5_999
    assert len(salon.told()) == 2


def test_batches_at_once_record_a_reference_once(salon: Salon) -> None:
    visits = tuple(a_past_visit(salon, f"line {number}") for number in range(20))
    results = together(4, lambda _: record(salon, *visits))
    assert sum(item.created for items in results for item in items) == 20  # type: ignore[attr-defined]
    assert len(salon.told()) == 20


def test_visits_without_a_card_and_without_money_count_too(salon: Salon) -> None:
    offset = (PastLine("service", 100, salon.haircut.id), PastLine("adjustment", -100))
    returned = (PastLine("retail", -1_500, text="Shampoo"),)
    items = record(
        salon,
        a_past_visit(salon, "walk-in", client_id=None),
        a_past_visit(salon, "offset", lines=offset, segments=()),
        a_past_visit(salon, "return", lines=returned, segments=()),
        a_past_visit(salon, "nothing", lines=(), segments=()),
    )
    bills = [salon.ask(ShowAppointment(item.id)) for item in items]
    assert [(bill.due.amount, bill.paid.amount) for bill in bills] == [(5_999, 5_999), (0, 0), (-1_500, -1_500), (0, 0)]
    assert bills[0].client_id is None
    with pytest.raises(Invalid, match="refund_too_large"):
        salon.ask(RefundAppointment(items[1].id, (LineRefund(bills[1].lines[0].id, roubles(100)),), "twice"))


def test_other_ends_are_told_as_what_they_are(salon: Salon) -> None:
    statuses = ("booked", "confirmed", "arrived", "cancelled", "no_show")
    items = record(salon, *(a_past_visit(salon, status, status=status, lines=()) for status in statuses))
    assert [type(event) for event in salon.told()] == [
        AppointmentBooked, AppointmentBooked, AppointmentBooked, AppointmentCancelled, AppointmentMissed,
    ]  # fmt: skip
    done = salon.ask(CompleteAppointment(items[0].id))
    assert done.due == salon.haircut.price
    assert overlaps(salon) == 0


def test_past_visits_occupy_nothing(salon: Salon) -> None:
    record(salon, a_past_visit(salon, "a"), a_past_visit(salon, "b", starts=LONG_AGO + timedelta(minutes=10)))
    assert len(salon.ask(ListAppointments(client_id=CLARA)).items) == 2


def test_one_wrong_visit_refuses_the_batch_and_names_its_place(salon: Salon) -> None:
    right = a_past_visit(salon, "right")
    for wrong, code, field in (
        ({"branch_id": CLARA}, "branch_unknown", "visits.1.branch_id"),
        ({"starts": salon.at("12:00", 2)}, "visit_in_future", "visits.1.starts"),
        ({"starts": LONG_AGO.replace(tzinfo=None)}, "offset_missing", "visits.1.starts"),
        ({"starts": LONG_AGO.replace(year=1)}, "time_out_of_range", "visits.1.starts"),
        ({"segments": (PastSegment(CLARA, salon.anna.id),)}, "service_unknown", "visits.1.segments.0.service_id"),
        ({"segments": (PastSegment(salon.haircut.id, CLARA),)}, "master_unknown", "visits.1.segments.0.master_id"),
        ({"lines": (PastLine("service", 1, CLARA),)}, "service_unknown", "visits.1.lines.0.service_id"),
        ({"lines": (PastLine("retail", 1, None, CLARA),)}, "master_unknown", "visits.1.lines.0.master_id"),
        ({"status": "cancelled"}, "lines_without_visit", "visits.1.lines"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=code) as refused:
            record(salon, right, replace(right, reference="wrong", **wrong))  # type: ignore[arg-type]
        assert field_of(refused.value) == field
    with pytest.raises(Invalid, match="currency_differs") as refused:
        record(salon, right, currency="CAD")
    assert field_of(refused.value) == "currency"
    assert salon.told() == []


def test_boris_may_not_record_here(salon: Salon) -> None:
    him = boris("visits.import", branch_ids=frozenset({salon.a_branch("Elsewhere").id}))
    with pytest.raises(NotFound, match="branch_not_found"):
        salon.ask(RecordVisits("RUB", (a_past_visit(salon),)), him)
    with pytest.raises(Forbidden):
        salon.ask(RecordVisits("RUB", (a_past_visit(salon),)), salon.works_here("appointments.create"))


def test_five_hundred_visits_are_recorded_quickly(salon: Salon) -> None:
    took = []
    for batch in range(2):
        visits = tuple(a_past_visit(salon, f"{batch}:{number}") for number in range(500))
        began = thread_time()
        items = record(salon, *visits)
        took.append(thread_time() - began)
    assert all(item.created for item in items)
    assert len(salon.booking.announced(VisitCompleted)) == 1_000
    assert min(took) < 2, f"{min(took):.2f} s"
