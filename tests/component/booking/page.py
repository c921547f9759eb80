"""The public page for tests of booking without an account; clients answers as a fake that one can read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.booking import (
    BookOnline,
    CancelOnlineAppointment,
    Contact,
    MoveOnlineAppointment,
    OnlineAppointment,
    ShowOnlineAppointment,
    WantedSegment,
)
from contracts.clients import CheckContact, CheckedContact, TakeContact, TakenContact
from tests.builders import CLARA
from tests.component.booking.salon import Salon

CONTACT = Contact("Клара", "+7 916 123-45-67", email="clara@example.com")
DORA = UUID("0190a000-0000-7000-8000-00000000000d")


class Page:
    """The public page of the salon; every phone is somebody else's, Clara's ends with 67."""

    def __init__(self, salon: Salon) -> None:
        self.salon = salon
        self.known = {CONTACT.phone: CLARA}
        salon.booking.others.answers[CheckContact] = lambda request: CheckedContact(self.known.get(request.phone))
        salon.booking.others.answers[TakeContact] = self.take

    def take(self, request: TakeContact) -> TakenContact:
        created = request.phone not in self.known
        if created:
            self.known[request.phone] = UUID(int=0x0190D << 108 | len(self.known))
        return TakenContact(self.known[request.phone], created)

    def book(
        self, starts: datetime | None = None, contact: Contact = CONTACT, caller: Any = None, **more: Any
    ) -> OnlineAppointment:
        master = more.pop("master", None)
        service = more.pop("service", self.salon.haircut)
        segments = more.pop("segments", (WantedSegment(service.id, master and master.id),))
        request = BookOnline(self.salon.branch.id, starts or self.salon.at("12:00"), segments, contact, **more)
        return self.salon.ask(request, caller)

    def show(self, key: str | None) -> OnlineAppointment:
        return self.salon.ask(ShowOnlineAppointment(key or ""), None)

    def move(self, key: str | None, starts: datetime) -> OnlineAppointment:
        return self.salon.ask(MoveOnlineAppointment(key or "", starts), None)

    def cancel(self, key: str | None, **more: Any) -> OnlineAppointment:
        return self.salon.ask(CancelOnlineAppointment(key or "", **more), None)


def somebody(number: int) -> Contact:
    return Contact(f"Somebody {number}", f"+7 916 000-{number // 100:02}-{number % 100:02}")
