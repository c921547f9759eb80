"""What pages work out themselves: names and times as somebody chose them, and what a master's own work came to."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st

from contracts.booking import Appointment, Line, Segment
from gateway.pages import me_look
from gateway.pages.masters import added_up
from kernel.money import Money

MILA, OTHER = UUID(int=1), UUID(int=2)
CUT, COLOUR = UUID(int=3), UUID(int=4)
TEN = datetime(2026, 11, 23, 10, tzinfo=UTC)


def rub(amount):
    return Money(amount, "RUB")


def a_visit(number, status="completed", master=MILA, due=250_000, refunded=0, service=CUT):
    segment = Segment(UUID(int=100 + number), service, master, TEN, TEN + timedelta(hours=1), rub(due))
    line = Line(UUID(int=200 + number), "service", rub(due), rub(0), rub(due), rub(refunded), master_id=master)
    return Appointment(
        UUID(int=300 + number), UUID(int=5), UUID(int=400 + number), status, TEN, TEN + timedelta(hours=1), (segment,),
        (line,), (), rub(due), rub(0), rub(due), rub(due), rub(refunded), None, 1,
    )  # fmt: skip


VISITS = st.builds(
    a_visit,
    st.integers(0, 50),
    st.sampled_from(["booked", "confirmed", "arrived", "completed", "cancelled", "no_show"]),
    st.sampled_from([MILA, OTHER]),
    st.integers(0, 10**7),
)


def test_only_completed_work_of_the_master_is_revenue_and_refunds_come_off():
    visits = [
        a_visit(0, refunded=50_000),
        a_visit(1, master=OTHER),
        a_visit(2, "booked"),
        a_visit(3, "no_show"),
        a_visit(4, service=COLOUR),
        a_visit(5, service=COLOUR),
    ]
    work = added_up(visits, MILA)
    assert work.revenue == rub(700_000)
    assert (work.visits, work.clients, work.coming, work.missed, work.cancelled) == (4, 4, 1, 1, 0)
    assert work.services == ((COLOUR, 2), (CUT, 1))


def test_nothing_comes_to_nothing():
    work = added_up([], MILA)
    assert (work.visits, work.revenue, work.services) == (0, None, ())


@given(st.lists(VISITS), st.lists(VISITS))
def test_two_months_together_are_the_sum_of_both(first, second):
    def amount(visits):
        found = added_up(visits, MILA)
        return found.visits, found.coming, found.missed, found.revenue.amount if found.revenue else 0

    assert amount([*first, *second]) == tuple(map(sum, zip(amount(first), amount(second), strict=True)))


@dataclass
class Named:
    first_name: str = "Anna"
    last_name: str | None = "Petrova"
    patronymic: str | None = "Ivanovna"
    preferred_name: str | None = None


@pytest.mark.parametrize(
    ("order", "client", "text"),
    [
        ("", Named(), "Anna Petrova"),
        ("first_last", Named(preferred_name="Anya"), "Anya Petrova"),
        ("last_first", Named(), "Petrova Anna"),
        ("full", Named(preferred_name="Anya"), "Petrova Anna Ivanovna"),
        ("full", Named(last_name=None, patronymic=None), "Anna"),
        ("nonsense", Named(), "Anna Petrova"),
    ],
)
def test_names_stand_in_the_order_that_was_chosen(order, client, text):
    with Flask("names").test_request_context("/", headers={"Cookie": f"lokon_names={order}"}):
        assert me_look.called(client) == text


@pytest.mark.parametrize(
    ("face", "value", "text"),
    [
        ("24", datetime(2026, 1, 1, 18, 30, tzinfo=UTC), "18:30"),
        ("12", datetime(2026, 1, 1, 18, 30, tzinfo=UTC), "6:30 pm"),
        ("12", "00:05", "12:05 am"),
        ("12", "24:00", "24:00"),
        ("24", "09:00", "09:00"),
        ("", "later", "later"),
    ],
)
def test_times_are_told_by_the_clock_that_was_chosen(face, value, text):
    with Flask("times").test_request_context("/", headers={"Cookie": f"lokon_clock={face}"}):
        g.language = "en"
        assert me_look.clock(value).replace("\u202f", " ") == text
