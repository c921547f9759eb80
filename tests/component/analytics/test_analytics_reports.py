"""Reports that people put together: what they count, whom they show what, and what is refused."""

from datetime import date

import pytest

from contracts.analytics import (
    ChangeReport,
    ListReports,
    RemoveReport,
    RunReport,
    SaveReport,
    ShowReport,
    TryReport,
)
from contracts.message import UNSET
from kernel.errors import Forbidden, Invalid, NotFound, Stale
from tests.builders import CLARA, ELSEWHERE, HERE, anna, boris
from tests.facts import COLOUR, HAIRCUT, IRINA, OLGA, completed, line, numbered, registered, retail

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
READS = anna("analytics.read", "reports.edit")
BRANCHES = {"field": "branch", "in": [str(HERE), str(ELSEWHERE)]}


@pytest.fixture
def analytics(start):
    service = start("analytics")
    service.deliver(
        registered(CLARA, channel="Instagram"),
        registered(numbered(77), CLARA),
        completed(numbered(1), CLARA, line(100), line(40, service_id=COLOUR, master_id=IRINA)),
        completed(numbered(2), CLARA, line(300), local_date=date(2026, 4, 1)),
        completed(numbered(3), numbered(77), line(50), retail(5), local_date=date(2026, 4, 2)),
        completed(numbered(4), None, retail(7), local_date=date(2026, 4, 2), branch_id=ELSEWHERE),
    )
    return service


def report(analytics, document, caller=None, **changes):
    words = {"from_": FIRST, "to": LAST, "document": document} | changes
    return analytics.ask(TryReport(**words), *([caller] if caller else []))


def codes(analytics, document):
    with pytest.raises(Invalid) as refused:
        report(analytics, document)
    return refused.value.code, set(refused.value.details["errors"])


def test_a_grouped_report_counts_what_visits_have_in_common(analytics):
    found = report(analytics, {"group_by": ["month"], "measures": ["visits", "clients", "new_clients", "revenue"]})
    figures = [(row.month, row.visits, row.clients, row.new_clients, row.revenue.amount) for row in found.rows]
    assert figures == [("2026-03", 1, 1, 1, 140), ("2026-04", 3, 2, 1, 362)]
    assert (found.total.visits, found.total.clients, found.total.revenue.amount) == (4, 2, 502)
    assert found.columns == ("month", "visits", "clients", "new_clients", "revenue")
    assert found.rows[0].branch_id is UNSET
    assert "refunds taken off" in found.definition


@pytest.mark.parametrize(
    ("bucket", "keys"),
    [
        ("day", [date(2026, 3, 2), date(2026, 4, 1), date(2026, 4, 2)]),
        ("week", [date(2026, 3, 2), date(2026, 3, 30)]),
        ("quarter", ["2026-Q1", "2026-Q2"]),
        ("year", [2026]),
    ],
)
def test_dates_fall_into_buckets(analytics, bucket, keys):
    assert [getattr(row, bucket) for row in report(analytics, {"group_by": [bucket]}).rows] == keys


def test_two_dimensions_and_an_order(analytics):
    document = {"group_by": ["branch", "source"], "measures": ["revenue"], "order_by": "revenue", "descending": True}
    found = [(row.branch_id, row.source, row.revenue.amount) for row in report(analytics, document).rows]
    assert found == [(HERE, "Instagram", 495), (ELSEWHERE, None, 7)]


def test_work_counts_the_parts_that_fit_and_a_visit_once(analytics):
    by_service = report(analytics, {"group_by": ["service"], "measures": ["visits", "revenue"]})
    found = {row.service_id: (row.visits, row.revenue.amount) for row in by_service.rows}
    assert found == {HAIRCUT: (3, 450), COLOUR: (1, 40), None: (2, 12)}
    assert (by_service.total.visits, by_service.total.revenue.amount) == (4, 502)
    assert "parts of visits" in by_service.definition
    of_olga = {"measures": ["visits", "revenue"], "filter": {"field": "master", "is": str(OLGA)}}
    assert [(row.visits, row.revenue.amount) for row in report(analytics, of_olga).rows] == [(3, 450)]


