"""Figures as SVG and PNG: the same reply drawn, in the language of the browser, and never a chart of nothing."""

import math
import threading
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest

from contracts.analytics import ReportRow, ReportRows, RunReport, ShowSources, ShowVisits, TryReport, VisitRows
from contracts.booking import Branch, ListBranches
from contracts.clients import ClientName, ClientNames, NameClients
from contracts.message import Page
from gateway.pictures import formats
from kernel.errors import Forbidden
from tests.builders import CLARA, ELSEWHERE, HERE, anna
from tests.component.gateway.conftest import Web
from tests.pictured import FULL, PICTURES, QUERY, Pictured, a_tree, a_visit_row

EACH = pytest.mark.parametrize("one", PICTURES, ids=lambda one: one.asked.__name__)
PNG = b"\x89PNG\r\n\x1a\n"
WIDE = 1440  # dots


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Web:
    """One for all: each test says what is answered."""
    return Web(tmp_path_factory.mktemp("pictures") / "keys")


def get(web: Web, one: Pictured, form: str, reply: Any = None, language: str = "en", caller: Any = None) -> Any:
    web.bus.answers[one.asked] = reply or one.reply
    query = QUERY if hasattr(one.asked, "__dataclass_fields__") and "from_" in one.asked.__dataclass_fields__ else ""
    headers = web.as_(caller) if caller else web.as_()
    return web.http.get(f"{one.url}?{query}&format={form}", headers=headers | {"Accept-Language": language})


def words_of(answer: Any) -> str:
    """Everything that is written on an SVG, which has to be well-formed."""
    assert answer.status_code == 200, answer.text
    return "\n".join(ET.fromstring(answer.data).itertext())


@EACH
def test_figures_come_as_pictures_with_their_definition(web: Web, one: Pictured) -> None:
    answer = get(web, one, "svg")
    assert answer.content_type == "image/svg+xml; charset=utf-8"
    assert answer.headers["Content-Disposition"].endswith('.svg"')
    text = words_of(answer)
    assert one.shows in text
    assert "nan" not in text.lower()
    if definition := getattr(one.reply, "definition", None):
        assert definition in text, "what is counted stands on the picture"
    answer = get(web, one, "png")
    assert (answer.status_code, answer.content_type, answer.data[:8]) == (200, "image/png", PNG)
    assert int.from_bytes(answer.data[16:20], "big") == WIDE


@EACH
def test_the_browser_says_in_which_language(web: Web, one: Pictured) -> None:
    assert one.russian in words_of(get(web, one, "svg", language="ru-RU, en;q=0.5"))


@EACH
def test_of_nothing_there_is_no_picture_but_the_reason(web: Web, one: Pictured) -> None:
    for form in ("svg", "png"):
        answer = get(web, one, form, one.bare)
        assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
        assert (answer.json["code"], answer.json["reason"]) == ("nothing_to_draw", one.reason)


@EACH
def test_who_may_not_read_figures_gets_no_picture(web: Web, one: Pictured) -> None:
    web.bus.asked.clear()
    for form in ("svg", "png"):
        answer = get(web, one, form, caller=anna("clients.read"))
        assert (answer.status_code, answer.json["code"]) == (403, "permission_missing")
    assert web.bus.asked_of(one.asked) == []


@pytest.mark.parametrize(
    ("asked_for", "language"),
    [("fr", "en"), ("", "en"), ("de, ru;q=0.3, en;q=0.2", "ru"), ("ru;q=0", "en"), ("RU-by", "ru"), ("*", "en")],
)
def test_the_first_language_that_we_speak_is_taken(web: Web, asked_for: str, language: str) -> None:
    with web.app.test_request_context(headers={"Accept-Language": asked_for}):
        assert formats.language_asked_for() == language


def test_the_same_figures_are_the_same_bytes(web: Web) -> None:
    for form in ("svg", "png"):
        first, second = (get(web, PICTURES[0], form).data for _ in range(2))
        assert first == second


