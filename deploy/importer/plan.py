"""What is to exist after an import: the catalogue, masters, clients and visits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from deploy.importer.export import Note, Place

Status = Literal["completed", "cancelled", "no_show", "booked"]
LineKind = Literal["service", "retail", "adjustment"]


@dataclass(frozen=True)
class PlannedService:
    name: str
    category: str
    price: int
    cost: int
    active: bool


@dataclass(frozen=True)
class PlannedMaster:
    """`services` are the names of what they did."""

    name: str
    services: tuple[str, ...]


@dataclass(frozen=True)
class PlannedClient:
    """`since` is the first day on which the export knows of them."""

    code: str
    since: datetime
    place: Place


@dataclass(frozen=True)
class PlannedSegment:
    service: str
    master: str


@dataclass(frozen=True)
class PlannedLine:
    kind: LineKind
    amount: int
    master: str
    service: str | None
    text: str | None


@dataclass(frozen=True)
class PlannedVisit:
    """`reference` is the same whenever the same rows are read; `places` are those rows."""

    reference: str
    client: str | None
    starts: datetime
    status: Status
    segments: tuple[PlannedSegment, ...]
    lines: tuple[PlannedLine, ...]
    places: tuple[Place, ...]

    @property
    def revenue(self) -> int:
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True)
class Plan:
    services: tuple[PlannedService, ...]
    masters: tuple[PlannedMaster, ...]
    clients: tuple[PlannedClient, ...]
    visits: tuple[PlannedVisit, ...]
    ambiguous: tuple[Note, ...]
    refused: tuple[Note, ...]

    def of_status(self, status: Status) -> list[PlannedVisit]:
        return [visit for visit in self.visits if visit.status == status]

    @property
    def lines(self) -> list[PlannedLine]:
        return [line for visit in self.visits for line in visit.lines]
