"""Who and what the rows of an export speak of: services, staff, clients."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from deploy.importer.export import BookingRow, CancellationRow, Export, NoShowRow, Note, Place, ReceiptRow, ServiceRow
from deploy.importer.plan import PlannedClient, PlannedMaster, PlannedService, PlannedVisit

# What a desktop system calls somebody without a card: a code in the counts, but nobody's.
WALK_IN = "WALK_IN"


class Catalogue:
    """Services by their code and, without case, by their name."""

    def __init__(self, rows: Iterable[ServiceRow]) -> None:
        self.notes: list[Note] = []
        self._by_code: dict[str, PlannedService] = {}
        self._by_name: dict[str, PlannedService] = {}
        for row in rows:
            self._add(row)

    @property
    def services(self) -> list[PlannedService]:
        return list(self._by_name.values())

    def coded(self, code: str) -> str | None:
        service = self._by_code.get(code)
        return service.name if service else None

    def named(self, text: str) -> str | None:
        service = self._by_name.get(text.casefold())
        return service.name if service else None

    def _add(self, row: ServiceRow) -> None:
        name = row.name or row.code
        if not row.name:
            self.notes.append(Note(row.place, f"a service without a name is called by its code, {row.code}"))
        if row.code in self._by_code:
            self.notes.append(Note(row.place, f"the code {row.code} stands for two services; the first one is meant"))
            return
        if name.casefold() in self._by_name:
            self.notes.append(Note(row.place, f"two services are called {name}; they become the first of them"))
        fresh = PlannedService(name, row.category or "-", row.price, row.cost, row.active)
        self._by_code[row.code] = self._by_name.setdefault(name.casefold(), fresh)


class Staff:
    """Masters by name, whatever the case in which a row writes it."""

    def __init__(self, export: Export) -> None:
        spellings: dict[str, dict[str, Place]] = defaultdict(dict)
        rows: tuple[BookingRow | ReceiptRow | CancellationRow | NoShowRow, ...]
        rows = (*export.bookings, *export.receipts, *export.cancellations, *export.no_shows)
        for row in rows:
            spellings[row.staff.casefold()].setdefault(row.staff, row.place)
        self._names = {key: in_usual_case(next(iter(written))) for key, written in spellings.items()}
        self.notes = [
            Note(place, f"{next(iter(written))} and {spelling} are taken for one master, {self._names[key]}")
            for key, written in spellings.items()
            for spelling, place in list(written.items())[1:]
        ]

    def name(self, staff: str) -> str:
        return self._names[staff.casefold()]

    def masters(self, visits: Iterable[PlannedVisit]) -> Iterator[PlannedMaster]:
        """Everybody named, able to do what they did."""
        done: dict[str, set[str]] = {name: set() for name in self._names.values()}
        for visit in visits:
            for segment in visit.segments:
                done[segment.master].add(segment.service)
            for line in visit.lines:
                if line.service:
                    done[line.master].add(line.service)
        for name, services in sorted(done.items()):
            yield PlannedMaster(name, tuple(sorted(services)))


def in_usual_case(name: str) -> str:
    """JOANNE is Joanne; JJ are initials, and McKenzie knows how she writes herself."""
    if not (name.isupper() or name.islower()):
        return name
    return " ".join(word if len(word) <= 2 else word.capitalize() for word in name.split())


def clients(export: Export, zone: ZoneInfo) -> Iterator[PlannedClient]:
    """Everybody with a code of their own, known from the first day on which a row names them."""
    first: dict[str, tuple[date, Place]] = {}
    sightings = (
        *((row.client, row.starts.date(), row.place) for row in export.bookings),
        *((row.client, row.day, row.place) for row in export.no_shows),
        *((row.client, row.day, row.place) for row in export.receipts),
        *((row.client, min(row.day, row.cancelled_on), row.place) for row in export.cancellations),
    )
    for client, day, place in sightings:
        if has_card(client):
            first[client] = min((day, place), first.get(client, (day, place)))
    for code, (day, place) in sorted(first.items()):
        yield PlannedClient(code, datetime.combine(day, time(0), tzinfo=zone), place)


def has_card(client: str) -> bool:
    return client not in ("", WALK_IN)
