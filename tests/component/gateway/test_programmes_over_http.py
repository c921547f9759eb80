"""Documents of programmes over HTTP: passed on as they are, refused where they are no objects, and described."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from contracts.loyalty import ExcludeClient, Exclusions, Programme, PublishProgramme, ShowProgramme, Tier
from kernel.errors import Invalid
from kernel.time import utc_now
from tests.component.gateway.conftest import Web

PATH = "/api/v1/loyalty/programme"
RULE = {
    "kind": "referrals",
    "tiers": [{"people": 1, "percent": 7.5}],
    "budget": {"share": "5"},
    "level_caps": [3, None],
}


def a_programme(version: int = 2, **said: Any) -> Programme:
    return Programme(version, utc_now(), (Tier(1, Decimal("7.5")),), **said)


def put(web: Web, body: Any, **headers: str) -> Any:
    return web.http.put(PATH, json=body, headers=web.as_() | {"If-Match": '"1"'} | headers)


def test_a_document_reaches_the_service_as_it_was_written(web: Web) -> None:
    web.bus.answers[PublishProgramme] = a_programme(document={"rules": [RULE]})
    branch = uuid4()
    answer = put(web, {"rules": [RULE], "points": None, "branch_id": str(branch), "from": "2027-01-01T00:00:00Z"})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert answer.json["document"] == {"rules": [RULE]}
    assert answer.json["tiers"] == [{"people": 1, "percent": 7.5}]
    (asked,) = web.bus.asked_of(PublishProgramme)
    assert (asked.version, asked.rules, asked.points, asked.branch_id) == (1, (RULE,), None, branch)
    assert asked.from_.year == 2027


def test_the_tag_is_what_a_change_has_to_name(web: Web) -> None:
    """Another version may be planned; who sends back the tag that they were shown has seen it."""
    web.bus.answers[ShowProgramme] = a_programme(newest=3)
    answer = web.http.get(PATH, headers=web.as_())
    assert (answer.json["version"], answer.headers["ETag"]) == (2, '"3"')


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"rules": [1]}, "rules.0"),
        ({"rules": {}}, "rules"),
        ({"checks": []}, "checks"),
        ({"extras": 1}, "extras"),
        ({"name": ""}, "name"),
        ({"rules": [{"name": "\0"}]}, ""),
        ({"from": "tomorrow"}, "from"),
    ],
)
def test_what_is_no_document_is_refused_at_the_edge(web: Web, body: Any, place: str) -> None:
    answer = put(web, body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [place])
    assert web.bus.asked_of(PublishProgramme) == []


def test_a_mistake_in_it_is_told_with_its_place(web: Web) -> None:
    web.bus.answers[PublishProgramme] = Invalid.field("rules.0.tiers.1.percent", "tiers_overlap", "it gives less")
    answer = put(web, {"rules": [RULE]})
    assert (answer.status_code, answer.json["code"]) == (422, "tiers_overlap")
    assert answer.json["errors"] == {"rules.0.tiers.1.percent": ["it gives less"]}


def test_the_version_that_was_seen_is_named(web: Web) -> None:
    web.bus.answers[ShowProgramme] = a_programme()
    answer = web.http.put(PATH, json={"tiers": []}, headers=web.as_())
    assert (answer.status_code, answer.json["code"]) == (428, "version_missing")


def test_who_is_left_out_is_named_by_the_path_and_the_rule_by_the_query(web: Web) -> None:
    client_id = uuid4()
    path = f"/api/v1/loyalty/clients/{client_id}/exclusions"
    web.bus.answers[ExcludeClient] = Exclusions(client_id, 2, (), ())
    headers = web.as_() | {"If-Match": '"1"'}
    assert web.http.put(path, json={"rule": "referrals", "reason": "asked for it"}, headers=headers).status_code == 200
    (asked,) = web.bus.asked_of(ExcludeClient)
    assert (asked.client_id, asked.version, asked.rule) == (client_id, 1, "referrals")


def test_the_document_is_described_as_an_object(web: Web) -> None:
    described = web.http.get("/api/v1/openapi.json").json
    body = described["paths"]["/loyalty/programme" if "/loyalty/programme" in described["paths"] else PATH]["put"]
    reference = body["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    fields = described["components"]["schemas"][reference]["properties"]
    assert fields["rules"]["items"]["type"] == "object"
    assert "object" in fields["checks"]["type"]
