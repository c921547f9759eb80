"""Whose turn it is to write."""

from sqlalchemy import text
from sqlalchemy.orm import Session

LOCK = 20_180_415  # any number that nothing else locks

_TAKE = text("SELECT pg_advisory_xact_lock(:lock)")


def take_turn(session: Session) -> None:
    """Wait until no other replica writes, until the end of this transaction.

    What an event changes depends on what others say of the same people: a visit counts for whoever the card names, two
    edges may close a loop together. Two transactions that did not see each other would leave a discount that neither
    of them knows is wrong. Batches make turns cheap, and with turns no order of rows can deadlock.
    """
    session.execute(_TAKE, {"lock": LOCK})
