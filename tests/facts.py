"""What clients and booking announce, with sensible defaults, for the services that live on their events."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from contracts.booking import AppointmentBooked, VisitCompleted, VisitLine, VisitRefunded
from contracts.clients import ClientChanged, ClientErased, ClientRegistered, ClientsMerged
from tests.builders import HERE

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HAIRCUT = UUID(int=0x501)
COLOUR = UUID(int=0x502)
OLGA = UUID(int=0x601)
IRINA = UUID(int=0x602)


def numbered(number: int) -> UUID:
    """An id that reads well when a test fails."""
    return UUID(int=number)


def registered(client_id: UUID, referrer_id: UUID | None = None, **changes: Any) -> ClientRegistered:
    words: dict[str, Any] = {
        "version": 1,
        "channel": None,
        "home_branch_id": None,
        "registered_at": NOON,
        "occurred_at": NOON,
    }
    return ClientRegistered(client_id=client_id, referrer_id=referrer_id, **(words | changes))


def changed(client_id: UUID, version: int, referrer_id: UUID | None = None, **changes: Any) -> ClientChanged:
    words: dict[str, Any] = {
        "channel": None,
        "home_branch_id": None,
        "registered_at": NOON,
        "occurred_at": NOON + timedelta(hours=version),
    }
    return ClientChanged(client_id=client_id, version=version, referrer_id=referrer_id, **(words | changes))


def erased(client_id: UUID, version: int = 9) -> ClientErased:
    return ClientErased(client_id=client_id, version=version, occurred_at=NOON + timedelta(days=1))


def merged(client_id: UUID, merged_id: UUID, version: int = 9, merged_version: int = 8) -> ClientsMerged:
    return ClientsMerged(
        client_id, version, merged_id, merged_version, occurred_at=NOON + timedelta(hours=merged_version)
    )


def line(due: int = 100_000, **changes: Any) -> VisitLine:
    """A haircut by Olga."""
    words: dict[str, Any] = {
        "line_id": UUID(int=1),
        "kind": "service",
        "service_id": HAIRCUT,
        "category": "hair",
        "master_id": OLGA,
    }
    return VisitLine(due=due, **(words | changes))


def retail(due: int, **changes: Any) -> VisitLine:
    return line(due, **({"kind": "retail", "service_id": None, "category": None, "master_id": None} | changes))


def booked(appointment_id: UUID, client_id: UUID | None, **changes: Any) -> AppointmentBooked:
    return AppointmentBooked(**(_appointment(appointment_id, client_id, "booked", 1, date(2026, 3, 2)) | changes))


def completed(appointment_id: UUID, client_id: UUID | None, *lines: VisitLine, **changes: Any) -> VisitCompleted:
    """A completed visit, paid in full; without `lines` it was one haircut."""
    return VisitCompleted(**_bill(appointment_id, client_id, lines or (line(),), 2, changes))


def refunded(appointment_id: UUID, client_id: UUID | None, *lines: VisitLine, **changes: Any) -> VisitRefunded:
    """The same visit after `lines` were refunded; without any, after the haircut was."""
    return VisitRefunded(**_bill(appointment_id, client_id, lines or (line(refunded=100_000),), 3, changes))


def _bill(
    appointment_id: UUID, client_id: UUID | None, lines: tuple[VisitLine, ...], version: int, changes: dict[str, Any]
) -> dict[str, Any]:
    due = sum(each.due for each in lines)
    day = changes.get("local_date", date(2026, 3, 2))
    words = {
        "currency": "RUB",
        "total": due,
        "discount": 0,
        "due": due,
        "paid": due,
        "refunded": sum(each.refunded for each in lines),
        "lines": lines,
    }
    return _appointment(appointment_id, client_id, "completed", version, day) | words | changes


def _appointment(appointment_id: UUID, client_id: UUID | None, status: str, version: int, day: date) -> dict[str, Any]:
    starts = datetime.combine(day, time(12), UTC)
    return {
        "appointment_id": appointment_id,
        "version": version,
        "branch_id": HERE,
        "client_id": client_id,
        "status": status,
        "starts": starts,
        "ends": starts + timedelta(hours=1),
        "local_date": day,
        "segments": (),
        "channel": None,
        "occurred_at": starts + timedelta(hours=version),
    }
