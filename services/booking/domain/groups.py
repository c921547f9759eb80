"""Group events: one master, many clients, and the places that are left."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.errors import Conflict, Invalid
from kernel.time import Interval
from services.booking.domain.wish import Need, Phase, Piece, Placed, Wish

PLANNED, CANCELLED = "planned", "cancelled"


@dataclass(frozen=True, slots=True)
class GroupEvent:
    """A group service at a time, on the terms of when it was planned. The units are taken whole, whoever comes."""

    id: UUID
    branch_id: UUID
    service_id: UUID
    master_id: UUID
    unit_ids: tuple[UUID, ...]
    starts: datetime
    need: Need
    service_version: int
    cost: int | None
    currency: str
    capacity: int
    places_left: int
    status: str = PLANNED
    version: int = 1

    @property
    def work(self) -> Interval:
        return self.need.work(self.starts)

    @property
    def taken(self) -> int:
        return self.capacity - self.places_left

    def seat(self, price: int | None = None) -> Placed:
        """What somebody who joins comes to: the event's own terms, or the `price` that they were promised."""
        need = self.need if price is None else replace(self.need, price=price)
        wish = Wish(self.service_id, {self.master_id: need}, service_version=self.service_version, cost=self.cost)
        return Placed(wish, self.master_id, self.starts, tuple((unit, 0) for unit in self.unit_ids))

    def pieces(self, places: dict[UUID, int]) -> list[Piece]:
        """Whom the event keeps busy: the master while there is work, and every one of the `places` of each unit."""
        keeps = self.need.keeps(self.starts)
        rows = [Piece("master", self.master_id, busy) for busy in self.need.busy(self.starts)]
        return rows + [
            Piece("room", unit, keeps, place) for unit in self.unit_ids for place in range(places.get(unit, 1))
        ]


def need_from(duration: int, phases: list[dict[str, Any]], before: int, after: int, price: int) -> Need:
    """The terms as they are kept; no phases is busy throughout."""
    parts = tuple(Phase(phase["minutes"], phase["busy"]) for phase in phases) or (Phase(duration),)
    return Need(parts, before, after, price)


def must_be_planned(event: GroupEvent) -> None:
    if event.status != PLANNED:
        raise Conflict("wrong_status", f"the group event is {event.status}")


def resized(event: GroupEvent, capacity: int, most: int) -> GroupEvent:
    """The event with `capacity` places: not more than the service has, nor fewer than are taken."""
    check_capacity(capacity, most)
    if capacity < event.taken:
        raise Conflict("places_taken", f"{event.taken} places are taken already")
    return replace(event, capacity=capacity, places_left=capacity - event.taken)


def check_capacity(capacity: int, most: int) -> None:
    if capacity > most:
        raise Invalid.field("capacity", "capacity_too_large", f"the service has room for {most}")
