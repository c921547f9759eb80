"""Who comes again, over HTTP: names for who may see them, and bad input told apart."""

from datetime import date
from decimal import Decimal

import pytest

from contracts.analytics import ChurnSettings, ClientStanding, ListStandings, ShowChurnSettings
from contracts.clients import ClientName, ClientNames, NameClients
from contracts.message import Page
from kernel.money import Money
from tests.builders import CLARA, anna
from tests.component.gateway.conftest import Web

STANDING = ClientStanding(
    client_id=CLARA,
    scores=555,
    segment="champions",
    first_visit=date(2026, 1, 1),
    last_visit=date(2026, 11, 1),
    days_since=30,
    visits=9,
    revenue=Money(100, "RUB"),
    master_id=None,
    interval_days=Decimal("30.5"),
    overdue=Decimal("0.98"),
    state="active",
    returns_percent=Decimal("87.25"),
    alive_percent=None,
    expected_visits=None,
    value=None,
    causes=(),
)


def test_names_stand_beside_clients_for_who_may_see_them(web: Web) -> None:
    web.bus.answers |= {
        ListStandings: Page((STANDING,)),
        NameClients: lambda asked: ClientNames(tuple(ClientName(one, "Clara") for one in asked.ids)),
    }
    path = "/api/v1/analytics/standings?segment=champions"
    (one,) = web.http.get(path, headers=web.as_()).json["items"]
    assert (one["name"], one["returns_percent"], one["interval_days"]) == ("Clara", 87.25, 30.5)
    (one,) = web.http.get(path, headers=web.as_(anna("analytics.read"))).json["items"]
    assert one["name"] is None


@pytest.mark.parametrize(
    "path",
    [
        "segments?recency=weeks",
        "standings?segment=best",
        "standings?state=gone",
        "standings?limit=0",
        "standings?master_id=olga",
        "churn?branch_id=here",
        "clients?from=2026-01-01&to=2026-12-31&group_by=month",
        "clients?from=2026-01-01",
        "no-shows?from=yesterday&to=2026-12-31",
        "lifetime-value?branch_id=1",
    ],
)
def test_bad_input_is_told_with_its_place(web: Web, path: str) -> None:
    answer = web.http.get(f"/api/v1/analytics/{path}", headers=web.as_())
    assert answer.status_code == 422
    assert answer.json["errors"]


def test_settings_are_changed_under_their_version(web: Web) -> None:
    web.bus.answers[ShowChurnSettings] = ChurnSettings(3, Decimal(1), Decimal("1.5"), Decimal(3), Decimal(6), 365)
    path = "/api/v1/analytics/churn/settings"
    shown = web.http.get(path, headers=web.as_())
    assert (shown.json["at_risk"], shown.headers["ETag"]) == (1.5, '"3"')
    assert web.http.patch(path, json={"due": 2}, headers=web.as_()).status_code == 428
    assert web.http.patch(path, json={"due": "x"}, headers=web.as_() | {"If-Match": '"3"'}).status_code == 422
