"""Retention on the wire, and the clock that forgets."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts.clients import ChangeRetention, PreviewRetention, Retention, RetentionPreview, ShowRetention
from kernel.caller import Caller
from kernel.time import utc_now
from services.clients import queries
from services.clients.service.base import Base
from services.clients.usecases import retention


class Retaining(Base):
    @serves(ShowRetention)
    def show_retention(self, session: Session, request: ShowRetention, caller: Caller) -> Retention:  # noqa: ARG002
        return queries.show_retention(session)

    @serves(ChangeRetention)
    def change_retention(self, session: Session, request: ChangeRetention, caller: Caller) -> Retention:  # noqa: ARG002
        return retention.change_retention(session, request)

    @serves(PreviewRetention)
    def preview_retention(
        self,
        session: Session,
        request: PreviewRetention,
        caller: Caller,  # noqa: ARG002
    ) -> RetentionPreview:
        return queries.preview_retention(session, request.months_without_visit, utc_now())

    @every(3600.0)
    def forget_long_unseen(self, session: Session) -> bool:
        return retention.forget_long_unseen(session, self.desk(Caller(kind="service")))
