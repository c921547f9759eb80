"""Occupancy, work, cohorts and the funnel over HTTP: as JSON, as files, and refused."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from contracts.analytics import (
    CohortRow,
    Cohorts,
    Funnel,
    FunnelRow,
    IdleWindow,
    IdleWindows,
    ListStandings,
    Occupancy,
    OccupancyRow,
    ShowCohorts,
    ShowFunnel,
    ShowIdleWindows,
    ShowOccupancy,
    ShowWork,
    WorkFigures,
    WorkRow,
)
from contracts.message import Page
from kernel.money import Money
from tests.builders import HERE, anna
from tests.component.gateway.conftest import Web

OLGA = UUID(int=0x601)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHECK = Money(150_050, "RUB")
ANSWERS: dict[str, tuple[Any, Any]] = {
    "retention": (
        ShowCohorts,
        Cohorts(
            (CohortRow("2026-03", 4, 2, 1, 1, Decimal(50), (3, 1), branch_id=HERE),), 120, date(2026, 9, 1), "said"
        ),
    ),
    "occupancy": (
        ShowOccupancy,
        Occupancy((OccupancyRow(60, 45, 15, 0, Decimal(75), period="2026-03", branch_id=HERE),), "said"),
    ),
    "idle-windows": (
        ShowIdleWindows,
        IdleWindows((IdleWindow(HERE, OLGA, AT, AT.replace(hour=10), 60),), False, "said"),
    ),
    "work": (
        ShowWork,
        WorkFigures(
            (
                WorkRow(
                    2,
                    Money(300_100, "RUB"),
                    CHECK,
                    2,
                    1,
                    Decimal(50),
                    4,
                    2,
                    1,
                    1,
                    Decimal(25),
                    1,
                    None,
                    0,
                    0,
                    None,
                    None,
                ),
            ),
            "said",
        ),
    ),
    "funnel": (
        ShowFunnel,
        Funnel(
            (FunnelRow(5, 1, 90, 4, 3, 3, Decimal(100), 2, Decimal("66.67"), 2, 1, Decimal(50), channel="=1+1"),),
            "said",
        ),
    ),
}


def get(web: Web, what: str, more: str = "", caller: Any = None, period: str = "from=2026-03-01&to=2026-03-31") -> Any:
    request, reply = ANSWERS[what]
    web.bus.answers[request] = reply
    path = f"/api/v1/analytics/{what}?{period}{more}"
    return web.http.get(path, headers=web.as_(caller) if caller else web.as_())


@pytest.mark.parametrize("what", ANSWERS)
def test_figures_come_with_their_definition(web: Web, what: str) -> None:
    answer = get(web, what)
    assert answer.status_code == 200, answer.text
    assert (answer.json["definition"], answer.json["reason"], len(answer.json["rows"])) == ("said", None, 1)


@pytest.mark.parametrize("what", ANSWERS)
def test_figures_come_as_files(web: Web, what: str) -> None:
    assert get(web, what, "&format=xlsx").data[:2] == b"PK"
    assert get(web, what, "&format=pdf").data[:5] == b"%PDF-"
    header, row = csv.reader(io.StringIO(get(web, what, "&format=csv").data.decode("utf-8-sig")))
    assert len(header) == len(row)


def test_money_of_a_file_is_in_whole_units_and_nothing_in_it_runs(web: Web) -> None:
    header, row = csv.reader(io.StringIO(get(web, "work", "&format=csv").data.decode("utf-8-sig")))
    assert dict(zip(header, row, strict=True))["average_check"] == "1500.50"
    header, row = csv.reader(io.StringIO(get(web, "funnel", "&format=csv").data.decode("utf-8-sig")))
    assert dict(zip(header, row, strict=True))["channel"] == "'=1+1"


@pytest.mark.parametrize("what", ANSWERS)
def test_without_the_right_there_is_neither(web: Web, what: str) -> None:
    for more in ("", "&format=csv"):
        answer = get(web, what, more, anna("clients.read"))
        assert (answer.status_code, answer.json["code"]) == (403, "permission_missing")


@pytest.mark.parametrize(
    ("what", "more"),
    [
        ("retention", "&days=0"),
        ("retention", "&clients=old"),
        ("retention", "&group_by=service"),
        ("occupancy", "&of=chairs"),
        ("occupancy", "&bucket=year"),
        ("idle-windows", "&minutes=1"),
        ("idle-windows", "&limit=0"),
        ("work", "&group_by=month"),
        ("funnel", "&group_by=master"),
        ("funnel", "&branch_id=here"),
    ],
)
def test_words_that_mean_nothing_are_refused_with_their_place(web: Web, what: str, more: str) -> None:
    answer = get(web, what, more)
    assert answer.status_code == 422, answer.text
    assert {place.split(".")[0] for place in answer.json["errors"]} == {more[1:].split("=")[0]}


@pytest.mark.parametrize("what", ANSWERS)
def test_a_period_has_two_ends(web: Web, what: str) -> None:
    assert get(web, what, period="from=2026-03-01").status_code == 422
    assert get(web, what, period="from=2026-03-01&to=yesterday").status_code == 422


@pytest.mark.parametrize("form", ["svg", "png"])
def test_what_is_not_drawn_is_refused_as_a_picture_and_not_sent_as_json(web: Web, form: str) -> None:
    web.bus.answers[ListStandings] = Page(())
    asked = "/api/v1/analytics/standings?format="
    assert web.http.get(asked + "json", headers=web.as_()).status_code == 200
    answer = web.http.get(asked + form, headers=web.as_())
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_fields")
    assert "format" in answer.json["errors"]
