"""Reports of bookings, clients and sources, beside those of visits."""

from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from contracts.analytics import SaveReport, TryReport
from contracts.booking import AppointmentCancelled, AppointmentMissed, BookedSegment
from contracts.clients import MonthlyCost, SourceChanged
from kernel.errors import Invalid
from kernel.money import Money
from services.analytics.domain.subjects import SUBJECTS
from tests.builders import CLARA, ELSEWHERE, HERE, a_user, anna
from tests.facts import COLOUR, HAIRCUT, IRINA, NOON, OLGA, booked, completed, line, numbered, registered, retail

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
RADIO, WEB = numbered(50), numbered(51)
TWO, THREE = numbered(2), numbered(3)
BOTH = a_user("analytics.read", "reports.edit", branch_ids=frozenset({HERE, ELSEWHERE}))


def source(source_id, channel, **costs):
    monthly = tuple(MonthlyCost(month.replace("_", "-")[1:], Money(amount, "RUB")) for month, amount in costs.items())
    return SourceChanged(source_id, 1, channel, None, active=True, costs=monthly, occurred_at=NOON)


def became(kind, appointment, status, **changes):
    return kind(**(asdict(appointment) | {"segments": appointment.segments, "version": 2, "status": status} | changes))


def segment(service_id, master_id, starts):
    return BookedSegment(service_id, master_id, starts, starts + timedelta(hours=1), ())


@pytest.fixture
def analytics(start):
    """Clara came twice and brought Two; Three came through the web, and missed and cancelled an appointment."""
    service = start("analytics")
    ahead = booked(numbered(21), THREE, channel="widget", occurred_at=NOON - timedelta(days=3))
    two_masters = (segment(HAIRCUT, OLGA, ahead.starts), segment(COLOUR, IRINA, ahead.starts))
    again = booked(numbered(22), THREE, segments=two_masters, occurred_at=NOON - timedelta(hours=30))
    service.deliver(
        source(RADIO, "Radio", _2026_01=31_000, _2026_04=0),
        source(WEB, "Web", _2026_03=100),
        source(numbered(52), "Leaflets", _2026_03=500, _2026_04=0),
        registered(CLARA, channel="Radio", source_id=RADIO, sex="female", birth_band=1990),
        registered(TWO, CLARA, sex="male"),
        registered(THREE, channel="Web", source_id=WEB),
        completed(numbered(1), CLARA, line(900, discount=100, cost=300), channel="widget"),
        completed(numbered(2), CLARA, line(100), retail(50, cost=20), local_date=date(2026, 4, 6), channel="phone"),
        completed(numbered(3), TWO, line(400, service_id=COLOUR), local_date=date(2026, 4, 6), branch_id=ELSEWHERE),
        completed(numbered(4), THREE, line(70), local_date=date(2026, 4, 7)),
        ahead,
        again,
        became(AppointmentMissed, ahead, "no_show"),
        became(AppointmentCancelled, again, "cancelled", cancelled_by="client"),
    )
    return service


def report(analytics, document, caller=None, **changes):
    words = {"from_": FIRST, "to": LAST, "document": document} | changes
    return analytics.ask(TryReport(**words), *([caller] if caller else []))


def test_visits_by_what_is_known_of_people_and_bookings(analytics):
    by_sex = report(analytics, {"group_by": ["sex"], "measures": ["visits", "revenue", "discount", "margin"]})
    found = [(row.sex, row.visits, row.revenue.amount, row.discount.amount, row.margin.amount) for row in by_sex.rows]
    assert found == [("female", 2, 1_050, 100, 730), ("male", 1, 400, 0, 400), (None, 1, 70, 0, 70)]
    touches = report(analytics, {"group_by": ["source", "booked_through"], "measures": ["visits"]})
    assert [(row.source, row.booked_through, row.visits) for row in touches.rows] == [
        ("Radio", "phone", 1),
        ("Radio", "widget", 1),
        ("Radio", None, 1),
        ("Web", None, 1),
    ]
    assert "first acquaintance" in touches.definition and "booking itself" in touches.definition
    mondays = report(analytics, {"group_by": ["weekday"], "measures": ["visits"]})
    assert [(row.weekday, row.visits) for row in mondays.rows] == [(0, 3), (1, 1)]
    through = {"group_by": ["service"], "filter": {"field": "booked_through", "is": "widget"}}
    assert [(row.service_id, row.visits) for row in report(analytics, through).rows] == [(HAIRCUT, 1)]
    little = {"kind": "list", "columns": ["margin"], "filter": {"field": "margin", "below": 100}}
    assert [row.margin.amount for row in report(analytics, little).rows] == [70]


