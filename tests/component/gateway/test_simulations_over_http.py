"""Simulations over HTTP: asked like a programme is published, answered with 202, winners by their names."""

from typing import Any
from uuid import uuid4

from contracts.loyalty import ShowSimulation, SimulateProgramme, Simulation
from kernel.time import utc_now
from tests.component.gateway.conftest import Web

RULE = {"kind": "referrals", "tiers": [{"people": 1, "percent": 7.5}]}


def a_simulation(**said: Any) -> Simulation:
    words: dict[str, Any] = {"id": uuid4(), "state": "running", "progress": 0, "asked_at": utc_now()}
    return Simulation(**(words | {"programme_version": 1} | said))


def test_a_document_is_tried_as_it_was_written(web: Web) -> None:
    web.bus.answers[SimulateProgramme] = a_simulation(progress=40)
    body = {"rules": [RULE], "since": "2026-01-01", "until": "2026-06-30"}
    answer = web.http.post("/api/v1/loyalty/programme/simulate", json=body, headers=web.as_())
    assert (answer.status_code, answer.json["state"], answer.json["progress"]) == (202, "running", 40)
    (asked,) = web.bus.asked_of(SimulateProgramme)
    assert (asked.rules, asked.since.month, asked.until.day) == ((RULE,), 1, 30)


def test_what_is_no_day_is_refused_at_the_edge(web: Web) -> None:
    answer = web.http.post("/api/v1/loyalty/programme/simulate", json={"since": "now"}, headers=web.as_())
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["since"])


def test_a_simulation_is_shown(web: Web) -> None:
    shown = a_simulation(state="finished", progress=100)
    web.bus.answers[ShowSimulation] = shown
    answer = web.http.get(f"/api/v1/loyalty/simulations/{shown.id}", headers=web.as_())
    assert (answer.status_code, answer.json["progress"]) == (200, 100)
