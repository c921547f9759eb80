"""Whose turn it is to write."""

from sqlalchemy import text
from sqlalchemy.orm import Session

LOCK = 20_180_416  # any number that nothing else locks

_TAKE = text("SELECT pg_advisory_xact_lock(:lock)")


def take_turn(session: Session) -> None:
    """Wait until no other replica writes, until the end of this transaction.

    A correction takes back what the earlier bill had added, so it must see that bill, and a change of a referrer
    reaches everybody below. Every batch also adds to the rows of today, where replicas would wait for each other
    anyway: with turns they cannot deadlock over the order of rows, and batches make turns cheap.
    """
    session.execute(_TAKE, {"lock": LOCK})