def test_bookings_and_what_became_of_them(analytics):
    measures = ["bookings", "clients", "kept", "cancelled", "no_shows", "cancelled_percent", "no_show_percent"]
    found = report(analytics, {"of": "bookings", "measures": [*measures, "lead_hours"]})
    (row,) = found.rows
    assert (row.bookings, row.clients, row.kept, row.cancelled, row.no_shows) == (6, 3, 4, 1, 1)
    assert (row.cancelled_percent, row.no_show_percent) == (Decimal("16.67"), Decimal("20.00"))
    assert row.lead_hours == 51  # (72 + 30) / 2: what was entered afterwards has none
    by_whom = report(analytics, {"of": "bookings", "group_by": ["status", "cancelled_by"], "measures": ["bookings"]})
    assert [(row.status, row.cancelled_by, row.bookings) for row in by_whom.rows] == [
        ("cancelled", "client", 1),
        ("completed", None, 4),
        ("no_show", None, 1),
    ]
    by_lead = report(analytics, {"of": "bookings", "group_by": ["lead_days"], "measures": ["bookings"]})
    assert [(row.lead_days, row.bookings) for row in by_lead.rows] == [(1, 1), (3, 1), (None, 4)]


def test_a_booking_counts_once_for_each_service_and_once_in_all(analytics):
    cancelled = {"field": "status", "is": "cancelled"}
    document = {"of": "bookings", "group_by": ["service"], "measures": ["bookings", "lead_hours"], "filter": cancelled}
    found = report(analytics, document)
    assert {row.service_id: (row.bookings, row.lead_hours) for row in found.rows} == {
        HAIRCUT: (1, 30),
        COLOUR: (1, 30),
    }
    assert (found.total.bookings, found.total.lead_hours) == (1, 30)
    listed = report(analytics, {"of": "bookings", "kind": "list", "columns": ["master", "status"], "filter": cancelled})
    assert {row.master_id for row in listed.rows} == {OLGA, IRINA}


def test_lists_of_bookings_say_whose_and_how_long_ahead(analytics):
    ahead = {"field": "lead_hours", "at_least": 0.5}
    document = {"of": "bookings", "kind": "list", "columns": ["day", "client", "lead_hours"], "filter": ahead}
    found = report(analytics, document | {"order_by": "lead_hours"})
    assert [(row.appointment_id, row.client_id, row.lead_hours) for row in found.rows] == [
        (numbered(22), THREE, 30),
        (numbered(21), THREE, 72),
    ]
    assert found.rows[0].name is None  # for the gateway to fill in


def test_clients_who_came_by_what_they_are(analytics):
    by_sex = report(analytics, {"of": "clients", "group_by": ["sex", "month"], "measures": ["clients", "revenue"]})
    assert [(row.sex, row.month, row.clients, row.revenue.amount) for row in by_sex.rows] == [
        ("female", "2026-03", 1, 1_050),
        ("male", "2026-04", 1, 400),
        (None, "2026-04", 1, 70),
    ]
    assert (by_sex.total.clients, by_sex.total.revenue.amount) == (3, 1_520)
    listed = report(
        analytics,
        {"of": "clients", "kind": "list", "columns": ["client", "referred", "visits", "average_check", "last_day"]},
        from_=date(2026, 4, 1),
    )
    found = [(row.client_id, row.referred, row.visits, row.average_check.amount) for row in listed.rows]
    assert found == [(CLARA, False, 1, 150), (TWO, True, 1, 400), (THREE, False, 1, 70)]
    here = report(analytics, {"of": "clients"}, anna("analytics.read"))
    assert (here.total.clients, here.total.revenue.amount) == (2, 1_120)


def test_clients_are_filtered_as_segments_are_and_judged_as_they_were_last(analytics):
    analytics.tick()
    twice = {"of": "clients", "filter": {"and": [{"field": "visits", "at_least": 2}, {"field": "sex", "is": "female"}]}}
    assert [row.clients for row in report(analytics, twice).rows] == [1]
    judged = report(analytics, {"of": "clients", "group_by": ["rfm", "state"], "measures": ["clients"]})
    assert sum(row.clients for row in judged.rows) == 3
    assert all(isinstance(row.rfm, str) for row in judged.rows)
    rfm = judged.rows[0].rfm
    only = report(analytics, {"of": "clients", "filter": {"field": "rfm", "is": rfm}})
    assert only.total.clients == sum(row.clients for row in judged.rows if row.rfm == rfm)
    by_visits = report(analytics, {"group_by": ["rfm"], "measures": ["visits"]})
    assert sum(row.visits for row in by_visits.rows) == 4


