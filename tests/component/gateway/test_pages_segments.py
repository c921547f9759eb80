"""Pages of saved segments without services: conditions in groups become the filter of the API, and come back."""

import html
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import flask
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from contracts import analytics as wire
from contracts.auth import Me, ShowMe
from contracts.booking import Branch, ListBranches, ListMasters, ListServices
from contracts.clients import ClientName, ClientNames, ListSources, NameClients
from contracts.message import Page
from gateway.pages.figures.segments_tree import Group, Line, filter_in, group_of
from gateway.pages.figures.segments_words import FIELDS, GROUPS, SEGMENTS, STATES, operators_of
from kernel.errors import Invalid
from services.analytics.domain import segments as domain
from services.analytics.domain.conditions import OPERATORS
from services.analytics.domain.intervals import STATES as KNOWN_STATES
from services.analytics.domain.rfm import SEGMENTS as KNOWN_SEGMENTS
from tests.builders import OWNER, a_user

ME = Me(OWNER.id, "owner", "Olga Owner", ("owner",), (), ())
EVIL = "<script>alert('x')</script>"
SEGMENT = UUID("0190a000-0000-7000-8000-0000000000e1")
SOMEBODY = UUID("0190a000-0000-7000-8000-0000000000c1")
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"
AWAY = {
    "and": [
        {"field": "visits", "at_least": 3},
        {"field": "revenue", "above": 150_050, "within_days": 365},
        {"not": {"or": [{"field": "category", "is": EVIL}, {"field": "referred", "is": True}]}},
    ]
}
TREE = {
    "word": "and",
    "parts": [
        {"field": "visits", "operator": "at_least", "value": "3"},
        {"field": "revenue", "operator": "above", "value": "1 500,50", "within_days": "365"},
        {
            "word": "none",
            "parts": [
                {"field": "category", "operator": "is", "value": EVIL},
                {"field": "referred", "operator": "is", "value": "yes"},
            ],
        },
    ],
}


def a_segment(**changes):
    values = {
        "id": SEGMENT, "version": 2, "name": EVIL, "filter": AWAY, "created_at": NOW, "changed_at": NOW, "members": 1,
    }  # fmt: skip
    return wire.SavedSegment(**(values | changes))


@pytest.fixture
def owner(web):
    """A browser in which the owner is signed in, in Russian."""
    web.bus.answers |= {
        ShowMe: ME,
        ListBranches: Page(()),
        ListMasters: Page(()),
        ListServices: Page(()),
        ListSources: Page(()),
        wire.ListSavedSegments: Page((a_segment(),)),
        wire.ShowSavedSegment: a_segment(),
        wire.SaveSegment: a_segment(),
        wire.ChangeSegment: a_segment(version=3),
    }
    web.http.set_cookie("lokon_access", web.as_(OWNER)["Authorization"].removeprefix("Bearer "))
    web.http.set_cookie("lokon_session", "refresh-1")
    web.http.set_cookie("lokon_language", "ru")
    return web


def sent(web, path, **form):
    csrf = re.search(r'name="csrf" content="(\w+)"', web.http.get("/segments").text)[1]
    form = {"csrf": csrf, "key": KEY, "tree": json.dumps(TREE), "name": "Gone"} | form
    return web.http.post(path, data=form, headers={"HX-Request": "true", "HX-Trigger": "segment"})


# --- pages ----------------------------------------------------------------------------------------------------------


def test_a_segment_is_saved_once_as_its_conditions_stand(owner):
    for _ in range(2):
        answer = sent(owner, "/segments")
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/segments/{SEGMENT}")
    saved = owner.bus.asked_of(wire.SaveSegment)
    assert saved[0].filter == AWAY
    assert {ask.key for ask in owner.bus.envelopes if ask.name == "SaveSegment"} == {KEY}


@pytest.mark.parametrize("path", ["/segments", "/segments/new", f"/segments/{SEGMENT}/edit"])
def test_segments_are_among_the_figures_of_the_menu(owner, path):
    text = owner.http.get(path).text
    assert re.findall(r'class="nav-link" href="([^"]+)" aria-current="page"', text) == ["/figures"]


