"""Reasons: whoever cancels, pays back or books over others says why."""

from typing import Any

import pytest

from contracts.booking import (
    BookSeries,
    CancelAppointment,
    CancelGroupEvent,
    CancelSeries,
    ChangeAppointment,
    LineRefund,
    RefundAppointment,
    Rule,
    ShowHistory,
    WantedSegment,
)
from kernel.errors import Invalid
from tests.builders import CLARA
from tests.component.booking.page import Page
from tests.component.booking.salon import Salon, field_of, roubles
from tests.component.booking.studio import Studio
from tests.component.booking.test_booking_diary import DORA


def refused(salon: Salon, request: Any) -> str:
    with pytest.raises(Invalid, match="reason_blank") as refusal:
        salon.ask(request)
    return field_of(refusal.value)


@pytest.mark.parametrize("blank", ["", " ", "\n\t ", "\u00a0\u3000"])
def test_blanks_are_no_reason(salon: Salon, blank: str) -> None:
    made = salon.book()
    visit = salon.a_visit(lines=())
    refund = (LineRefund(visit.lines[0].id, roubles(100)),)
    haircut = (WantedSegment(salon.haircut.id, salon.olga.id),)
    series = salon.ask(BookSeries(salon.branch.id, DORA, salon.at("18:00"), haircut, Rule("DAILY", count=2)))
    event = Studio(salon).plan(salon.at("15:00"))
    for request in (
        CancelAppointment(made.id, blank),
        CancelSeries(series.id, "all", blank),
        CancelGroupEvent(event.id, blank),
        RefundAppointment(visit.id, refund, blank),
    ):
        assert refused(salon, request) == "reason"
    assert salon.show(made) == made


def test_an_overlap_has_a_reason(salon: Salon) -> None:
    salon.book(master=salon.anna)
    other = salon.book(salon.at("15:00"), master=salon.anna, client=DORA)
    with pytest.raises(Invalid, match="reason_blank") as refusal:
        salon.book(master=salon.anna, client=DORA, overlap_reason="   ")
    assert field_of(refusal.value) == "overlap_reason"
    assert refused(salon, ChangeAppointment(other.id, 1, salon.at("12:00"), overlap_reason=" ")) == "overlap_reason"


def test_who_cancels_by_the_key_need_not_say_why(salon: Salon) -> None:
    page = Page(salon)
    for number, more in enumerate(({}, {"reason": None}, {"reason": ""})):
        made = page.book(salon.at(f"{12 + number}:00"))
        assert page.cancel(made.key, **more).status == "cancelled"
    last = salon.told()[-1]
    assert (last.client_id, salon.ask(ShowHistory(last.appointment_id)).items[-1].reason) == (CLARA, None)
