"""A visit as calendars know it, and the events that it is shown as."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.booking.domain.calendar import CANCELLED, CONFIRMED, TENTATIVE, Entry

STATUSES = {"booked": TENTATIVE, "cancelled": CANCELLED, "no_show": CANCELLED}  # confirmed, whatever else it is


@dataclass(frozen=True, slots=True)
class Part:
    """A service of a visit, by whom and when."""

    service: str
    master: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment as a calendar knows it. `occurrence` is its time by the rule of its series."""

    id: UUID
    status: str
    version: int
    place: str
    tz: ZoneInfo
    revised: datetime
    starts: datetime
    series_id: UUID | None
    occurrence: datetime | None
    parts: list[Part] = field(default_factory=list)


def made_at(made_id: UUID) -> datetime:
    """When a row was made: its id, a UUIDv7, begins with the milliseconds since 1970."""
    return datetime.fromtimestamp((made_id.int >> 80) // 1000, UTC)


def place_of(branch: str, address: str | None) -> str:
    return ", ".join(said for said in (branch, address) if said)


def entry_of(visit: Visit, parts: Sequence[Part], place: int = 0) -> Entry:
    return Entry(
        uid=uid_of(visit.id, place),
        starts=min(part.starts for part in parts).astimezone(visit.tz),
        ends=max(part.ends for part in parts).astimezone(visit.tz),
        summary=", ".join(dict.fromkeys(part.service for part in parts)),
        location=visit.place,
        revised=visit.revised,
        sequence=visit.version - 1,
        status=STATUSES.get(visit.status, CONFIRMED),
    )


def uid_of(owner: UUID, place: int = 0) -> str:
    return f"{owner}-{place + 1}@lokon" if place else f"{owner}@lokon"


def of_all(visit: Visit) -> Entry:
    entry = entry_of(visit, visit.parts)
    by = ", ".join(dict.fromkeys(part.master for part in visit.parts))
    return replace(entry, summary=f"{entry.summary} — {by}")


def for_client(visit: Visit) -> Entry:
    lines = (f"{part.starts.astimezone(visit.tz):%H:%M} {part.service} — {part.master}" for part in visit.parts)
    return replace(entry_of(visit, visit.parts), description="\n".join(lines))


def runs(parts: Iterable[Part]) -> list[list[Part]]:
    """The parts of one master, those without a break between them together."""
    runs: list[list[Part]] = []
    for part in sorted(parts, key=lambda part: part.starts):
        if runs and part.starts <= max(before.ends for before in runs[-1]):
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs
