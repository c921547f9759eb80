"""Forms of programmes and reports say what the documents say, and know every word of the services."""

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import flask
import pytest
from werkzeug.datastructures import MultiDict

from gateway.pages.loyalty.draft import Node, Reading, drawn, mark, posted, started
from gateway.pages.loyalty.fields import RULES, SECTIONS
from gateway.pages.loyalty.summary import summary
from gateway.pages.loyalty.why import sentence
from gateway.pages.mistakes import in_words
from gateway.pages.reports import conditions, words
from gateway.pages.reports.subjects import SUBJECTS
from kernel.errors import Invalid
from services.analytics.domain import subjects as theirs
from services.loyalty.domain.parsing import programme_of
from services.loyalty.domain.programme import RULES as KINDS
from services.loyalty.domain.wording import SENTENCES
from services.loyalty.domain.writing import document_of

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 11, 23, tzinfo=UTC)
DOCUMENTED = [
    json.loads(text) for text in re.findall(r"```json\n(.*?)```", (ROOT / "docs/loyalty.md").read_text(), re.DOTALL)
]


def a_programme(document: dict) -> dict:
    """An example of the documentation as a whole programme, in its normal form."""
    whole = {"rules": [document]} if "kind" in document else document
    if "tiers" not in whole and "rules" not in whole:
        whole = whole | {"rules": []}
    return document_of(programme_of(whole, id=None, version=1, now=NOW))


@pytest.fixture(params=["en", "ru"])
def language(request) -> Iterator[str]:
    with flask.Flask("test").test_request_context(headers={"Accept-Language": request.param}):
        yield request.param


def flat(node: Node, above: str = "") -> Iterator[tuple[str, list[str]]]:
    """A draft as the browser sends it: what has no value is not there."""
    for name, value in node.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}.")
        elif value:
            yield f"{above}{name}", value


@pytest.mark.parametrize("document", DOCUMENTED, ids=lambda each: each.get("kind", "whole"))
def test_every_documented_programme_comes_back_from_the_form_as_it_was(language, document):
    normal = a_programme(document)
    sent = MultiDict([(name, text) for name, texts in flat(drawn(normal, "RUB")) for text in texts])
    again = Reading("RUB").document(posted(list(sent.lists())))
    assert document_of(programme_of(again, id=None, version=1, now=NOW)) == normal


def test_every_kind_of_rule_has_its_fields(language):
    assert set(RULES) == set(KINDS)
    for kind in RULES:
        normal = {name for name in KINDS[kind].__dataclass_fields__ if name not in ("kind", "name", "branch_ids")}
        assert {field.name for field in RULES[kind].fields} == normal, kind


@pytest.mark.parametrize("document", DOCUMENTED, ids=lambda each: each.get("kind", "whole"))
def test_every_documented_programme_can_be_read_in_sentences(language, document):
    for title, said in summary(a_programme(document), "RUB", {}):
        assert title
        assert all(said)


def test_a_mistake_is_told_at_the_field_where_it_was_made(language):
    rule = {"kind": ["visits"], "name": [""]} | {"steps": {"b": {"start": ["5"], "percent": ["2"]}}}
    rule["steps"]["c"] = {"start": ["1"], "percent": ["9"]}
    draft = {"rules": {"a": {"kind": ["personal"]}, "z": rule}, "combination": started(SECTIONS[0].fields)}
    draft |= {"criterion": started(SECTIONS[2].fields), "checks": started(SECTIONS[3].fields)}
    reading = Reading("RUB")
    document = reading.document(draft)
    with pytest.raises(Invalid) as refused:
        programme_of(document, id=None, version=1, now=NOW)
    assert list(reading.in_form(refused.value).details["errors"]) == ["rules.z.steps.b.percent"]


def test_what_cannot_be_read_is_told_at_its_field_and_nothing_is_sent(language):
    draft = {"rules": {"a": {"kind": ["visits"], "steps": {"b": {"start": ["many"], "percent": ["2"]}}}}}
    with pytest.raises(Invalid) as refused:
        Reading("RUB").document(draft)
    assert "rules.a.steps.b.start" in refused.value.details["errors"]


