"""Personal discounts of clients on the wire: one line per message."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import (
    ListPersonalDiscounts,
    PersonalDiscount,
    RemovePersonalDiscount,
    SetPersonalDiscount,
    ShowPersonalDiscount,
)
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.clients.queries.discounts import list_discounts, show_discount
from services.clients.service.base import Base
from services.clients.usecases.discounts import remove_discount, set_discount


class Discounts(Base):
    @serves(ShowPersonalDiscount)
    def show_personal_discount(
        self, session: Session, request: ShowPersonalDiscount, caller: Caller
    ) -> PersonalDiscount:
        return show_discount(session, request.client_id, caller, self.vault, utc_now())

    @serves(ListPersonalDiscounts)
    def list_personal_discounts(
        self, session: Session, request: ListPersonalDiscounts, caller: Caller
    ) -> Page[PersonalDiscount]:
        return list_discounts(session, request, caller, self.vault, utc_now())

    @serves(SetPersonalDiscount)
    def set_personal_discount(self, session: Session, request: SetPersonalDiscount, caller: Caller) -> PersonalDiscount:
        return set_discount(session, request, self.desk(caller))

    @serves(RemovePersonalDiscount)
    def remove_personal_discount(
        self, session: Session, request: RemovePersonalDiscount, caller: Caller
    ) -> PersonalDiscount:
        return remove_discount(session, request, self.desk(caller))