@pytest.mark.parametrize(("theirs", "offered"), [(3, True), (2, False)])
def test_who_has_every_branch_is_offered_all_of_them_together(owner, theirs, offered):
    branches = tuple(Branch(UUID(int=at), f"No {at}", "Europe/Moscow", None, (), 1) for at in (1, 2, 3))
    rights = a_user("analytics.read", "segments.edit", "branches.read")
    manager = replace(rights, branch_ids=frozenset(one.id for one in branches[:theirs]))
    owner.http.set_cookie("lokon_access", owner.as_(manager)["Authorization"].removeprefix("Bearer "))
    owner.bus.answers[ListBranches] = Page(branches)
    text = owner.http.get("/segments/new").text
    assert ('<option value="">Все филиалы</option>' in text) is offered
    assert "No 2" in text


def test_it_is_counted_before_it_is_saved(owner):
    owner.bus.answers[wire.CountSegment] = wire.SegmentCount(1234, 5000, date(2026, 1, 5), "")
    text = sent(owner, "/segments/count").text
    assert "Клиентов: 1\u00a0234 из 5\u00a0000" in text
    assert owner.bus.asked_of(wire.CountSegment)[0].filter == AWAY
    assert owner.bus.asked_of(wire.SaveSegment) == []


def test_a_change_names_the_version_that_was_seen(owner):
    assert sent(owner, f"/segments/{SEGMENT}", version="2").headers["HX-Redirect"] == f"/segments/{SEGMENT}"
    (changed,) = owner.bus.asked_of(wire.ChangeSegment)
    assert (changed.version, changed.name, changed.filter) == (2, "Gone", AWAY)


@pytest.mark.parametrize(
    "path", ["/segments", "/segments/count", f"/segments/{SEGMENT}", f"/segments/{SEGMENT}/remove"]
)
def test_forms_of_segments_without_their_token_do_nothing(owner, path):
    answer = owner.http.post(path, data={"key": KEY, "tree": json.dumps(TREE), "version": "2", "csrf": "0" * 64})
    assert answer.status_code == 403
    changing = {wire.SaveSegment, wire.ChangeSegment, wire.RemoveSegment, wire.CountSegment}
    assert {type(asked) for asked in owner.bus.asked} & changing == set()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"value": "many"}, "Условие 1: здесь должно быть число."),
        ({"value": "1,5"}, "Условие 1: здесь должно быть целое число."),
        ({"value": ""}, "Условие 1: здесь чего-то не хватает."),
        ({"value": "3", "within_days": "0"}, "Условие 1: дни — целое число."),
    ],
)
def test_what_is_wrong_in_a_line_is_told_by_its_number(owner, line, told):
    tree = {"word": "or", "parts": [{"field": "visits", "operator": "is"} | line]}
    answer = sent(owner, "/segments", tree=json.dumps(tree))
    assert answer.status_code == 422
    assert told in answer.text
    assert answer.headers["HX-Retarget"] == "#segment .trouble-place"
    assert owner.bus.asked_of(wire.SaveSegment) == []


@pytest.mark.parametrize(
    "tree",
    ["", "{", "[]", '{"word": "xor", "parts": []}', '{"field": "happiness", "operator": "is"}', '{"word": "and"}'],
)
def test_what_is_no_tree_of_conditions_is_refused(owner, tree):
    assert sent(owner, "/segments", tree=tree).status_code == 422
    assert owner.bus.asked_of(wire.SaveSegment) == []


def test_an_empty_group_says_what_to_do(owner):
    answer = sent(owner, "/segments", tree=json.dumps({"word": "and", "parts": []}))
    assert "Группа пуста" in answer.text


def test_names_and_conditions_are_texts_wherever_they_stand(owner):
    owner.bus.answers[wire.ShowSegmentMembers] = Page((wire.SegmentMember(SOMEBODY),))
    owner.bus.answers[NameClients] = ClientNames((ClientName(SOMEBODY, EVIL),))
    for path in ("/segments", f"/segments/{SEGMENT}", f"/segments/{SEGMENT}/edit"):
        text = owner.http.get(path).text
        assert "<script>alert" not in text
        assert EVIL in html.unescape(text)
    assert "1500,50" in html.unescape(owner.http.get(f"/segments/{SEGMENT}/edit").text)


