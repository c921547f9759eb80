"""Dashboards, reports and channels over HTTP: what reaches the service, and what is refused before."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from contracts.analytics import (
    ChangeDashboard,
    ChannelRow,
    ChannelRows,
    Dashboard,
    SaveDashboard,
    ShowChannels,
    ShowDashboard,
    TouchFigures,
    WantedWidget,
    Widget,
)
from kernel.errors import Invalid, NotFound
from kernel.money import Money
from tests.builders import anna
from tests.component.gateway.conftest import Web

PATH = "/api/v1/analytics/dashboards"
NOW = datetime(2026, 3, 2, tzinfo=UTC)
MINE = Dashboard(
    UUID(int=5),
    3,
    "Mine",
    "this_year",
    (Widget("visits", "lines", 12, None, None, {"group_by": ["month"]}),),
    shared=False,
    own=True,
    created_at=NOW,
    changed_at=NOW,
)
BODY: dict[str, Any] = {
    "name": "Mine",
    "period": "this_year",
    "widgets": [{"figure": "visits", "shown_as": "lines", "width": 12, "parameters": {"group_by": ["month"]}}],
}


def test_a_layout_is_saved_and_shown_as_it_is(web: Web) -> None:
    web.bus.answers[SaveDashboard] = MINE
    answer = web.http.post(PATH, json=BODY, headers=web.as_())
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"3"')
    assert answer.json["widgets"][0]["parameters"] == {"group_by": ["month"]}
    (asked,) = web.bus.asked_of(SaveDashboard)
    widget = WantedWidget("visits", "lines", 12, parameters={"group_by": ["month"]})
    assert (asked.name, asked.period, asked.shared, asked.widgets) == ("Mine", "this_year", False, (widget,))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"widgets": []}, "widgets"),
        ({"widgets": [{"figure": "weather", "shown_as": "table"}]}, "widgets.0.figure"),
        ({"widgets": [{"figure": "visits", "shown_as": "pie"}]}, "widgets.0.shown_as"),
        ({"widgets": [{"figure": "visits", "shown_as": "table", "width": 13}]}, "widgets.0.width"),
        ({"widgets": [{"figure": "visits", "shown_as": "table", "colour": "red"}]}, "widgets.0.colour"),
        ({"widgets": [{"figure": "visits", "shown_as": "table", "parameters": []}]}, "widgets.0.parameters"),
        ({"period": "ever"}, "period"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_no_layout_is_refused_with_its_place(web: Web, change: dict[str, Any], place: str) -> None:
    answer = web.http.post(PATH, json=BODY | change, headers=web.as_())
    assert answer.status_code == 422
    assert place in answer.json["errors"]
    assert web.bus.asked_of(SaveDashboard) == []


def test_a_change_says_of_which_version(web: Web) -> None:
    web.bus.answers |= {ShowDashboard: MINE, ChangeDashboard: MINE}
    path = f"{PATH}/{MINE.id}"
    assert web.http.patch(path, json={"shared": True}, headers=web.as_()).status_code == 428
    assert web.http.patch(path, json={"shared": True}, headers=web.as_() | {"If-Match": '"3"'}).status_code == 200
    assert web.bus.asked_of(ChangeDashboard)[0].version == 3
    web.bus.answers[ShowDashboard] = NotFound("dashboard_not_found", "no such dashboard")
    assert web.http.get(path, headers=web.as_()).status_code == 404


def test_who_may_not_edit_may_not_save(web: Web) -> None:
    assert web.http.post(PATH, json=BODY, headers=web.as_(anna("analytics.read"))).status_code == 403
    assert web.http.post(PATH, json=BODY).status_code == 401


def test_the_services_refusal_keeps_its_place(web: Web) -> None:
    sentence = "there is no such report"
    web.bus.answers[SaveDashboard] = Invalid("report_unknown", sentence, errors={"widgets.0.report_id": [sentence]})
    answer = web.http.post(PATH, json=BODY, headers=web.as_())
    assert (answer.status_code, answer.json["code"]) == (422, "report_unknown")
    assert answer.json["errors"] == {"widgets.0.report_id": [sentence]}


def test_both_touches_stand_in_one_row_of_a_file(web: Web) -> None:
    def worth(amount: int) -> TouchFigures:
        return TouchFigures(1, 1, 0, *(Money(amount, "RUB") for _ in range(3)))

    rows = (ChannelRow("=radio", worth(12_345), worth(0)),)
    web.bus.answers[ShowChannels] = ChannelRows(rows, worth(12_345), "First touch: …")
    answer = web.http.get("/api/v1/analytics/channels?from=2026-03-01&to=2026-03-31&format=csv", headers=web.as_())
    header, row = answer.data.decode("utf-8-sig").splitlines()
    found = dict(zip(header.split(","), row.split(","), strict=True))
    assert (found["channel"], found["first_touch_revenue"], found["last_touch_revenue"]) == (
        "'=radio",
        "123.45",
        "0.00",
    )
    assert web.bus.asked_of(ShowChannels)[0].from_ == date(2026, 3, 1)
