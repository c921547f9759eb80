"""Boris manages another branch: whatever the schedule of this one holds does not exist for him, on any route."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.message import PUBLIC
from gateway.routes import appointments, calendars, salon, schedule, series
from tests.e2e.diary import Diary, open_diary, plan_of, sign_up
from tests.e2e.salon import User, rub
from tests.e2e.systems import Running

AREAS = (salon.area, schedule.area, appointments.area, series.area, calendars.area)
# What the chain shares: whoever may see one branch sees it, and only the rights decide who changes it.
SHARED = ("/settings", "/categories", "/services", "/shift-templates", "/pictures")
ELSEWHERES = {"/appointments/bulk"}  # has a test of its own beside the importer's


@pytest.fixture(scope="module")
def diary(embedded: Running) -> Iterator[Diary]:
    with open_diary(embedded.url) as diary:
        yield diary


@pytest.fixture(scope="module")
def boris(diary: Diary) -> User:
    return sign_up(diary, "boris", "manager", diary.salon.elsewhere)


@pytest.fixture(scope="module")
def here(diary: Diary) -> dict[str, dict[str, Any]]:
    """One of everything that belongs to this branch, by the path of its list."""
    owner, shop = diary.owner, diary.salon
    clara, branch = shop.client("Clara", home_branch_id=shop.branch["id"]), shop.branch["id"]
    course = owner.post(
        "/services", name="Class", category="Classes", duration_minutes=60, price=rub(100_000), capacity=5
    )
    zoe = owner.post("/masters", name="Zoe", service_ids=[course["id"]])
    owner.post("/shift-plans", **plan_of(diary, (zoe,), 1, 9))
    cut = diary.segment(shop.cut, shop.mila)
    weekly = {"rule": {"freq": "WEEKLY", "count": 2}}
    day = diary.day(5).isoformat()
    hour = {"starts": diary.at(5, "08:00"), "ends": diary.at(5, "09:00")}
    return {
        "/clients": clara,
        "/branches": shop.branch,
        "/masters": shop.mila,
        "/rooms": owner.post("/rooms", branch_id=branch, name="Chair"),
        "/holidays": owner.post("/holidays", branch_id=branch, date=diary.day(9).isoformat(), name="Closed"),
        "/absences": owner.post("/absences", master_id=shop.mila["id"], kind="leave", **hour),
        "/blocks": owner.post("/blocks", branch_id=branch, master_id=shop.olga["id"], reason="meeting", **hour),
        "/holds": owner.post("/holds", **diary.visit(diary.at(2, "09:00"), cut)),
        "/appointments": diary.book(clara, diary.at(1, "12:00"), cut),
        "/group-events": owner.post(
            "/group-events",
            branch_id=branch,
            service_id=course["id"],
            master_id=zoe["id"],
            starts=diary.at(4, "10:00"),
        ),
        "/series": owner.post("/series", **diary.visit(diary.at(4, "12:00"), cut, client_id=clara["id"], **weekly)),
        "/waiting-list": owner.post(
            "/waiting-list", branch_id=branch, client_id=clara["id"], segments=[cut], earliest=day, latest=day
        ),
        "/calendar-feeds": owner.post("/calendar-feeds", branch_id=branch),
    }


def bodies(diary: Diary, here: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A body for each call that makes something or asks by a body, all of it about this branch."""
    shop = diary.salon
    branch, day = shop.branch["id"], diary.day(6).isoformat()
    hour = {"starts": diary.at(6, "08:00"), "ends": diary.at(6, "09:00")}
    visit = diary.visit(diary.at(6, "12:00"), diary.segment(shop.cut, shop.mila), client_id=here["/clients"]["id"])
    plan = plan_of(diary, (shop.mila,), 3, 9)
    repeated = visit | {"rule": {"freq": "WEEKLY", "count": 2}}
    waiting = {key: visit[key] for key in ("branch_id", "client_id", "segments")}
    group = here["/group-events"]
    return {
        "POST /holidays": {"branch_id": branch, "date": day, "name": "Closed"},
        "POST /rooms": {"branch_id": branch, "name": "Room"},
        "PUT /masters/{id}/shifts": {
            "branch_id": branch,
            "shifts": [{"date": day, "starts": "09:00", "ends": "10:00"}],
        },
        "POST /shift-plans/preview": plan,
        "POST /shift-plans": plan,
        "POST /absences": {"master_id": shop.mila["id"], "kind": "sick"} | hour,
        "POST /blocks": {"branch_id": branch, "master_id": shop.mila["id"], "reason": "meeting"} | hour,
        "POST /appointments": visit,
        "POST /appointments/preview": visit,
        "POST /appointments/{id}/cancel": {"reason": "no"},
        "POST /appointments/{id}/refund": {"lines": [{"line_id": branch, "amount": rub(1)}], "reason": "no"},
        "POST /group-events": {key: group[key] for key in ("branch_id", "service_id", "master_id", "starts")},
        "POST /group-events/{id}/cancel": {"reason": "no"},
        "POST /series/preview": repeated,
        "POST /series": repeated,
        "POST /series/{id}/change": {"scope": "all", "starts": diary.at(6, "13:00")},
        "POST /series/{id}/change/preview": {"scope": "all", "starts": diary.at(6, "13:00")},
        "POST /series/{id}/cancel": {"scope": "all", "reason": "no"},
        "POST /waiting-list": waiting | {"earliest": day, "latest": day},
        "POST /calendar-feeds": {"branch_id": branch},
    }