def test_who_may_only_read_sees_members_without_names_and_no_way_to_change(web):
    reader = a_user("analytics.read")
    web.bus.answers |= {ShowMe: ME, ListBranches: Page(()), wire.ShowSavedSegment: a_segment()}
    web.bus.answers[wire.ShowSegmentMembers] = Page((wire.SegmentMember(SOMEBODY),))
    web.http.set_cookie("lokon_access", web.as_(reader)["Authorization"].removeprefix("Bearer "))
    web.http.set_cookie("lokon_session", "refresh-1")
    text = web.http.get(f"/segments/{SEGMENT}").text
    assert str(SOMEBODY)[-6:] in text
    assert "/edit" not in text
    assert "/remove" not in text
    assert web.http.get("/segments/new").status_code == 403


def test_another_field_brings_what_it_can_be_compared_with(owner):
    text = owner.http.get("/segments/condition?field=state", headers={"HX-Request": "true"}).text
    assert "Под угрозой" in text
    assert 'name="within_days"' not in text
    assert owner.http.get("/segments/condition?field=happiness").status_code == 422


# --- conditions -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def in_russian():
    with Flask("segments").test_request_context("/"):
        flask.g.language = "ru"
        yield


def tree_of(part):
    if isinstance(part, Line):
        return {"field": part.field, "operator": part.operator, "value": part.value, "within_days": part.within_days}
    return {"word": part.word, "parts": [tree_of(each) for each in part.parts]}


def test_what_was_written_through_the_api_means_the_same_after_it_was_saved_here(in_russian):
    written = {
        "or": [
            {"field": "source", "in": ["instagram", None]},
            {"not": {"and": [{"field": "state", "is": "lost"}, {"field": "age", "below": 30}]}},
            {"not": {"field": "sex", "is": None}},
        ]
    }
    assert filter_in(json.dumps(tree_of(group_of(written, "RUB"))), "RUB") == {
        "or": [
            {"or": [{"field": "source", "is": "instagram"}, {"field": "source", "is": None}]},
            {"not": {"or": [{"and": [{"field": "state", "is": "lost"}, {"field": "age", "below": 30}]}]}},
            {"not": {"or": [{"field": "sex", "is": None}]}},
        ]
    }


def test_a_single_test_is_a_group_of_one(in_russian):
    assert group_of({"field": "visits", "is": 1}, "RUB") == Group("and", (Line("visits", "is", "1"),))


@given(amount=st.integers(-(10**12), 10**12), currency=st.sampled_from(["RUB", "JPY", "EUR"]))
def test_money_comes_back_to_the_smallest_unit(amount, currency):
    with Flask("money").test_request_context("/"):
        flask.g.language = "ru"
        written = {"and": [{"field": "revenue", "at_least": amount}]}
        assert filter_in(json.dumps(tree_of(group_of(written, currency))), currency) == written


def test_more_conditions_than_the_api_takes_are_refused_in_words(in_russian):
    tree = {"word": "and", "parts": [{"field": "visits", "operator": "is", "value": "1"}] * 101}
    with pytest.raises(Invalid) as refused:
        filter_in(json.dumps(tree), "RUB")
    assert refused.value.code == "condition_wrong"


def test_the_page_knows_the_fields_of_the_api_and_how_they_are_compared():
    left_out = {"birth_band", "rfm_by_interval"}  # age and the segment say the same in words
    assert set(FIELDS) == set(domain.FIELDS) - left_out
    assert (set(SEGMENTS), set(STATES)) == (set(KNOWN_SEGMENTS), set(KNOWN_STATES))
    for name, asked in FIELDS.items():
        known = domain.FIELDS[name]
        assert set(operators_of(name)) <= set(OPERATORS[known.kind]), name
        assert asked.windowed == known.windowed, name
        assert bool(asked.blank) == known.nullable, name
        assert set(asked.options) == set(known.options), name
    assert sum(len(fields) for _title, fields in GROUPS) == len(FIELDS)
