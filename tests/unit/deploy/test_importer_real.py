"""The figures that the README of the real salon's export gives; skipped where the folder is absent."""

from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from deploy.importer.export import Export, read_export
from deploy.importer.plan import Plan
from deploy.importer.planning import plan_import
from deploy.importer.reckoning import by_month
from tests.exports import real_export


@pytest.fixture(scope="module")
def export() -> Export:
    return read_export(real_export(), 2)


@pytest.fixture(scope="module")
def plan(export: Export) -> Plan:
    return plan_import(export, ZoneInfo("America/Toronto"))


def test_every_row_is_read(export: Export) -> None:
    rows = (
        export.services,
        export.bookings,
        export.cancellations,
        export.no_shows,
        export.receipts,
        export.products,
    )
    assert [len(one) for one in rows] == [33, 1906, 243, 60, 1934, 101]
    assert len({row.receipt for row in export.receipts}) == 1436
    assert len({row.client for row in export.receipts}) == 767
    assert export.refused == ()


def test_no_line_is_lost_and_no_cent(plan: Plan) -> None:
    assert len(plan.lines) == 1934
    assert sum(line.amount for line in plan.lines) == 11_580_903
    assert {month: figures.revenue for month, figures in by_month(plan.of_status("completed")).items()} == {
        "2018-03": 326_000,
        "2018-04": 1_738_845,
        "2018-05": 3_447_264,
        "2018-06": 3_211_299,
        "2018-07": 2_857_495,
    }


def test_lines_are_what_the_readme_counts(plan: Plan) -> None:
    assert Counter(line.kind for line in plan.lines) == {"service": 1758, "adjustment": 3, "retail": 173}
    assert sum(line.amount < 0 for line in plan.lines) == 71


def test_visits_are_what_the_readme_counts(plan: Plan) -> None:
    completed = plan.of_status("completed")
    assert len(completed) == 1459
    assert sum(visit.revenue == 0 for visit in completed) == 87
    assert sum(len(visit.lines) for visit in completed if visit.client is None) == 37


def test_every_booking_cancellation_and_no_show_is_accounted_for(export: Export, plan: Plan) -> None:
    """Each row is in a visit, or stands for one that another row tells of."""
    paid = {(row.client, row.day) for row in export.receipts}
    in_visits = Counter(place.file for visit in plan.visits for place in visit.places)
    absorbed = sum((row.client, row.starts.date()) in paid for row in export.bookings)
    assert in_visits["bookings.csv"] + absorbed == 1906
    assert in_visits["cancellations.csv"] == 243 - 31
    assert in_visits["no_shows.csv"] == 0
    assert [len(plan.of_status(status)) for status in ("cancelled", "no_show", "booked")] == [196, 58, 158]


def test_what_is_ambiguous_is_told(plan: Plan) -> None:
    kinds = Counter(note.text for note in plan.ambiguous)
    assert kinds["neither receipt nor cancellation nor no-show: unresolved, it stays open"] == 186
    assert kinds["a line without a text is an adjustment"] == 3
    assert kinds["cancelled, yet paid for on the same day: the visit took place"] == 24
    assert plan.refused == ()


def test_everybody_with_a_code_gets_a_card_and_nobody_else(plan: Plan) -> None:
    codes = {client.code for client in plan.clients}
    assert len(codes) == len(plan.clients) == 821
    assert not codes & {"", "WALK_IN"}
    assert {visit.client for visit in plan.visits} <= codes | {None}


def test_masters_are_those_of_all_files(plan: Plan) -> None:
    assert [master.name for master in plan.masters] == ["Becky", "House", "JJ", "Joanne", "Kelly", "Sinead", "Tanya"]


def test_references_are_unique(plan: Plan) -> None:
    assert len({visit.reference for visit in plan.visits}) == len(plan.visits)
