"""Which visits the rows of an export tell of: receipts are completed ones, the other files say how the rest ended."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from deploy.importer.export import BookingRow, CancellationRow, Export, NoShowRow, Note, Place, ReceiptRow
from deploy.importer.plan import PlannedLine, PlannedSegment, PlannedVisit, Status
from deploy.importer.salon import WALK_IN, Catalogue, Staff, has_card

# Where no booking says when somebody came, only the day is known.
NOON = time(12)

StatusRow = BookingRow | CancellationRow | NoShowRow


class Diary:
    """The visits: of receipts first, then what the other files add to them."""

    def __init__(self, export: Export, zone: ZoneInfo, catalogue: Catalogue, staff: Staff) -> None:
        self.notes: list[Note] = []
        self.refused: list[Note] = []
        self._export = export
        self._zone = zone
        self._catalogue = catalogue
        self._staff = staff
        self._products = {row.name.casefold() for row in export.products}
        self._references: dict[str, int] = defaultdict(int)
        self._starts: dict[tuple[str, date], datetime] = {}
        for row in export.bookings:
            key = (row.client, row.starts.date())
            self._starts[key] = min(row.starts, self._starts.get(key, row.starts))

    def visits(self) -> Iterator[PlannedVisit]:
        paid: dict[tuple[str, date], list[ReceiptRow]] = defaultdict(list)
        for row in self._export.receipts:
            paid[row.client, row.day].append(row)
        for (client, day), rows in paid.items():
            yield self._completed(client, day, rows)
        yield from self._unpaid_bookings({(client, day) for client, day in paid if has_card(client)})
        yield from self._unbooked()

    def _completed(self, client: str, day: date, rows: list[ReceiptRow]) -> PlannedVisit:
        lines = tuple(self._line(row) for row in rows)
        return PlannedVisit(
            reference=self._reference("receipts", day.isoformat(), client),
            client=client if has_card(client) else None,
            starts=self._start(client, day),
            status="completed",
            # An amount below zero gives something back; nobody spent time on it.
            segments=tuple(
                PlannedSegment(line.service, line.master) for line in lines if line.service and line.amount >= 0
            ),
            lines=lines,
            places=tuple(row.place for row in rows),
        )

    def _line(self, row: ReceiptRow) -> PlannedLine:
        text = row.text if row.quantity == 1 else f"{row.text} × {row.quantity}".strip()
        master = self._staff.name(row.staff)
        service = self._catalogue.named(row.text)
        if service:
            if row.text.casefold() in self._products:
                self.notes.append(Note(row.place, f"{row.text} is a service and a product; the service is meant"))
            return PlannedLine("service", row.amount, master, service, text)
        if not row.text:
            self.notes.append(Note(row.place, "a line without a text is an adjustment"))
            return PlannedLine("adjustment", row.amount, master, None, text or None)
        if row.text.casefold() not in self._products:
            self.notes.append(Note(row.place, f"{row.text} is neither a service nor a product; it counts as retail"))
        return PlannedLine("retail", row.amount, master, None, text)

    def _unpaid_bookings(self, paid: set[tuple[str, date]]) -> Iterator[PlannedVisit]:
        """Bookings of a day with a receipt are that visit; the others are as the other files say, or stay open."""
        cancelled = {_key(row) for row in self._export.cancellations}
        missed = {_key(row) for row in self._export.no_shows}
        groups: dict[tuple[Status, tuple[str, ...]], list[BookingRow]] = defaultdict(list)
        for row in self._export.bookings:
            key = _key(row)
            if (row.client, row.starts.date()) in paid:
                if key in cancelled or key in missed:
                    word = "cancelled" if key in cancelled else "a no-show"
                    self.notes.append(Note(row.place, f"{word}, yet paid for on the same day: the visit took place"))
                continue
            status: Status = "cancelled" if key in cancelled else "no_show" if key in missed else "booked"
            if status == "booked":
                self.notes.append(
                    Note(row.place, "neither receipt nor cancellation nor no-show: unresolved, it stays open")
                )
            groups[status, (row.starts.date().isoformat(), *_who(row), status)].append(row)
        for (status, names), rows in groups.items():
            yield from self._unpaid("bookings", names, status, rows)

    def _unbooked(self) -> Iterator[PlannedVisit]:
        """Cancellations and no-shows of which the bookings know nothing."""
        booked = {_key(row) for row in self._export.bookings}
        groups: dict[tuple[str, ...], list[StatusRow]] = defaultdict(list)
        for cancellation in self._export.cancellations:
            if _key(cancellation) not in booked:
                day, cancelled_on = cancellation.day.isoformat(), cancellation.cancelled_on.isoformat()
                groups["cancellations", day, *_who(cancellation), cancelled_on].append(cancellation)
        for no_show in self._export.no_shows:
            if _key(no_show) not in booked:
                groups["no_shows", no_show.day.isoformat(), *_who(no_show)].append(no_show)
        for (file, *names), rows in groups.items():
            yield from self._unpaid(file, names, "cancelled" if file == "cancellations" else "no_show", rows)

    def _unpaid(
        self, file: str, names: Iterable[str], status: Status, rows: Iterable[StatusRow]
    ) -> Iterator[PlannedVisit]:
        known: list[StatusRow] = []
        for row in rows:
            if self._catalogue.coded(row.service):
                known.append(row)
            else:
                self.refused.append(Note(row.place, f"services.csv has no service {row.service}"))
        if not known:
            return
        known.sort(key=_when)
        client = known[0].client
        yield PlannedVisit(
            reference=self._reference(file, *names),
            client=client if has_card(client) else None,
            starts=_when(known[0])[0].replace(tzinfo=self._zone),
            status=status,
            segments=tuple(
                PlannedSegment(self._catalogue.coded(row.service) or "", self._staff.name(row.staff)) for row in known
            ),
            lines=(),
            places=tuple(row.place for row in known),
        )

    def _start(self, client: str, day: date) -> datetime:
        known = self._starts.get((client, day)) if client != WALK_IN else None
        return (known or datetime.combine(day, NOON)).replace(tzinfo=self._zone)

    def _reference(self, *names: str) -> str:
        """Files and keys, never line numbers: a row that moved within its file is still the same."""
        reference = "/".join(names)
        self._references[reference] += 1
        again = self._references[reference]
        return reference if again == 1 else f"{reference}/{again}"


def _who(row: StatusRow) -> tuple[str, ...]:
    """Rows of one client and day belong together; nothing says so of rows without a client."""
    if has_card(row.client):
        return (row.client,)
    return ("", row.service, row.staff.upper(), *([f"{row.starts:%H:%M}"] if isinstance(row, BookingRow) else []))


def _key(row: StatusRow) -> tuple[str, str, date, str]:
    """By which the export repeats a booking in its other files."""
    return row.client, row.service, _day(row), row.staff.casefold()


def _day(row: StatusRow) -> date:
    return row.starts.date() if isinstance(row, BookingRow) else row.day


def _when(row: StatusRow) -> tuple[datetime, Place]:
    return row.starts if isinstance(row, BookingRow) else datetime.combine(row.day, NOON), row.place
