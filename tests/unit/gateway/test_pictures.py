"""Sketches of pictures: nothing is lost, nothing is drawn of nothing, and numbers are written as people write them."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from types import NoneType
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis import wire
from contracts.analytics import ShowVisits
from gateway import pictures
from gateway.pictures import numerals
from gateway.pictures.boxes import placed
from gateway.pictures.canvas import FONTS, LEFT, NOTE_SIZE, WIDE, in_lines, readable
from gateway.pictures.definitions import RUSSIAN, known, said, sentences
from gateway.pictures.grouped import ADDITIVE, MOST_SERIES, Grouped, left_out, plots
from gateway.pictures.plots import Box, Columns, Picture, Ranked
from gateway.pictures.saying import Saying, begun_only, every
from gateway.pictures.sources import sources
from gateway.pictures.words import TEXTS
from kernel.errors import Refusal
from kernel.money import Money
from services.analytics.domain import benefits as gains
from services.analytics.domain import funnel, occupancy, retention, work
from services.analytics.queries.forecasts import DEFINITION as FORECASTS
from services.analytics.queries.heat_map import DEFINITION as HEAT_MAP
from services.analytics.queries.people import SAYS as PEOPLE
from services.analytics.queries.seasons import DEFINITION as SEASONS
from services.analytics.queries.sources import DEFINITION as SOURCES
from services.analytics.queries.standings import CHURN_SAYS, SEGMENTS_SAY
from services.analytics.queries.touches import DEFINITION as CHANNELS
from services.analytics.queries.worth import WORTH_SAYS
from tests.pictured import DAYS, PICTURES, Pictured

ENGLISH, RUSSIAN_SAYING = Saying("en", {}), Saying("ru", {})
SKETCHES: dict[str, Callable[..., Picture]] = {
    "visits": pictures.visits.visits,
    "sources": pictures.sources.sources,
    "retention": pictures.work.retention,
    "occupancy": pictures.work.occupancy,
    "idle-windows": pictures.work.idle_windows,
    "seasonality": pictures.seasons.seasonality,
    "heat-map": pictures.seasons.heat_map,
    "forecast": pictures.seasons.forecast,
    "work": pictures.work.work,
    "funnel": pictures.work.funnel,
    "segments": pictures.people.segments,
    "churn": pictures.people.churn,
    "clients": pictures.people.clients,
    "lifetime-value": pictures.people.lifetime_value,
    "no-shows": pictures.people.no_shows,
    "benefits": pictures.benefits.benefits,
}


def sketched(one: Pictured, reply: Any) -> Picture:
    """The picture of `reply` after its way over the wire."""
    names = {field.name for field in fields(one.asked)}
    asked = one.asked(**{name: value for name, value in DAYS.items() if name in names})
    return SKETCHES[one.path](msgspec.json.decode(wire.encode(reply)), asked, ENGLISH)


# --- nothing of nothing ---------------------------------------------------------------------------------------------


KEPT = ("month", "weekday", "hour", "years", "days", "minutes")  # these say where a figure stands


def poorer(value: Any, change: Callable[[Any, bool], Any], *, may_lack: bool = False) -> Any:
    """The same with every number or money, however deep, changed; `may_lack`: nothing may stand there instead."""
    if isinstance(value, Money | Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        return change(value, may_lack)
    if isinstance(value, tuple):
        return tuple(poorer(each, change) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        lacking = {name for name, hint in get_type_hints(type(value)).items() if NoneType in get_args(hint)}
        parts = {one.name: getattr(value, one.name) for one in fields(value) if one.name not in KEPT}
        changed = {name: poorer(part, change, may_lack=name in lacking) for name, part in parts.items()}
        return replace(value, **changed)
    return value


def zero(value: Any, _may_lack: bool) -> Any:
    return Money(0, "RUB") if isinstance(value, Money) else type(value)(0)


def unknown(value: Any, may_lack: bool) -> Any:
    return None if may_lack else value


@pytest.mark.parametrize("change", [zero, unknown])
@pytest.mark.parametrize("one", [one for one in PICTURES if one.path in SKETCHES], ids=lambda one: one.path)
def test_whatever_is_missing_a_sketch_is_refused_or_has_plots(
    one: Pictured, change: Callable[[Any, bool], Any]
) -> None:
    """Figures that are all zero or not known are told or left out, and nothing is divided by them."""
    try:
        picture = sketched(one, poorer(one.reply, change))
    except Refusal as refused:
        assert refused.code == "nothing_to_draw"
        assert refused.details["reason"]
    else:
        assert all(isinstance(text, str) for text in (picture.title, picture.subtitle, *picture.notes))


# --- nothing is lost ------------------------------------------------------------------------------------------------

MONTHS = st.integers(1, 12).map(lambda number: f"2026-{number:02d}")
ROWS = st.dictionaries(
    st.tuples(MONTHS, st.integers(0, 12).map(lambda number: f"channel {number}")), st.integers(0, 10**9), min_size=1
)


def a_row(month: str, source: str, amount: int) -> dict[str, Any]:
    return {"month": month, "source": source, "visits": amount % 97, "revenue": {"amount": amount, "currency": "RUB"}}


def total(values: tuple[float | None, ...]) -> float:
    return sum(value or 0.0 for value in values)


@given(ROWS)
def test_what_is_stacked_adds_up_to_everything(found: dict[tuple[str, str], int]) -> None:
    """The largest apart and the rest together: to the minor unit, and month by month."""
    rows = [a_row(*key, amount) for key, amount in found.items()]
    (plot,) = plots(Grouped(rows, ("month", "source"), ("revenue",)), ENGLISH)
    assert isinstance(plot, Columns)
    assert len(plot.series) <= MOST_SERIES
    assert sum(total(series.values) for series in plot.series) == sum(found.values())
    for place, label in enumerate(plot.labels):
        there = sum(amount for (month, _), amount in found.items() if numerals.month(month, "en") == label)
        assert sum(series.values[place] or 0.0 for series in plot.series) == there


@given(ROWS)
def test_what_is_ranked_is_shown_or_counted_as_left_out(found: dict[tuple[str, str], int]) -> None:
    rows = [a_row("2026-01", f"{month} {source}", amount) for (month, source), amount in found.items()]
    grouped = Grouped(rows, ("source",), ("revenue", "visits"))
    (plot,) = plots(grouped, ENGLISH) or (Ranked("", "count", (), ()),)
    shown = [value for series in plot.series for value in series.values]
    assert shown == sorted(found.values(), reverse=True)[: len(shown)] or not any(found.values())
    hidden = len(rows) - 20
    assert left_out(grouped, ENGLISH) == ((f"{hidden} smaller ones are left out.",) if hidden > 0 else ())


@given(st.lists(st.tuples(MONTHS, st.integers(1, 100)), min_size=1), st.sampled_from(["clients", "late_percent"]))
def test_what_does_not_add_up_is_never_added_up(found: list[tuple[str, int]], figure: str) -> None:
    """People of two months may be the same ones."""
    assert figure not in ADDITIVE
    rows = [{"month": month, "source": f"{at}", figure: value} for at, (month, value) in enumerate(found)]
    (plot,) = plots(Grouped(rows, ("month", "source"), (figure,)), ENGLISH)
    assert isinstance(plot, Columns)
    assert plot.kind == "lines"
    assert {value for series in plot.series for value in series.values if value is not None} <= {
        value for _, value in found
    }


TREES = st.recursive(
    st.integers(1, 40).map(lambda people: (people, [])),
    lambda inner: st.tuples(st.integers(0, 40), st.lists(inner, max_size=6)),
    max_leaves=60,
)


def a_node(tree: tuple[int, list[Any]], kind: str = "root") -> dict[str, Any]:
    """A node with its own people and everybody below."""
    own, below = tree
    children = [a_node(each, "channel" if kind == "root" else "client") for each in below]
    people = own + sum(child["clients"] for child in children)
    name = None if kind == "root" else f"{kind} {people}"
    money = {"amount": people * 100, "currency": "RUB"}
    return {"kind": kind, "name": name, "clients": people, "revenue": money, "children": children}


def boxes(box: Box) -> Iterator[Box]:
    yield box
    for child in box.children:
        yield from boxes(child)


@given(TREES)
def test_boxes_of_a_tree_hold_everybody_below_and_stay_within_their_parent(tree: tuple[int, list[Any]]) -> None:
    root = a_node(tree)
    if not root["clients"]:
        return
    asked = ShowVisits(**DAYS)
    (plot,) = sources(root, asked, ENGLISH).plots  # type: ignore[arg-type]
    assert plot.root.size == root["clients"]
    for box in boxes(plot.root):
        assert sum(child.size for child in box.children) <= box.size
    first = sum(child.size for child in plot.root.children)
    assert first == sum(child["clients"] for child in root["children"]), "small ones stand together, none is lost"
    for one in placed(plot.root, len(plot.levels)):
        assert -1e-9 <= one.top <= one.top + one.high <= 1 + 1e-9


# --- as people write ------------------------------------------------------------------------------------------------


@given(st.decimals(-(10**9), 10**9, places=2), st.sampled_from(["en", "ru"]))
def test_a_number_that_is_read_again_is_the_same(value: Decimal, language: str) -> None:
    text = numerals.number(value, language, 2).replace("−", "-")
    plain = text.replace(",", "") if language == "en" else text.replace("\u00a0", "").replace(",", ".")
    assert Decimal(plain) == value


@pytest.mark.parametrize(
    ("amount", "currency", "language", "brief", "text"),
    [
        (123_450, "RUB", "ru", False, "1\u00a0234,5\u00a0₽"),
        (123_400, "RUB", "en", False, "₽1,234"),
        (-123_400, "USD", "en", False, "−$1,234"),
        (1_234_500_000, "RUB", "ru", True, "12,3\u00a0млн\u00a0₽"),
        (1_234_500_000, "CHF", "en", True, "12.3M\u00a0CHF"),
        (0, "EUR", "en", True, "€0"),
    ],
)
def test_money_is_in_whole_units(amount: int, currency: str, language: str, brief: bool, text: str) -> None:
    assert numerals.money(amount, currency, language, brief=brief) == text


@pytest.mark.parametrize(
    ("value", "english", "russian"),
    [
        ("2026-03", "Mar 2026", "мар 2026"),
        ("2026-03-02", "2 Mar 2026", "2 мар 2026"),
        ("2026-Q1", "Q1 2026", "1 кв. 2026"),
        ("2026", "2026", "2026"),
    ],
)
def test_a_period_is_written_in_words(value: str, english: str, russian: str) -> None:
    assert numerals.period(value, "en").replace("\u00a0", " ") == english
    assert numerals.period(value, "ru").replace("\u00a0", " ") == russian


@pytest.mark.parametrize(
    ("first", "last", "field", "wanted"),
    [
        ("2025-11", "2026-02", "month", ["2025-11", "2025-12", "2026-01", "2026-02"]),
        ("2025-Q3", "2026-Q1", "quarter", ["2025-Q3", "2025-Q4", "2026-Q1"]),
        ("2026-02-27", "2026-03-01", "day", ["2026-02-27", "2026-02-28", "2026-03-01"]),
        ("2026-01-05", "2026-01-19", "week", ["2026-01-05", "2026-01-12", "2026-01-19"]),
        ("2024", "2026", "year", ["2024", "2025", "2026"]),
    ],
)
def test_an_empty_day_has_its_place(first: str, last: str, field: str, wanted: list[str]) -> None:
    assert every(first, last, field) == wanted


@pytest.mark.parametrize(
    ("first", "last", "bucket", "wanted"),
    [
        ("2025-11-01", "2026-11-30", "month", []),
        ("2025-11-01", "2026-11-23", "month", ["2026-11"]),
        ("2026-11-05", "2026-11-23", "month", ["2026-11"]),
        ("2024-02-02", "2024-03-30", "month", ["2024-02", "2024-03"]),
        ("2024-01-01", "2024-02-29", "month", []),
        ("2026-02-01", "2026-12-31", "quarter", ["2026-Q1"]),
        ("2026-01-01", "2026-12-30", "year", ["2026"]),
        ("2026-11-16", "2026-11-29", "week", []),
        ("2026-11-16", "2026-11-24", "week", ["2026-11-23"]),
        ("2026-11-05", "2026-11-23", "day", []),
        ("2026-11-05", "2026-11-23", "period", []),
    ],
)
def test_what_has_only_begun_is_not_taken_for_a_fall(first: str, last: str, bucket: str, wanted: list[str]) -> None:
    assert begun_only(date.fromisoformat(first), date.fromisoformat(last), bucket) == wanted


@pytest.mark.parametrize(
    ("say", "keys", "wanted"),
    [
        (ENGLISH, ("branch", "month"), "only a part of Nov\xa02026"),
        (RUSSIAN_SAYING, ("week",), "не целиком: неделя с 23\xa0ноя\xa02026"),
        (ENGLISH, ("branch",), None),
    ],
)
def test_below_the_title_stands_what_is_not_whole(say: Saying, keys: Any, wanted: str | None) -> None:
    scope = say.scope(ShowVisits(date(2026, 11, 2), date(2026, 11, 24), keys)).split(" · ")
    assert scope[1:-1] == ([wanted] if wanted else [])


@settings(deadline=None)  # the first text waits for the font
@given(st.text())
def test_every_text_can_stand_in_xml(text: str) -> None:
    told = readable(text)
    assert "\n" not in told
    assert all(letter in "\t\n\r" or letter >= " " for letter in told)
    assert not {"\ufffe", "\uffff"} & set(told)


def test_every_text_has_the_same_places_in_both_languages() -> None:
    for word, (english, russian) in TEXTS.items():
        assert english.count("{") == russian.count("{"), word
        assert english and russian, word


def test_a_definition_is_translated_by_sentences_and_never_lost() -> None:
    assert said("Nobody knows this one. Nor this.", "ru") == "Nobody knows this one. Nor this."
    told = said("Completed visits. Counted are those for whom 120 days have passed.", "ru")
    assert told == "Completed visits. Учтены те, у кого прошло 120 дней."
    for sentence, russian in RUSSIAN.items():
        assert sentences(sentence) == [sentence], "one sentence each"
        assert sentence.count("#") == russian.count("#"), sentence


@pytest.mark.parametrize(
    "definition",
    [
        SEGMENTS_SAY, CHURN_SAYS, WORTH_SAYS, PEOPLE, SEASONS, HEAT_MAP, FORECASTS, SOURCES, CHANNELS, work.DEFINITION,
        funnel.DEFINITION, occupancy.MASTERS, occupancy.UNITS, occupancy.IDLE.format(minutes=30),
        *gains.MEASURES.values(), *gains.NOT_MEASURED.values(),
        *(retention.definition(of, 90, by) for of in ("new", "all") for by in ((), ("branch",), ("master", "branch"))),
    ],
)  # fmt: skip
def test_what_services_say_of_their_figures_is_known_in_russian(definition: str) -> None:
    """Whoever changes a definition changes it in both languages."""
    assert [sentence for sentence in sentences(definition) if not known(sentence)] == []


def test_no_line_of_a_definition_is_wider_than_the_picture() -> None:
    from matplotlib.font_manager import findfont, get_font

    font = get_font(findfont(FONTS[0]))
    font.set_size(NOTE_SIZE, 72)
    for language, definitions in (("en", RUSSIAN), ("ru", RUSSIAN.values())):
        for line in in_lines([" ".join(definitions), *definitions], language):
            font.set_text(line)
            assert font.get_width_height()[0] / 64 < WIDE * 72 * (1 - 2 * LEFT), line
