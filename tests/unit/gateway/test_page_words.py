"""Catalogues, sentences and formats of the pages: nothing is left without words in any language."""

import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st

from deploy.catalogues import messages
from gateway.pages import formats, sentences
from gateway.pages.forms import Form
from gateway.pages.languages import FOLDER, SOURCE, languages, name_of, tag
from kernel.errors import Invalid
from kernel.money import Money

ROOT = Path(__file__).resolve().parents[3]
PLACE = re.compile(r"%\(\w+\)s")
OTHERS = [language for language in languages() if language != SOURCE]


def catalogue_of(language):
    with (FOLDER / language / "LC_MESSAGES" / "pages.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize(("language", "name"), [("en", "English"), ("ru", "Русский"), ("de", "Deutsch")])
def test_a_language_is_called_as_those_who_speak_it_call_it(language, name):
    assert name_of(language) == name


def test_there_is_a_russian_catalogue():
    assert "ru" in OTHERS
    assert len(messages()) > 100


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_has_a_text_with_the_same_places(language):
    known = catalogue_of(language)
    for message in messages():
        if not message.id:
            continue
        entry = known.get(message.id)
        texts = entry.string if entry is not None else ""
        for text in texts if isinstance(texts, tuple) else (texts,):
            assert text, f"{message.id!r} has no text in {language}"
            assert set(PLACE.findall(text)) == set(PLACE.findall(str(message.id))), message.id


@pytest.mark.parametrize("language", OTHERS)
def test_no_catalogue_says_what_nobody_asks(language):
    said = {message.id for message in messages()}
    assert {message.id for message in catalogue_of(language) if message.id} <= said


def test_every_code_with_a_sentence_is_one_that_somebody_refuses_with():
    folders = ("services", "chassis", "gateway", "kernel")
    code = "\n".join(
        path.read_text() for folder in folders for path in (ROOT / folder).rglob("*.py") if path.name != "sentences.py"
    )
    assert [word for word in sentences.BY_CODE if f'"{word}"' not in code] == []


@pytest.fixture
def speaking():
    """A request in a language."""
    app = Flask("words")

    def in_language(language, **form):
        context = app.test_request_context("/", method="POST", data=form)
        context.push()
        g.language = language
        pushed.append(context)

    pushed = []
    yield in_language
    for context in reversed(pushed):
        context.pop()


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("ru", 250_000, "RUB", "2\u00a0500\u00a0₽"),
        ("ru", 250_050, "RUB", "2\u00a0500,50\u00a0₽"),
        ("en", 250_000, "RUB", "RUB\u00a02,500"),
        ("en", 250_050, "USD", "US$2,500.50"),
        ("en", 250_050, "JPY", "JP¥250,050"),
        ("en", 250_050, "GBP", "£2,500.50"),
        ("en", -1, "EUR", "-€0.01"),
    ],
)
def test_money_is_written_as_people_of_the_language_do(speaking, language, amount, currency, text):
    speaking(language)
    assert formats.money(Money(amount, currency)) == text


@pytest.mark.parametrize(
    ("language", "written_as", "day", "near", "short"),
    [
        ("en", "en-GB", "Mon, 23 Nov 2026", "Mon 23 Nov", "23 Nov 2026"),
        ("ru", "ru", "пн, 23 нояб. 2026 г.", "пн, 23 нояб.", "23.11.2026"),
    ],
)
def test_days_come_before_months(speaking, language, written_as, day, near, short):
    speaking(language)
    date_ = date(2026, 11, 23)
    said = [formats.day(date_), formats.near_day(date_), formats.short_day(date_)]
    assert [text.replace("\u202f", " ").replace("\u00a0", " ") for text in said] == [day, near, short]
    assert tag() == written_as


@given(amount=st.integers(-(10**12), 10**12), language=st.sampled_from(languages()))
def test_an_amount_that_is_typed_as_it_is_written_is_read_as_the_same(amount, language):
    app = Flask("amounts")
    with app.test_request_context("/"):
        g.language = language
        written = formats.money(Money(amount, "RUB")).replace("₽", "").replace("RUB", "").strip("\u00a0 ")
        written = written.replace("-RUB", "-").replace("-\u00a0", "-")
    with app.test_request_context("/", method="POST", data={"price": written}):
        g.language = language
        assert Form().maybe_money("price", "RUB") == Money(amount, "RUB")


@pytest.mark.parametrize("text", ["abc", "1.2.3.4", "NaN", "Infinity", "1e5000", "0,001", "9" * 40])
def test_what_is_no_amount_is_refused_by_its_field(speaking, text):
    speaking("ru", price=text)
    with pytest.raises(Invalid) as refused:
        Form().maybe_money("price", "RUB")
    assert refused.value.details["errors"].keys() == {"price"}


@pytest.mark.parametrize(
    ("read", "text"),
    [("id", "7"), ("day", "2026-13-01"), ("whole", "-1"), ("whole", "9" * 20), ("text", "  "), ("ids", "x")],
)
def test_a_field_that_cannot_be_read_is_refused_by_its_name(speaking, read, text):
    speaking("en", field=text)
    with pytest.raises(Invalid) as refused:
        getattr(Form(), read)("field")
    assert refused.value.details["errors"].keys() == {"field"}


def test_a_wall_clock_is_that_of_the_branch(speaking):
    speaking("en", starts="2026-11-23T10:30")
    assert Form().instant("starts", "Europe/Moscow").isoformat() == "2026-11-23T10:30:00+03:00"
