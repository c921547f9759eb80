"""How codes get to phones: the port, and the channels that there are.

A further channel is a module here with a class like `Outbox`, its name in `CODE_SENDERS` of chassis/config.py, and a
line in `SENDERS`.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from sqlalchemy.orm import Session

from services.auth.usecases.desk import Desk
from services.auth.usecases.senders.outbox import Outbox
from services.auth.vault import Outgoing


class CodeSender(Protocol):
    """Takes over a code within the transaction that made it.

    It must not wait for a network there: a channel keeps what it sends, as `Outbox` does, and sends it by the clock,
    so that a code that was rolled back is never sent and one that was promised is never lost.
    """

    def send(self, session: Session, outgoing: Outgoing, desk: Desk) -> None: ...


SENDERS: Mapping[str, Callable[[], CodeSender]] = {"outbox": Outbox}