@pytest.mark.parametrize(
    ("condition", "visits"),
    [
        ({"field": "revenue", "at_least": 140}, {1, 2}),
        ({"not": {"field": "revenue", "at_least": 140}}, {3, 4}),
        ({"field": "client", "is": None}, {4}),
        ({"not": {"field": "client", "is": str(CLARA)}}, {3, 4}),
        ({"field": "source", "is": "INSTAGRAM"}, {1, 2, 3}),
        ({"field": "source", "in": ["radio", None]}, {4}),
        ({"field": "new", "is": True}, {1, 3}),
        ({"and": [{"field": "day", "above": "2026-03-02"}, {"field": "branch", "in": [str(HERE)]}]}, {2, 3}),
        ({"or": [{"field": "day", "below": "2026-03-03"}, {"field": "revenue", "is": 7}]}, {1, 4}),
        ({"not": {"or": [{"field": "day", "below": "2026-03-03"}, {"field": "revenue", "is": 7}]}}, {2, 3}),
    ],
)
def test_filters_mean_what_they_say(analytics, condition, visits):
    found = report(analytics, {"kind": "list", "columns": ["day", "revenue"], "filter": condition})
    assert {row.appointment_id.int for row in found.rows} == visits


def test_a_list_shows_the_columns_asked_for_and_says_when_it_is_cut_off(analytics):
    found = report(analytics, {"kind": "list", "columns": ["day", "client", "new", "revenue"], "limit": 2})
    assert [(row.day, row.client_id, row.new, row.revenue.amount) for row in found.rows] == [
        (date(2026, 3, 2), CLARA, True, 140),
        (date(2026, 4, 1), CLARA, False, 300),
    ]
    assert found.more
    assert found.columns == ("day", "client_id", "new", "revenue")


def test_the_average_check_is_rounded_once(analytics):
    (row,) = report(analytics, {"measures": ["average_check"]}).rows
    assert row.average_check.amount == 126  # 502 / 4 = 125.5


def test_a_period_without_visits_says_so(analytics):
    for document in ({"group_by": ["month"]}, {}, {"kind": "list"}):
        found = report(analytics, document, from_=date(2020, 1, 1), to=date(2020, 2, 1))
        assert (found.rows, found.total, found.reason) == ((), None, "no_visits")


@pytest.mark.parametrize(
    ("document", "code", "place"),
    [
        ({"group_by": ["weather"]}, "dimension_unknown", "document.group_by.0"),
        ({"group_by": ["month", "branch", "source"]}, "too_many", "document.group_by"),
        ({"measures": "visits"}, "filter_wrong_type", "document.measures"),
        ({"kind": "pie"}, "field_unknown", "document.kind"),
        ({"columns": ["day"]}, "field_unknown", "document.columns"),
        ({"order_by": "weather"}, "field_unknown", "document.order_by"),
        ({"limit": 0}, "filter_wrong_type", "document.limit"),
        ({"filter": []}, "filter_invalid", "document.filter"),
        ({"filter": {"xor": []}}, "filter_invalid", "document.filter"),
        ({"filter": {"and": []}}, "filter_invalid", "document.filter.and"),
        ({"filter": {"field": "weather", "is": 1}}, "field_unknown", "document.filter.field"),
        ({"filter": {"field": "day", "is": 1}}, "filter_wrong_type", "document.filter.is"),
        ({"filter": {"field": "weekday", "is": 7}}, "filter_wrong_type", "document.filter.is"),
        ({"filter": {"field": "weekday", "below": -1}}, "filter_wrong_type", "document.filter.below"),
        ({"filter": {"field": "birth_band", "in": [1983]}}, "filter_wrong_type", "document.filter.in.0"),
        ({"filter": {"field": "revenue", "above": "1"}}, "filter_wrong_type", "document.filter.above"),
        ({"filter": {"field": "branch", "above": str(HERE)}}, "operator_unknown", "document.filter"),
        ({"filter": {"field": "branch", "is": None}}, "filter_wrong_type", "document.filter.is"),
        ({"filter": {"not": {"field": "new", "is": "yes"}}}, "filter_wrong_type", "document.filter.not.is"),
        (
            {"filter": {"or": [{"field": "branch", "in": ["x"]}]}},
            "filter_wrong_type",
            "document.filter.or.0.in.0",
        ),
        ({"filter": {"field": "visits", "is": 1, "within_days": 3}}, "field_unknown", "document.filter.field"),
        ({"filter": {"field": "day", "is": "2026-01-01", "within_days": 3}}, "filter_invalid", None),
    ],
)
def test_what_is_wrong_is_named_with_its_place(analytics, document, code, place):
    found, places = codes(analytics, document)
    assert found == code
    assert place is None or place in places