def test_amounts_and_percentages_are_written_as_the_language_has_them(language):
    normal = a_programme({"kind": "spend", "steps": [{"start": 150_050, "percent": "7.5"}]})
    (rule,) = drawn(normal, "RUB")["rules"].values()
    (step,) = rule["steps"].values()
    assert (step["start"], step["percent"]) == ((["1500.5"], ["7.5"]) if language == "en" else (["1500,5"], ["7,5"]))


@pytest.mark.parametrize(("kind", "asked"), [("visits", {"start", "percent"}), ("holiday", {"day", "value"})])
def test_a_new_rule_asks_for_what_it_cannot_do_without(language, kind, asked):
    reading = Reading("RUB")
    with pytest.raises(Invalid):
        reading.document({"rules": {mark(): {"kind": [kind]} | started(RULES[kind].fields)}})
    assert {name.rpartition(".")[2] for name in reading.wrong if name.startswith("rules.")} >= asked


# --- words of the services --------------------------------------------------------------------------------------------


def test_every_reason_of_loyalty_has_a_sentence(language):
    params = dict.fromkeys(
        ["percent", "given", "spent", "level", "every", "reward", "name", "start", "gift", "offer", "why", "worth"], "5"
    )
    params |= dict.fromkeys(["before", "after", "version", "count"], "2") | {"by": "visits"}
    unsaid = [code for code in SENTENCES if code != "line" and not sentence(code, params)]
    assert unsaid == []


EACH_KIND = "this must be 5"  # a text, a number, a date: each has its own sentence


def sentences_in(path: str) -> Iterator[str]:
    """The last texts of calls that note a mistake, with what is filled in as `5`."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in ("note", "_wrong") and len(node.args) >= 3:
            text = node.args[-1]
            if isinstance(text, ast.Constant):
                yield str(text.value)
            elif isinstance(text, ast.JoinedStr):
                yield "".join(str(one.value) if isinstance(one, ast.Constant) else "5" for one in text.values)


@pytest.mark.parametrize(
    "path",
    [
        "services/loyalty/domain/parsing.py",
        "services/loyalty/domain/parsing_rules.py",
        "services/loyalty/domain/reading.py",
        "services/analytics/domain/reports.py",
        "services/analytics/domain/conditions.py",
    ],
)
def test_every_mistake_is_told_in_russian(path):
    with flask.Flask("test").test_request_context(headers={"Accept-Language": "ru"}):
        found = set(sentences_in(path))
        assert found
        assert [text for text in found if in_words(text) == text and text != EACH_KIND] == []


def test_the_form_of_reports_knows_what_the_service_knows():
    assert set(SUBJECTS) == set(theirs.SUBJECTS)
    for name, mine in SUBJECTS.items():
        other = theirs.SUBJECTS[name]
        assert (mine.dimensions, mine.measures, mine.columns) == (other.dimensions, other.measures, other.columns)
        assert (mine.usual_measures, mine.usual_columns) == (other.usual_measures, other.usual_columns)
        assert {
            key: (test.kind, set(test.options), test.nullable, test.windowed) for key, test in mine.tests.items()
        } == {
            key: (field.kind, set(field.options), field.nullable, field.windowed) for key, field in other.fields.items()
        }
        assert set(words.NAMES) >= {*mine.dimensions, *mine.measures, *mine.columns, *mine.tests}


FILTERS = [
    {"field": "revenue", "at_least": 100_050},
    {"and": [{"field": "source", "is": None}, {"field": "new", "is": True}]},
    {"or": [{"field": "sex", "in": ["female", None]}, {"not": {"or": [{"field": "weekday", "below": 5}]}}]},
    {"not": {"or": [{"field": "day", "at_least": "2026-01-01"}, {"field": "category", "in": ["Hair", "Nails"]}]}},
]


@pytest.mark.parametrize("asked", FILTERS)
def test_a_filter_comes_back_from_the_form_as_it_was(language, asked):
    sent = MultiDict([(name, text) for name, texts in flat(conditions.drawn(asked, "RUB")) for text in texts])
    again = conditions.Conditions(SUBJECTS["visits"].tests, "RUB").filter(posted(list(sent.lists())))
    assert again in (asked, {"and": [asked]})