@pytest.mark.parametrize(
    "document", [{"of": "clients", "filter": {"field": "visits", "is": 1}}, {"group_by": ["state"]}]
)
def test_people_are_judged_in_the_chain_or_in_one_branch(analytics, document):
    with pytest.raises(Invalid) as refused:
        report(analytics, document, BOTH)
    assert (refused.value.code, set(refused.value.details["errors"])) == ("branch_needed", {"branch_id"})
    assert report(analytics, document, BOTH, branch_id=HERE).rows


def test_sources_beside_what_they_cost(analytics):
    measures = ["new_clients", "revenue", "cost", "cost_per_new_client"]
    document = {"of": "sources", "group_by": ["source"], "measures": measures}
    found = report(analytics, document | {"order_by": "revenue", "descending": True})
    figures = [
        (row.source, row.new_clients, row.revenue.amount, row.cost.amount, row.cost_per_new_client)
        for row in found.rows
    ]
    rub = Money(46_500, "RUB")
    assert figures == [
        ("Radio", 2, 1_450, 93_000, rub),
        ("Web", 1, 70, 1_000, Money(1_000, "RUB")),
        ("Leaflets", 0, 0, 500, None),
    ]
    assert (found.total.cost.amount, found.total.new_clients) == (94_500, 3)
    some = {"filter": {"not": {"field": "source", "is": "RADIO"}}}
    assert [row.source for row in report(analytics, document | some).rows] == ["Leaflets", "Web"]
    assert report(analytics, document | some).total.cost.amount == 1_500
    by_month = report(analytics, {"of": "sources", "group_by": ["month"], "measures": ["visits", "cost"]})
    months = {row.month: (row.visits, row.cost.amount) for row in by_month.rows}
    assert months["2026-01"] == (0, 31_000)
    assert months["2026-03"] == (1, 31_600)
    assert months["2026-04"] == (3, 100)
    of_branch = report(analytics, document, anna("analytics.read"))
    assert [(row.source, row.cost) for row in of_branch.rows] == [("Radio", None), ("Web", None)]


def test_half_a_month_costs_half(analytics):
    document = {"of": "sources", "group_by": ["source", "quarter"], "measures": ["cost"]}
    found = report(analytics, document, from_=date(2026, 1, 1), to=date(2026, 1, 15))
    assert [(row.source, row.quarter, row.cost.amount) for row in found.rows] == [("Radio", "2026-Q1", 15_000)]


@pytest.mark.parametrize(
    ("document", "code", "place"),
    [
        ({"of": "weather"}, "field_unknown", "document.of"),
        ({"of": "sources", "kind": "list"}, "field_unknown", "document.kind"),
        ({"of": "bookings", "group_by": ["category"]}, "dimension_unknown", "document.group_by.0"),
        ({"of": "bookings", "measures": ["revenue"]}, "dimension_unknown", "document.measures.0"),
        ({"of": "clients", "group_by": ["branch"]}, "dimension_unknown", "document.group_by.0"),
        ({"of": "bookings", "filter": {"field": "status", "is": "lost"}}, "filter_wrong_type", "document.filter.is"),
        ({"of": "bookings", "filter": {"field": "lead_hours", "is": 1}}, "operator_unknown", "document.filter"),
        ({"of": "bookings", "filter": {"field": "revenue", "is": 1}}, "field_unknown", "document.filter.field"),
        ({"of": "sources", "filter": {"field": "day", "is": "2026-01-01"}}, "field_unknown", "document.filter.field"),
    ],
)
def test_what_a_subject_does_not_have_is_named_with_its_place(analytics, document, code, place):
    for ask in (lambda: report(analytics, document), lambda: analytics.ask(SaveReport("Wrong", document))):
        with pytest.raises(Invalid) as refused:
            ask()
        assert refused.value.code == code
        assert place in refused.value.details["errors"]


def test_every_word_of_every_subject_can_be_asked_for(analytics):
    """Each dimension alone with all measures, all columns at once, and an order by each; nobody came: a reason."""
    analytics.tick()
    for of, subject in SUBJECTS.items():
        for name in subject.dimensions:
            asked = {"of": of, "group_by": [name], "measures": list(subject.measures), "order_by": name}
            assert report(analytics, asked).rows, (of, name)
        for name in subject.columns:
            asked = {"of": of, "kind": "list", "columns": list(subject.columns), "order_by": name, "descending": True}
            assert report(analytics, asked).rows, (of, name)
        empty = report(analytics, {"of": of}, from_=date(2020, 1, 1), to=date(2020, 2, 1))
        assert (empty.rows, empty.total) == ((), None)
        assert empty.reason in {"no_visits", "no_bookings", "no_clients"}
