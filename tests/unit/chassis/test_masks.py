"""What a caller may not see is masked wherever it is in a view, and nothing else is touched."""

import dataclasses
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from chassis.wire import MASK, masked
from contracts.message import CONTACTS, FINANCE, HEALTH, Page, sensitive
from tests.builders import a_user

Held = TypeVar("Held")


@dataclass(frozen=True)
class Phone:
    label: str
    number: str = sensitive(CONTACTS)


@dataclass(frozen=True)
class Box(Generic[Held]):
    held: Held
    others: tuple[Held, ...] = ()


@dataclass(frozen=True)
class Card:
    id: UUID
    kind: Literal["new", "old"]
    names: tuple[str, ...]
    since: date | None
    main: Phone | None
    boxed: Box[Phone]
    anything: Any
    pair: tuple[int, Phone | str]
    debt: int | None = sensitive(FINANCE)
    phones: tuple[Phone, ...] = ()
    conditions: tuple[str, ...] = sensitive(HEALTH, default=())


words = some.sampled_from(["Anna", "+79161234567", "", "allergy"])
phones = some.builds(Phone, words, words)
cards = some.builds(
    Card,
    some.uuids(),
    some.sampled_from(["new", "old"]),
    some.lists(words, max_size=2).map(tuple),
    some.none() | some.dates(),
    some.none() | phones,
    some.builds(Box, phones, some.lists(phones, max_size=2).map(tuple)),
    phones | some.lists(phones, max_size=2).map(tuple) | words,
    some.tuples(some.integers(), phones | words),
    some.none() | some.integers(),
    some.lists(phones, max_size=2).map(tuple),
    some.lists(words, max_size=2).map(tuple),
)


def expected(value: Any, marks: frozenset[str]) -> Any:
    """The same, field by field."""
    if isinstance(value, tuple):
        return tuple(expected(item, marks) for item in value)
    if not dataclasses.is_dataclass(value):
        return value
    fields = {}
    for field in dataclasses.fields(value):
        held = getattr(value, field.name)
        mark = field.metadata.get("sensitive")
        if mark is None or mark in marks:
            fields[field.name] = expected(held, marks)
        elif isinstance(held, str):
            fields[field.name] = MASK
        else:
            fields[field.name] = (MASK,) * len(held) if isinstance(held, tuple) else None
    return type(value)(**fields)


@given(some.lists(cards, max_size=3).map(tuple), some.frozensets(some.sampled_from([CONTACTS, HEALTH, FINANCE])))
def test_masks_are_where_marks_are_and_nowhere_else(items: tuple[Card, ...], marks: frozenset[str]) -> None:
    page = Page(items, None)
    shown = masked(page, Page[Card], a_user("clients.read", marks=marks))
    assert shown == expected(page, marks)