def test_names_are_those_that_who_asks_may_know(web: Web) -> None:
    tree = next(one for one in PICTURES if one.asked is ShowSources)
    web.bus.answers[NameClients] = ClientNames((ClientName(CLARA, "Clara Schumann"),))
    unnamed = a_tree()
    object.__setattr__(unnamed.children[0].children[0], "name", None)
    assert "Clara Schumann" in words_of(get(web, tree, "svg", unnamed))
    web.bus.answers[NameClients] = Forbidden("permission_missing", "no")
    text = words_of(get(web, tree, "svg", unnamed))
    assert "Clara Schumann" not in text
    assert f"…{str(CLARA)[-6:]}" in text


def by_branch(web: Web, names: dict[UUID, str]) -> Any:
    web.bus.answers[ShowVisits] = VisitRows(tuple(a_visit_row(branch_id=each) for each in names))
    web.bus.answers[ListBranches] = Page(
        tuple(Branch(each, name, "Europe/Moscow", None, (), 1) for each, name in names.items())
    )
    return web.http.get(f"/api/v1/analytics/visits?{QUERY}&group_by=branch&format=svg", headers=web.as_())


def test_whatever_a_name_is_the_svg_stays_one(web: Web) -> None:
    """Markup is text, a dollar no formula; what XML forbids or the font lacks is a box."""
    wild = "</text><script>alert(1)</script> $x^2$ &amp;"
    answer = by_branch(web, {HERE: wild, ELSEWHERE: "Сад \x07\ufffe🌸\u0301"})
    assert "<script" not in answer.text
    text = words_of(answer)
    assert wild[:20] in text
    assert "Сад □" in text
    assert not {"\x07", "\ufffe"} & set(text)


def test_a_list_of_visits_is_no_picture(web: Web) -> None:
    row = ReportRow(client_id=CLARA, revenue=FULL)
    web.bus.answers[RunReport] = ReportRows(("client_id", "revenue"), (row,), "")
    answer = web.http.get(f"/api/v1/analytics/reports/{HERE}/rows?{QUERY}&format=png", headers=web.as_())
    assert (answer.status_code, answer.json["code"], answer.json["reason"]) == (409, "nothing_to_draw", "not_grouped")


def test_a_report_is_drawn_before_it_is_saved(web: Web) -> None:
    web.bus.answers[TryReport] = PICTURES[-1].reply
    body = {"from": "2026-01-01", "to": "2026-12-31", "document": {"group_by": ["month"]}, "format": "svg"}
    answer = web.http.post("/api/v1/analytics/reports/preview", json=body, headers=web.as_())
    assert "Mar\u00a02026" in words_of(answer)


def test_more_than_one_could_tell_apart_is_refused(web: Web) -> None:
    rows = (a_visit_row(day="2020-01-01"), a_visit_row(day="2026-01-01"))
    web.bus.answers[ShowVisits] = VisitRows(rows)
    answer = web.http.get(f"/api/v1/analytics/visits?{QUERY}&group_by=day&format=png", headers=web.as_())
    assert (answer.status_code, answer.json["code"]) == (422, "too_much_to_draw")
    assert "group_by" in answer.json["errors"]


def test_who_comes_when_many_wait_for_pictures_is_sent_away(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """The threads of a gateway are not all to wait for one that draws."""
    monkeypatch.setattr(formats.queue, "_inside", formats.MOST_WAITING)
    answer = get(web, PICTURES[0], "png")
    assert (answer.status_code, answer.json["code"]) == (503, "drawing_busy")
    assert answer.headers["Retry-After"] == str(math.ceil(formats.RETRY_AFTER_SECONDS))
    monkeypatch.undo()
    assert get(web, PICTURES[0], "png").status_code == 200


def test_several_who_ask_at_once_get_what_they_asked_for(web: Web) -> None:
    """The library draws for one at a time; nobody gets a piece of another picture."""
    alone = {one.path: get(web, one, "svg").data for one in PICTURES[:3]}
    found: dict[str, bytes] = {}

    def ask(one: Pictured) -> None:
        with web.app.test_client() as http:
            query = f"{one.url}?{QUERY}&format=svg"
            found[one.path] = http.get(query, headers=web.as_() | {"Accept-Language": "en"}).data

    threads = [threading.Thread(target=ask, args=(one,)) for one in PICTURES[:3]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == alone
