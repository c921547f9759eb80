"""Figures over HTTP on a whole cluster: each answer in each format, for each role; nothing, mistakes, and how soon."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.e2e.bytesearch import Search
from tests.e2e.firehose import Firehose
from tests.e2e.salon import Salon, User, eventually, open_salon, rub
from tests.e2e.systems import PASSWORD, Running

SECRET = "a password of the staff"
FORMATS = ("json", "csv", "xlsx", "pdf", "svg", "png")
PICTURES = ("svg", "png")
BEGINS = {"pdf": b"%PDF-", "xlsx": b"PK\x03\x04", "png": b"\x89PNG", "csv": b"\xef\xbb\xbf"}
# With a period, and without one.
PERIODIC = (
    "visits", "channels", "sources", "retention", "occupancy", "idle-windows", "seasonality", "heat-map", "forecast",
    "work", "funnel", "clients",
)  # fmt: skip
STANDING = ("segments", "churn", "lifetime-value")
FIGURES = (*PERIODIC, *STANDING)
# What tells of open time, which there is without visits.
OPEN = ("occupancy", "idle-windows")
# What has rows from the first visit on; the others need more visits than one, or a morning.
AT_ONCE = ("visits", "channels", "sources", "occupancy", "idle-windows", "heat-map", "work", "clients")
MAY = ("olivia", "nora", "marta", "aksel")
MAY_NOT = ("anna", "mila")
ROLES = {
    "olivia": "owner", "nora": "manager", "boris": "manager", "anna": "administrator", "mila": "master",
    "marta": "marketer", "aksel": "accountant",
}  # fmt: skip
# Words of two cards that are nowhere else; analytics and who talks with it must never hear them.
CLARA = {
    "first_name": "Дзюзюльетта",
    "last_name": "Ухахахаева",
    "phones": ["+7 916 555 81 27"],
    "email": "uhahaha@dzuzu.example.org",
    "birth_date": "1987-04-03",
    "sex": "female",
    "comment": "носит-попугая-на-плече",
    "contraindications": ["аллергия-на-щекотку"],
    "source": {"channel": "Instagram", "detail": "увидела-у-бабки-Ёжки"},
}
PRIVATE = (
    "Дзюзюльетта", "Ухахахаева", "+79165558127", "79165558127", "9165558127", "uhahaha@dzuzu.example.org", "1987-04-03",
    "носит-попугая-на-плече", "аллергия-на-щекотку", "увидела-у-бабки-Ёжки", "опоздает-из-за-цирка",
)  # fmt: skip


@dataclass
class Scene:
    system: Running
    salon: Salon
    people: dict[str, User]

    @property
    def today(self) -> dict[str, str]:
        return {"from": self.salon.today.isoformat(), "to": self.salon.today.isoformat()}

    def ask(self, who: str, what: str, form: str = "json", **query: str) -> httpx.Response:
        period = self.today if what in PERIODIC else {}
        format_ = {} if form == "json" else {"format": form}
        return self.people[who].http.get(f"/analytics/{what}", params=period | query | format_)


@pytest.fixture(scope="module")
def scene(cluster: Running) -> Iterator[Scene]:
    """Somebody of each role, open time that is counted, and no visit yet."""
    salon = open_salon(cluster.url, PASSWORD)
    people = {"olivia": salon.owner}
    for login, role in ROLES.items():
        if role == "owner":
            continue
        branch = salon.elsewhere if login == "boris" else salon.branch
        words = {"name": login.title(), "role": role, "branch_ids": [branch["id"]], "password": SECRET}
        salon.owner.post("/users", login=login, **words)
        people[login] = salon.sign_in(login, SECRET)
    scene = Scene(cluster, salon, people)
    for what in OPEN:  # shifts come as events, too
        eventually(lambda what=what: scene.ask("olivia", what).json(), lambda answer: not answer.get("reason"))
    yield scene
    salon.close()


def is_one(form: str, answer: httpx.Response) -> None:
    """The body is of the format, and no figure in it is none."""
    if form == "json":
        text = json.dumps(answer.json(), allow_nan=False)
        assert not {"NaN", "nan", "Infinity", "inf"} & set(text.replace('"', " ").split())
    elif form == "svg":
        assert "nan" not in " ".join(ET.fromstring(answer.content).itertext()).lower().split()
    else:
        assert answer.content.startswith(BEGINS[form]), answer.content[:40]


# --- nothing, and mistakes: before anybody came ---------------------------------------------------------------------


@pytest.mark.parametrize("what", FIGURES)
def test_of_a_chain_without_visits_every_answer_says_why_there_is_nothing(scene: Scene, what: str) -> None:
    reason = scene.ask("olivia", what).json().get("reason")
    assert bool(reason) == (what not in OPEN), "a coded reason"
    for form in FORMATS:
        answer = scene.ask("olivia", what, form)
        if form in PICTURES and answer.status_code == 409:
            problem = answer.json()
            assert (problem["code"], problem["reason"]) == ("nothing_to_draw", reason)
            continue
        assert answer.status_code == 200, f"{what} as {form}: {answer.text[:200]}"
        assert not (form in PICTURES and reason), "a chart of nothing"
        is_one(form, answer)


@pytest.mark.parametrize("what", PERIODIC)
@pytest.mark.parametrize("form", ["json", "csv", "png"])
def test_a_period_that_ends_before_it_begins_is_refused(scene: Scene, what: str, form: str) -> None:
    answer = scene.ask("olivia", what, form, **{"from": "2026-03-02", "to": "2026-03-01"})
    assert (answer.status_code, answer.json()["code"]) == (422, "period_invalid")
    assert "from" in answer.json()["errors"]


@pytest.mark.parametrize(
    ("what", "query", "field"),
    [
        ("visits", {"group_by": "weather"}, "group_by"),
        ("visits", {"from": "yesterday"}, "from"),
        ("visits", {"format": "gif"}, "format"),
        ("visits", {"branch": "1"}, "branch"),
        ("retention", {"group_by": "service"}, "group_by"),
        ("retention", {"days": "0"}, "days"),
        ("occupancy", {"bucket": "decade"}, "bucket"),
        ("occupancy", {"format": "bmp"}, "format"),
        ("idle-windows", {"minutes": "two"}, "minutes"),
        ("seasonality", {"service_id": "cut"}, "service_id"),
        ("forecast", {"weeks": "100"}, "weeks"),
        ("funnel", {"group_by": "channel,mood"}, "group_by"),
        ("clients", {"group_by": "sex"}, "group_by"),
        ("segments", {"recency": "feeling"}, "recency"),
    ],
)
def test_what_is_wrong_is_named(scene: Scene, what: str, query: dict[str, str], field: str) -> None:
    answer = scene.ask("olivia", what, **query)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_fields")
    assert any(place.partition(".")[0] == field for place in answer.json()["errors"]), answer.text


@pytest.mark.parametrize(
    ("document", "code", "place"),
    [
        ({"group_by": ["weather"]}, "dimension_unknown", "document.group_by.0"),
        ({"measures": ["happiness"]}, "dimension_unknown", "document.measures.0"),
        ({"filter": {"field": "revenue", "at_least": "much"}}, "filter_wrong_type", "document.filter.at_least"),
        ({"filter": {"field": "mood", "is": "good"}}, "field_unknown", "document.filter.field"),
        ({"filter": {"and": [{"not": {"field": "new"}}]}}, "operator_unknown", "document.filter.and.0.not"),
        ({"filter": {"and": []}}, "filter_invalid", "document.filter.and"),
        ({"colour": "red"}, "field_unknown", "document.colour"),
    ],
)
@pytest.mark.parametrize("form", ["json", "svg"])
def test_a_mistake_in_a_report_is_told_with_its_place(
    scene: Scene, document: dict[str, Any], code: str, place: str, form: str
) -> None:
    body = scene.today | {"document": document, "format": form}
    problem = scene.people["olivia"].refusal(422, "POST", "/analytics/reports/preview", json=body)
    assert problem["code"] == code
    assert place in problem["errors"], problem["errors"]


def test_a_report_names_no_branch_that_its_author_does_not_see(scene: Scene) -> None:
    hidden = {"field": "branch", "is": scene.salon.branch["id"]}
    body = {"name": "Theirs", "document": {"group_by": ["month"], "filter": hidden}}
    problem = scene.people["boris"].refusal(422, "POST", "/analytics/reports", json=body)
    assert problem["code"] == "branch_unknown"


# --- figures --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def visited(scene: Scene) -> Scene:
    """Three visits, the first of somebody with a whole card; the seconds until each was in the figures."""
    salon, took = scene.salon, []
    clara = salon.client(home_branch_id=salon.branch["id"], **CLARA)
    for number in range(3):
        guest = clara if number == 0 else salon.client(f"Guest {number}", referrer_id=clara["id"])
        slot = salon.slots(salon.cut)[0]
        words = salon.wish(guest, salon.cut, slot) | {"comment": "опоздает-из-за-цирка"}
        booked = salon.owner.post("/appointments", **words)
        salon.owner.post(f"/appointments/{booked['id']}/complete")
        done = time.monotonic()
        eventually(lambda: scene.ask("olivia", "visits").json()["rows"], lambda rows, number=number: of(rows) > number)
        took.append(time.monotonic() - done)
    assert min(took) < 5, f"facts are promised within five seconds: {took}"
    for what, places, count in (
        ("work", "rows", "visits"),
        ("heat-map", "cells", "visits"),
        ("clients", "rows", "came"),
    ):
        eventually(
            lambda what=what: scene.ask("olivia", what).json(),
            lambda found, places=places, count=count: sum(place[count] for place in found[places]) == 3,
        )
    for what in AT_ONCE:
        eventually(lambda what=what: scene.ask("olivia", what).json(), lambda answer: not answer.get("reason"))
    return scene


def of(rows: list[dict[str, Any]]) -> int:
    """How many visits there are in all rows."""
    return sum(row["visits"] for row in rows)


@pytest.mark.parametrize("what", FIGURES)
@pytest.mark.parametrize("who", MAY)
def test_who_may_read_figures_has_them_in_each_format(visited: Scene, who: str, what: str) -> None:
    """What becomes of a format does not depend on the role: of others it is enough to see figures and a file."""
    for form in FORMATS if who == "olivia" else ("json", "csv"):
        answer = visited.ask(who, what, form)
        if form in PICTURES and what not in AT_ONCE and answer.status_code == 409:
            assert answer.json()["reason"] == visited.ask(who, what).json()["reason"]
            continue
        assert answer.status_code == 200, f"{what} as {form}: {answer.text[:200]}"
        is_one(form, answer)


@pytest.mark.parametrize("what", (*FIGURES, "standings", "no-shows", "reports", "saved-segments", "churn/settings"))
@pytest.mark.parametrize("who", MAY_NOT)
def test_who_may_not_read_figures_gets_them_in_no_format(visited: Scene, who: str, what: str) -> None:
    period = visited.today if what == "no-shows" else {}
    for form in FORMATS if what in FIGURES else ("json",):
        answer = visited.ask(who, what, form, **period)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing"), form


@pytest.mark.parametrize("what", FIGURES)
def test_boris_manages_another_branch_and_sees_nothing_of_this_one(visited: Scene, what: str) -> None:
    here = visited.salon.branch["id"]
    for form in FORMATS:
        answer = visited.ask("boris", what, form, branch_id=here)
        assert (answer.status_code, answer.json()["code"]) == (404, "branch_not_found"), form
    assert here not in visited.ask("boris", what).text
    assert visited.salon.mila["id"] not in visited.ask("boris", what).text


def test_a_manager_of_the_only_branch_with_visits_sees_what_the_owner_sees(visited: Scene) -> None:
    for what in ("visits", "heat-map", "work", "clients"):
        assert visited.ask("nora", what).json() == visited.ask("olivia", what).json(), what
    (row,) = visited.ask("nora", "visits", group_by="").json()["rows"]
    assert (row["visits"], row["clients"], row["revenue"]) == (3, 3, rub(750_000))


def test_names_stand_on_pictures_for_who_may_see_them(visited: Scene) -> None:
    """A marketer sees the tree, and nobody's name in it."""

    def words(who: str) -> str:
        return " ".join(ET.fromstring(visited.ask(who, "sources", "svg").content).itertext())

    assert "Дзюзюльетта" in words("olivia")
    assert "Instagram" in words("marta")
    assert "Дзюзюльетта" not in words("marta")
    assert "Дзюзюльетта" not in visited.ask("marta", "sources", "csv").text


