"""What analytics tells clients for the export of a person: facts beside an id."""

from collections.abc import Callable

import pytest

from contracts.analytics import ExportFromAnalytics
from contracts.clients import EnquiryReceived
from kernel.errors import Forbidden
from tests.builders import CLARA, OWNER, a_service
from tests.facts import COLOUR, HAIRCUT, NOON, booked, completed, line, numbered, registered
from tests.harness import Harness

CLIENTS = a_service("clients")
OLGA = numbered(21)


@pytest.fixture
def analytics(start: Callable[..., Harness]) -> Harness:
    return start("analytics")


def test_facts_of_visits_and_the_source_are_told(analytics: Harness) -> None:
    analytics.deliver(registered(OLGA, channel="Instagram"), registered(CLARA, OLGA))
    analytics.deliver(completed(numbered(1), CLARA, line(100), line(200, service_id=COLOUR)))
    analytics.deliver(completed(numbered(2), OLGA))
    held = analytics.ask(ExportFromAnalytics(CLARA), CLIENTS)
    assert (held.referrer_id, held.channel, held.root) == (OLGA, None, "Instagram")
    (visit,) = held.visits
    assert (visit.appointment_id, held.first_visit_id, visit.revenue.amount) == (numbered(1), numbered(1), 300)
    assert {(part.service_id, part.revenue.amount) for part in visit.parts} == {(HAIRCUT, 100), (COLOUR, 200)}


def test_appointments_and_enquiries_are_told_too(analytics: Harness) -> None:
    analytics.deliver(booked(numbered(1), CLARA), booked(numbered(2), OLGA))
    analytics.deliver(EnquiryReceived(numbered(3), 1, CLARA, None, "site", False, NOON, None, NOON))
    held = analytics.ask(ExportFromAnalytics(CLARA), CLIENTS)
    assert [(one.appointment_id, one.status) for one in held.appointments] == [(numbered(1), "booked")]
    assert [(one.enquiry_id, one.channel, one.received_at) for one in held.enquiries] == [(numbered(3), "site", NOON)]


def test_of_somebody_unknown_nothing_is_no_failure(analytics: Harness) -> None:
    held = analytics.ask(ExportFromAnalytics(CLARA), CLIENTS)
    assert (held.registered_at, held.visits) == (None, ())
    with pytest.raises(Forbidden):
        analytics.ask(ExportFromAnalytics(CLARA), OWNER)
