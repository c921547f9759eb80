"""Damage to a sealed text of loyalty: noticed, told by id, and no list stops at it."""

import pytest
from sqlalchemy import LargeBinary, func, select, update

from contracts.loyalty import AdjustPoints, ListPointEntries
from services.loyalty.queries.unreadable import EVERYTHING
from services.loyalty.tables import loyalty_metadata, point_texts
from tests.builders import CLARA
from tests.facts import erased, numbered, registered

NO_TEXT = {"reservations.asked", "certificates.code"}  # keyed hashes


@pytest.fixture
def loyalty(start):
    loyalty = start("loyalty")
    loyalty.deliver(registered(CLARA), registered(numbered(50)))
    return loyalty


def flip(loyalty, entry_id):
    """Change one bit in the middle of a ciphertext."""
    text = point_texts.c.text
    with loyalty.session() as session:
        flipped = func.set_byte(text, 15, func.get_byte(text, 15).op("#")(4))
        session.execute(update(point_texts).where(point_texts.c.entry_id == entry_id).values(text=flipped))
        session.commit()


def damaged(loyalty):
    with loyalty.session() as session:
        return list(loyalty.dispatcher.instance.unreadable(session))


def test_a_damaged_reason_is_named_and_hides_no_entry(loyalty):
    first, second = (loyalty.ask(AdjustPoints(CLARA, 5, "she waited")).id for _ in range(2))
    assert damaged(loyalty) == []
    flip(loyalty, first)
    assert damaged(loyalty) == [("point_entry", first)]
    shown = loyalty.ask(ListPointEntries(CLARA)).items
    assert [(each.id, each.reason) for each in shown] == [(second, "she waited"), (first, None)]


def test_a_reason_that_was_moved_to_somebody_else_does_not_open(loyalty):
    entry_id = loyalty.ask(AdjustPoints(CLARA, 5, "she waited")).id
    loyalty.ask(AdjustPoints(numbered(50), 5, "so did she"))
    with loyalty.session() as session:
        session.execute(update(point_texts).values(client_id=numbered(50)))
        session.commit()
    assert damaged(loyalty) == [("point_entry", entry_id)]


def test_what_was_erased_is_no_damage(loyalty):
    loyalty.ask(AdjustPoints(CLARA, 5, "she waited"))
    with loyalty.session() as session:
        row = session.execute(select(point_texts)).one()
    loyalty.deliver(erased(CLARA))
    with loyalty.session() as session:
        session.execute(point_texts.insert().values(row._mapping))  # as an old dump would bring it back
        session.commit()
    assert damaged(loyalty) == []
    assert loyalty.dispatcher.instance.vault.open(CLARA, f"points:{row.entry_id}", row.text) is None


def test_every_column_of_ciphertexts_is_looked_at():
    sealed = {
        f"{table.name}.{column.name}"
        for table in loyalty_metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert {f"{kept.sealed.table.name}.{kept.sealed.name}" for kept in EVERYTHING} == sealed - NO_TEXT
