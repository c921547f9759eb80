"""Analytics works on pseudonyms: nothing that it keeps, hears or says could hold a name, a contact or a free text."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import inspect
from sqlalchemy import ARRAY, BigInteger, Boolean, Date, Double, Integer, Numeric, SmallInteger, Uuid

from chassis.database import Instant
from chassis.messaging.declare import handled_by, served_by
from chassis.wire import sensitive_marks
from contracts.clients import Client
from contracts.message import CONTACTS, HEALTH
from services.analytics.service import Analytics
from services.analytics.tables import analytics_metadata

NUMBERS = (BigInteger, Boolean, Date, Double, Instant, Integer, Numeric, SmallInteger, Uuid)
# Texts of the salon's own, not of persons: its channels and categories, a currency, and what kind a thing is. `name` is
# that of a channel; where a node is a client, the gateway fills it in for who may see it.
COLUMNS = {
    "channel",
    "channel_key",
    "root_key",
    "category",
    "currency",
    "status",
    "cancelled_by",
    "sex",
    "span",
    "kind",
    "who",
}
# `codes` and `promised_codes` are promotion codes, `importance` is a level from a list, `time_zone` that of a branch.
TEXTS = {
    "channel",
    "root",
    "source",
    "name",
    "category",
    "month",
    "currency",
    "status",
    "kind",
    "codes",
    "promised_codes",
    "importance",
} | {"time_zone", "definition", "reason"}


# What people of the salon call their reports, dashboards and segments, and how they define them: the salon's own
# words, too.
SAVED = {"name", "title", "document", "filter", "parameters"}
# The service's own: numbers by which clients were judged, and of what a forecast was made.
LEARNT = {"learnt", "borders", "made_from"}
# Words of the service's own, from lists in its code.
WORDS = {
    "booked_through",
    "cancelled_by",
    "causes",
    "columns",
    "meaning",
    "model",
    "model_reason",
    "next",
    "period",
    "quarter",
    "sleeping_reason",
}


def texts(node: Any, place: str = "", above: tuple[Any, ...] = ()) -> Iterator[str]:
    """The fields of a message where any text may stand."""
    if isinstance(node, inspect.StrType | inspect.AnyType | inspect.BytesType):
        yield place
    elif isinstance(node, inspect.UnionType):
        for kind in node.types:
            yield from texts(kind, place, above)
    elif isinstance(node, inspect.VarTupleType):
        yield from texts(node.item_type, place, above)
    elif isinstance(node, inspect.DictType):
        yield from texts(node.value_type, place, above)
    elif isinstance(node, inspect.DataclassType | inspect.StructType) and node.cls not in above:
        for field in node.fields:
            yield from texts(field.type, f"{place}.{field.name}".lstrip("."), (*above, node.cls))


def names(message: type[Any]) -> set[str]:
    """What the fields are called in which any text may stand."""
    return {place.rpartition(".")[2] for place in texts(inspect.type_info(message))}


def test_no_column_could_hold_a_person() -> None:
    """Ids, dates and numbers; what is text is on the list, and nothing is bytes."""
    for table in analytics_metadata.tables.values():
        for column in table.c:
            kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
            assert isinstance(kind, NUMBERS) or column.name in COLUMNS | SAVED | LEARNT, str(column)


@pytest.mark.parametrize("event", [heard.event for heard in handled_by(Analytics).values()], ids=lambda e: e.__name__)
def test_no_event_that_it_hears_could_hold_a_person(event: type[Any]) -> None:
    assert names(event) <= TEXTS


@pytest.mark.parametrize("asked", [each.request for each in served_by(Analytics).values()], ids=lambda r: r.__name__)
def test_no_request_and_no_reply_could_hold_a_person(asked: type[Any]) -> None:
    assert names(asked) <= SAVED | {"cursor", "category", "channel"}
    assert names(asked.reply) <= TEXTS | SAVED | WORDS
    assert not sensitive_marks(asked.reply) & {CONTACTS, HEALTH}


def test_the_walk_finds_what_a_card_says() -> None:
    assert {"first_name", "phones", "wishes"} <= names(Client)
