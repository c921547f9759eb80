"""A studio for tests of group events: Anna gives yoga to three at once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from contracts.booking import (
    Appointment,
    ChangeMaster,
    CreateGroupEvent,
    CreateRoom,
    GroupEvent,
    Room,
    Service,
    ShowGroupEvent,
)
from services.booking.tables import appointments, group_events
from tests.builders import CLARA
from tests.component.booking.salon import Salon


def clients(count: int) -> list[UUID]:
    return [UUID(int=0x0190C << 108 | number) for number in range(1, count + 1)]


class Studio:
    """A salon where Anna also gives yoga to three at once, in the hall."""

    def __init__(self, salon: Salon) -> None:
        self.salon = salon
        self.ask = salon.ask
        self.hall: Room = salon.ask(CreateRoom(salon.branch.id, "Hall", capacity=2, kind="hall"))
        self.yoga: Service = salon.a_service("Yoga", 60, 90_000, capacity=3, room_kinds=("hall",))
        anna = salon.anna
        self.anna = salon.ask(ChangeMaster(anna.id, anna.version, service_ids=(*anna.service_ids, self.yoga.id)))

    def plan(self, starts: datetime | None = None, **more: Any) -> GroupEvent:
        words = {"branch_id": self.salon.branch.id, "service_id": self.yoga.id, "master_id": self.anna.id} | more
        return self.ask(CreateGroupEvent(starts=starts or self.salon.at("12:00"), **words))

    def join(self, client: UUID = CLARA, starts: datetime | None = None, **more: Any) -> Appointment:
        return self.salon.book(starts or self.salon.at("12:00"), self.yoga, client=client, **more)

    def show(self, event: GroupEvent) -> GroupEvent:
        return self.ask(ShowGroupEvent(event.id))

    def places_add_up(self) -> bool:
        """Whether every event has as many places left as nobody sits in."""
        with self.salon.booking.session() as session:
            for event in session.execute(select(group_events)):
                taken = session.scalars(
                    select(appointments.c.id).where(
                        appointments.c.group_event_id == event.id, appointments.c.status != "cancelled"
                    )
                ).all()
                if event.status == "planned" and event.places_left != event.capacity - len(taken):
                    return False
        return True
