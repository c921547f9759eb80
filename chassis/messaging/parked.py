"""Events put aside for an operator, who may list them, have them handled once more, or give them up."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from chassis.messaging.inbox import Inbox, decode_envelope, reason
from chassis.outbox import inbox
from kernel.errors import NotFound


class Parked:
    """The parked events of one service."""

    def __init__(self, transactions: Callable[[], Session], inbox_of: Inbox) -> None:
        self._transactions = transactions
        self._inbox = inbox_of

    def list(self) -> Sequence[Any]:
        with self._transactions() as session:
            return session.execute(
                select(inbox).where(inbox.c.state == "parked").order_by(inbox.c.producer, inbox.c.number)
            ).all()

    def replay(self, producer: str, number: int) -> None:
        """Handle the event now; if that fails it stays parked, with one attempt more, and the error is raised."""
        try:
            with self._transactions() as session:
                row = self._claim(session, producer, number, "handled")
                self._inbox.handle_again(session, producer, decode_envelope(row.body.encode()))
        except Exception as error:
            if not isinstance(error, NotFound):
                with self._transactions() as session:
                    session.execute(
                        update(inbox)
                        .where(inbox.c.producer == producer, inbox.c.number == number)
                        .values(attempts=inbox.c.attempts + 1, reason=reason(error), at=func.now())
                    )
                    session.commit()
            raise

    def discard(self, producer: str, number: int) -> None:
        with self._transactions() as session:
            self._claim(session, producer, number, "discarded")
            session.commit()

    def _claim(self, session: Session, producer: str, number: int, state: str) -> Any:
        row = session.execute(
            update(inbox)
            .where(inbox.c.producer == producer, inbox.c.number == number, inbox.c.state == "parked")
            .values(state=state, at=func.now())
            .returning(inbox.c.body)
        ).one_or_none()
        if row is None:
            raise NotFound("event_not_parked", f"no parked event {number} of {producer}")
        return row
