"""The Struct that says yes and the schema that says why not come from one declaration, and never disagree."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from contracts.booking import BookAppointment, CreateService
from contracts.clients import RegisterClient
from contracts.loyalty import CreatePromotion
from gateway.routes import AREAS
from gateway.schemas import explain, schema
from gateway.shapes import Member, members, request_members, struct, without_none
from kernel.money import LARGEST

ROUTES = [route for area in AREAS for route in area.routes]
WITH_BODY = [route for route in ROUTES if route.has_body]
WITH_QUERY = [route for route in ROUTES if not route.has_body]

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=70)
EDGES = st.sampled_from(
    (
        *("", " ", "null", "true", "1e3", "١", "-0", "\ud7ff", "RUB", "rub", "08:00", "24:00"),
        *("2026-02-30", "2026-12-01", "0001-01-01", "9999-12-31"),
        *("2026-12-01T10:00:00", "2026-12-01T10:00:00+03:00", "0001-01-01T00:00:00+03:00"),
        *("0190a000-0000-7000-8000-00000000000a", "0190a00000007000800000000000000a", "{0190a000}"),
    )
)
NUMBERS = st.one_of(st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False), st.just(True))
YEARS = (datetime(1850, 1, 1), datetime(2250, 1, 1))  # noqa: DTZ001  hypothesis adds the zone
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, EDGES),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=5,
)


def good(node: inspect.Type) -> st.SearchStrategy[Any]:
    """JSON values that are near what `node` takes: mostly right, now and then a bit beyond a bound."""
    inner, nullable = without_none(node)
    found = _good(inner)
    return st.one_of(st.none(), found) if nullable else found


def _good(node: Any) -> st.SearchStrategy[Any]:
    match node:
        case inspect.BoolType():
            return st.booleans()
        case inspect.UUIDType():
            return st.uuids().map(str)
        case inspect.DateType():
            return st.dates(*(bound.date() for bound in YEARS)).map(date.isoformat)
        case inspect.DateTimeType():
            return st.datetimes(*YEARS, timezones=st.just(UTC)).map(datetime.isoformat)
        case inspect.DecimalType():
            return st.decimals(0, 100, places=2).map(float)
        case inspect.IntType():
            return st.integers((node.ge or 0) - 1, (node.le or 10) + 1)
        case inspect.StrType(pattern=str() as pattern):
            return st.one_of(st.from_regex(pattern.replace("$", r"\Z")), TEXTS)
        case inspect.StrType():
            least = node.min_length or 0
            return st.text("яa", min_size=max(0, least - 1), max_size=min((node.max_length or 20) + 1, 80))
        case inspect.LiteralType():
            return st.sampled_from(node.values)
        case inspect.VarTupleType():
            return st.lists(good(node.item_type), min_size=node.min_length or 0, max_size=3)
        case inspect.DictType():
            return st.dictionaries(TEXTS, JUNK, max_size=2)
        case inspect.DataclassType() | inspect.StructType():
            return bodies(members(node))
    raise AssertionError(node)


def bodies(parts: tuple[Member, ...]) -> st.SearchStrategy[dict[str, Any]]:
    values = {part.key: st.one_of(good(part.node), good(part.node), good(part.node), JUNK) for part in parts}
    required = {part.key: values.pop(part.key) for part in parts if part.required}
    near = st.fixed_dictionaries(required, optional=values)
    return st.one_of(
        near, near, near, st.tuples(near, st.dictionaries(TEXTS, JUNK, max_size=1)).map(lambda two: two[0] | two[1])
    )


@pytest.mark.parametrize("route", WITH_BODY, ids=lambda route: route.request.__name__)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_a_body_may_be_is_said_twice_and_never_differently(route, data):
    body = data.draw(st.one_of(bodies(route.members), JUNK))
    fits = struct(route.request.__name__, route.members)
    wrong = explain(schema(route.request.__name__, route.members), body)
    try:
        msgspec.json.decode(msgspec.json.encode(body), type=fits)
    except msgspec.ValidationError as refused:
        assert wrong, refused
    else:
        assert not wrong


@pytest.mark.parametrize("route", WITH_QUERY, ids=lambda route: route.request.__name__)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_a_query_may_be_is_said_twice_and_never_differently(route, data):
    query = {}
    for part in route.members:
        if part.required or data.draw(st.booleans()):
            texts = st.one_of(good(part.node).map(as_text), EDGES, TEXTS)
            is_list = isinstance(part.node, inspect.VarTupleType)
            query[part.key] = data.draw(st.lists(texts, max_size=3) if is_list else texts)
    fits = struct(route.request.__name__, route.members, nullable=False)
    wrong = explain(schema(route.request.__name__, route.members, from_text=True), query)
    try:
        msgspec.convert(query, fits, strict=False)
    except msgspec.ValidationError as refused:
        assert wrong, refused
    else:
        assert not wrong


@pytest.mark.parametrize("route", WITH_QUERY, ids=lambda route: route.request.__name__)
def test_the_longest_lists_of_a_query_fit_into_the_line_that_servers_take(route):
    lists = [
        part
        for part in route.members
        if isinstance(part.node, inspect.VarTupleType) and isinstance(part.node.item_type, inspect.UUIDType)
    ]
    assert sum(part.node.max_length * len(f"&{part.key}={UUID(int=1)}") for part in lists) < 7_000


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def test_what_is_not_given_is_not_sent_on():
    fits = struct("Body", request_members(RegisterClient))
    assert msgspec.json.encode(msgspec.convert({"first_name": "Clara"}, fits)) == b'{"first_name":"Clara"}'


def test_a_field_whose_name_is_a_word_of_the_language_keeps_its_name_outside():
    times = {"weekday": 0, "from": "09:00", "to": "12:00"}
    body = {"first_name": "Clara", "preferences": {"convenient_times": [times]}}
    fits = struct("Body", request_members(RegisterClient))
    assert msgspec.json.decode(msgspec.json.encode(msgspec.convert(body, fits))) == body
    times["from_"] = times.pop("from")
    wrong = explain(schema("Body", request_members(RegisterClient)), body)
    assert set(wrong) == {"preferences.convenient_times.0.from", "preferences.convenient_times.0.from_"}


@pytest.mark.parametrize(
    "money",
    [{"amount": 1, "currency": "rub"}, {"amount": LARGEST + 1, "currency": "RUB"}, {"amount": 1.5, "currency": "RUB"}],
)
def test_money_is_whole_minor_units_of_a_currency(money):
    wrong = explain(schema("Body", request_members(CreateService)), {"price": money})
    assert {field for field in wrong if field.startswith("price")} == {
        "price.currency" if money["currency"] == "rub" else "price.amount"
    }


def test_an_instant_needs_an_offset():
    wrong = explain(schema("Body", request_members(BookAppointment)), {"starts": "2026-12-01T10:00:00"})
    assert "offset" in wrong["starts"][0]


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_told_with_its_place(text):
    body = {"name": "Autumn", "ends": "2026-12-01T10:00:00Z", "percent": text}
    parts = request_members(CreatePromotion)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, struct("Body", parts))
    assert explain(schema("Body", parts), body) == {"percent": ["this must be a number"]}


def test_a_field_of_two_types_is_refused_at_start():
    with pytest.raises(TypeError):
        without_none(inspect.type_info(int | Decimal))
