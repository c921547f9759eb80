"""What to think of when a client comes, on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import Reminders, ShowReminders
from kernel.caller import Caller
from kernel.time import utc_now
from services.clients.queries.reminders import reminders
from services.clients.service.base import Base


class Reminding(Base):
    @serves(ShowReminders)
    def show_reminders(self, session: Session, request: ShowReminders, caller: Caller) -> Reminders:
        return reminders(session, request.client_id, caller, self.vault, utc_now())