def test_a_period_that_ends_before_it_begins_is_refused(analytics):
    with pytest.raises(Invalid) as refused:
        report(analytics, {}, from_=LAST, to=FIRST)
    assert refused.value.code == "period_invalid"


def test_a_report_shows_each_viewer_their_branches(analytics):
    saved = analytics.ask(SaveReport("All", {"group_by": ["branch"], "measures": ["revenue"]}))
    asked = RunReport(saved.id, FIRST, LAST)
    assert [row.branch_id for row in analytics.ask(asked).rows] == [HERE, ELSEWHERE]
    assert [row.branch_id for row in analytics.ask(asked, READS).rows] == [HERE]
    assert [row.branch_id for row in analytics.ask(asked, boris("analytics.read")).rows] == [ELSEWHERE]
    with pytest.raises(Forbidden):
        analytics.ask(asked, anna("analytics.read.own"))
    with pytest.raises(Forbidden):
        analytics.ask(asked, anna("clients.read"))
    with pytest.raises(NotFound):
        analytics.ask(RunReport(saved.id, FIRST, LAST, ELSEWHERE), READS)


def test_a_filter_that_names_only_others_branches_says_so(analytics):
    document = {"filter": {"field": "branch", "is": str(ELSEWHERE)}}
    saved = analytics.ask(SaveReport("Elsewhere", document))
    found = analytics.ask(RunReport(saved.id, FIRST, LAST), READS)
    assert (found.rows, found.reason) == ((), "branches_hidden")
    with pytest.raises(Invalid) as refused:
        analytics.ask(SaveReport("Elsewhere", document), READS)
    assert refused.value.code == "branch_unknown"


def test_saved_changed_listed_removed(analytics):
    saved = analytics.ask(SaveReport("Months", {"group_by": ["month"], "filter": BRANCHES}))
    assert (saved.version, saved.document["filter"]) == (1, BRANCHES)
    assert saved.document["measures"] == ["visits", "clients", "revenue"]
    other = analytics.ask(SaveReport("List", {"kind": "list"}))
    page = analytics.ask(ListReports(limit=1))
    assert [each.id for each in page.items] == [saved.id]
    assert [each.id for each in analytics.ask(ListReports(cursor=page.next)).items] == [other.id]
    renamed = analytics.ask(ChangeReport(saved.id, 1, name="By month"))
    assert (renamed.version, renamed.name, renamed.document) == (2, "By month", saved.document)
    with pytest.raises(Stale):
        analytics.ask(ChangeReport(saved.id, 1, name="Late"))
    with pytest.raises(Invalid):
        analytics.ask(ChangeReport(saved.id, 2, document={"group_by": ["weather"]}))
    with pytest.raises(Forbidden):
        analytics.ask(RemoveReport(saved.id, 2), anna("analytics.read"))
    with pytest.raises(Forbidden) as refused:
        analytics.ask(RemoveReport(saved.id, 2), anna("analytics.read", "reports.edit"))
    assert refused.value.code == "report_not_own"
    own = analytics.ask(SaveReport("Own", {"kind": "list"}), anna("analytics.read", "reports.edit"))
    analytics.ask(RemoveReport(own.id, 1), anna("analytics.read", "reports.edit"))
    analytics.ask(RemoveReport(saved.id, 2))
    with pytest.raises(NotFound):
        analytics.ask(ShowReport(saved.id))