def routes() -> list[str]:
    """Every call of the schedule that needs a sign-in and is about a branch."""
    calls = [
        f"{route.method} {re.sub('<uuid:[a-z_]+>', '{id}', route.path)}"
        for area in AREAS
        for route in area.routes
        if route.request.permission != PUBLIC
    ]
    shared = tuple(f" {path}" for path in SHARED)
    return [
        call
        for call in calls
        if call.partition(" ")[2] not in ELSEWHERES
        and not (call.endswith(shared) or any(f"{path}/{{id}}" in call for path in shared))
        and call not in ("GET /branches", "POST /branches", "GET /masters", "POST /masters")
    ]


def test_he_may_not_on_any_route(diary: Diary, boris: User, here: dict[str, dict[str, Any]]) -> None:
    given, wrong = bodies(diary, here), {}
    for call in routes():
        method, _, path = call.partition(" ")
        things = "/" + path.split("/")[1]
        words: dict[str, Any] = {"headers": {"If-Match": '"1"'} if method in ("PATCH", "DELETE") else {}}
        if method in ("POST", "PUT", "PATCH"):
            words["json"] = given.get(call, {})
        else:
            words["params"] = query(diary, call)
        answer = boris.http.request(method, path.replace("{id}", here.get(things, {}).get("id", "")), **words)
        if not is_refused(answer.status_code, answer.json()):
            wrong[call] = (answer.status_code, answer.text[:300])
    assert wrong == {}


def query(diary: Diary, call: str) -> dict[str, Any]:
    days = {"from": diary.day(1).isoformat(), "to": diary.day(9).isoformat()}
    if call in ("GET /schedule", "GET /suggestions"):
        more = {"client_id": diary.salon.client("Whoever")["id"]} if call == "GET /suggestions" else {}
        return {"branch_id": diary.salon.branch["id"]} | days | more
    if call == "GET /schedule/day-sheet":
        return {"branch_id": diary.salon.branch["id"], "date": days["from"]}
    return days if call.endswith("/shifts") else {}


def is_refused(status: int, answer: dict[str, Any]) -> bool:
    """It does not exist: not found, or unknown where a body names it; a list has nothing of it."""
    if answer.get("code") in ("path_not_found", "request_unknown"):
        return False
    if status == 422:
        return "_unknown" in str(answer)
    return status == 404 or (status == 200 and answer.get("items") == [])


def test_lists_of_this_branch_are_not_his(diary: Diary, boris: User, here: dict[str, dict[str, Any]]) -> None:
    asked = {"params": {"branch_id": diary.salon.branch["id"]}}
    for path in ("/holidays", "/rooms", "/blocks", "/appointments", "/group-events", "/series", "/waiting-list"):
        assert boris.status("GET", path, **asked) == 404, path
        assert here[path]["id"] in {one["id"] for one in diary.owner.get(path)["items"]}, "it is there for others"


def test_nothing_was_changed_by_trying(diary: Diary, boris: User, here: dict[str, dict[str, Any]]) -> None:
    for path, thing in here.items():
        if path not in ("/clients", "/masters", "/branches"):
            assert diary.owner.get(f"{path}/{thing['id']}")["version" if path != "/holds" else "id"] == (
                thing["version"] if path != "/holds" else thing["id"]
            ), path