def test_a_report_is_saved_drawn_and_evaluated_for_each_viewer(visited: Scene) -> None:
    document = {"group_by": ["month", "category"], "measures": ["visits", "revenue"]}
    saved = visited.people["nora"].post("/analytics/reports", name=f"Categories {uuid4()}", document=document)
    rows = f"reports/{saved['id']}/rows"
    for form in FORMATS:
        answer = visited.ask("marta", rows, form, **visited.today)
        assert answer.status_code == 200, answer.text
        is_one(form, answer)
    problem = visited.ask("boris", rows, "png", **visited.today)
    assert (problem.status_code, problem.json()["reason"]) == (409, "no_visits")


# --- pseudonyms -----------------------------------------------------------------------------------------------------


def test_nothing_that_analytics_hears_or_says_on_the_bus_holds_a_person(visited: Scene) -> None:
    """Every message to and from analytics, events and replies, while figures are asked for and a card changes."""
    search = Search(PRIVATE)
    with Firehose(visited.system) as firehose:
        for what in FIGURES:
            assert visited.ask("olivia", what).status_code == 200
        assert "Дзюзюльетта" in visited.ask("olivia", "sources").text
        guest = visited.salon.client(**CLARA | {"phones": ["+7 916 555 81 28"], "last_name": "Ухахахаева-Вторая"})
        visited.salon.visit(guest, visited.salon.colour)
        eventually(lambda: visited.ask("olivia", "visits").json()["rows"], lambda rows: of(rows) == 4)
        heard = firehose.drain()

        def events() -> set[str]:
            heard.extend(firehose.drain())
            return {each.name for each in heard if each.is_event and each.concerns("analytics")}

        eventually(events, {"ClientRegistered", "VisitCompleted"}.issubset)
    theirs = [each for each in heard if each.concerns("analytics")]
    assert sum(each.is_reply for each in theirs) >= len(FIGURES)
    assert {each.name: found for each in theirs if (found := search.in_bytes(each.body))} == {}
    others = [each for each in heard if not each.concerns("analytics")]
    assert any(search.in_bytes(each.body) for each in others), "the same search finds who clients answers about"


def test_no_row_of_analytics_holds_a_person(visited: Scene) -> None:
    found = Search(PRIVATE).in_tables(visited.system)
    assert {table: words for table, words in found.items() if table.startswith("analytics.")} == {}
