"""The catalogue as one snapshot in memory: branches, rooms, services, masters and who renders what on which terms."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from msgspec import convert
from sqlalchemy import Pool, select
from sqlalchemy.orm import Session

from contracts.booking import BranchPolicy, OpeningHours, ServicePolicy
from kernel.errors import Refusal
from kernel.time import zone
from services.booking.domain.health import Mark
from services.booking.domain.hours import Holidays, Span, Week
from services.booking.domain.shifts import minutes_of
from services.booking.domain.wish import Need, Phase, stretched
from services.booking.tables import (
    branch_prices,
    branches,
    catalogue_state,
    holidays,
    master_rooms,
    master_services,
    masters,
    rooms,
    services,
    settings,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BranchEntry:
    """A branch; `week` is its `opening_hours` in minutes."""

    id: UUID
    name: str
    address: str | None
    tz: ZoneInfo
    opening_hours: tuple[OpeningHours, ...]
    week: Week
    holidays: Holidays
    policy: BranchPolicy


@dataclass(frozen=True, slots=True)
class RoomEntry:
    """`week` is the room's own schedule, None if it is there whenever somebody works."""

    id: UUID
    branch_id: UUID
    name: str
    kind: str
    places: int
    active: bool
    week: Week | None


@dataclass(frozen=True, slots=True)
class Price:
    """What a service costs in one branch, in minor units; None is as the service says."""

    price: int | None
    price_max: int | None
    offered: bool


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A service; `prices` by branch."""

    id: UUID
    name: str
    category: str
    duration: int
    price: int
    price_max: int | None
    cost: int | None
    before: int
    after: int
    bookable_online: bool
    active: bool
    phases: tuple[Phase, ...]
    room_kinds: tuple[str, ...]
    capacity: int
    repeat_days: int | None
    policy: ServicePolicy
    version: int
    prices: Mapping[UUID, Price] = field(default_factory=dict)
    marks: frozenset[Mark] = frozenset()

    def offered_in(self, branch_id: UUID) -> bool:
        return branch_id not in self.prices or self.prices[branch_id].offered


@dataclass(frozen=True, slots=True)
class Terms:
    """How a master renders a service; None is as the service says."""

    duration: int | None
    price: int | None
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class MasterEntry:
    """`renders` says on which terms, by service; `permits` are the last days on which the papers hold."""

    id: UUID
    name: str
    active: bool
    bookable_online: bool
    permits: tuple[date, ...]
    renders: Mapping[UUID, Terms]
    room_ids: frozenset[UUID]


@dataclass(frozen=True)
class Catalogue:
    """All of it as it was at `version`; every dictionary is by id."""

    version: int
    currency: str | None
    branches: Mapping[UUID, BranchEntry]
    rooms: Mapping[UUID, RoomEntry]
    services: Mapping[UUID, ServiceEntry]
    masters: Mapping[UUID, MasterEntry]
    _needs: dict[tuple[UUID, UUID, UUID], Need] = field(default_factory=dict, repr=False)
    seen: dict[object, object] = field(default_factory=dict, repr=False)  # what was worked out of it, see `times`

    def need(self, service_id: UUID, master_id: UUID, branch_id: UUID) -> Need:
        """What the service takes when this master, who renders it, does so in this branch."""
        need = self._needs.get((service_id, master_id, branch_id))
        if need is None:
            need = self._needs[service_id, master_id, branch_id] = self._terms(service_id, master_id, branch_id)
        return need

    def _terms(self, service_id: UUID, master_id: UUID, branch_id: UUID) -> Need:
        service, terms = self.services[service_id], self.masters[master_id].renders[service_id]
        here = service.prices.get(branch_id)
        return Need(
            stretched(service.phases, _first(terms.duration, service.duration)),
            _first(terms.before, service.before),
            _first(terms.after, service.after),
            _first(terms.price, here.price if here else None, service.price),
        )

    def needs(self, service_id: UUID, branch_id: UUID) -> dict[UUID, Need]:
        """The active masters who render the service, and on which terms in this branch, in the order of their ids."""
        return {
            master_id: self.need(service_id, master_id, branch_id) for master_id in self.renderers.get(service_id, ())
        }

    def marks_of(self, service_ids: Iterable[UUID]) -> frozenset[Mark]:
        """The conditions with which any of the services is marked; an unknown one has none."""
        known = [self.services[service_id] for service_id in service_ids if service_id in self.services]
        return frozenset().union(*(service.marks for service in known))

    @cached_property
    def renderers(self) -> Mapping[UUID, tuple[UUID, ...]]:
        """The active masters of each service."""
        found: dict[UUID, list[UUID]] = {}
        for master_id in sorted(self.masters):
            if self.masters[master_id].active:
                for service_id in self.masters[master_id].renders:
                    found.setdefault(service_id, []).append(master_id)
        return {service_id: tuple(ids) for service_id, ids in found.items()}

    @cached_property
    def rooms_of(self) -> Mapping[tuple[UUID, str], tuple[UUID, ...]]:
        """The rooms and units of a branch by kind, also those out of use."""
        found: dict[tuple[UUID, str], list[UUID]] = {}
        for room in self.rooms.values():
            found.setdefault((room.branch_id, room.kind), []).append(room.id)
        return {key: tuple(sorted(ids)) for key, ids in found.items()}


def _first(*values: int | None) -> int:
    return next(value for value in values if value is not None)


class Outdated(Exception):  # noqa: N818  reads better in `except`
    """The catalogue by which something was decided is not that of now."""


# --- reading --------------------------------------------------------------------------------------------------------

VERSION = select(catalogue_state.c.version)
_remembered: WeakKeyDictionary[Pool, Catalogue] = WeakKeyDictionary()


def catalogue(session: Session) -> Catalogue:
    """The catalogue as it is now, with what this transaction has changed."""
    version = session.execute(VERSION).scalar_one()
    known = remembered(session)
    return known if known is not None and known.version == version else reread(session, version)


def by_catalogue(session: Session, decide: Callable[[Catalogue], T]) -> T:
    """What `decide` comes to by the catalogue as it is now, which costs no statement as long as it does not change.

    It is given what was read last. Whoever reads the diaries learns whether that holds, and raises Outdated if not; a
    refusal is given only once it is sure. So `decide` runs again, and must not have changed anything by then.
    """
    known = remembered(session) or catalogue(session)
    while True:
        try:
            return decide(known)
        except (Outdated, Refusal):
            now = catalogue(session)
            if now is known:
                raise
            known = now


def remembered(session: Session) -> Catalogue | None:
    """The catalogue as this process has read it last, for who compares `catalogue_state.version` in a query anyway."""
    return _remembered.get(_pool(session))


def reread(session: Session, version: int) -> Catalogue:
    """Read all of it and remember it as of `version`, which was read before: what has changed since is read again."""
    known = _remembered[_pool(session)] = _read(session, version)
    return known


def _pool(session: Session) -> Pool:
    return session.get_bind().engine.pool


def _read(session: Session, version: int) -> Catalogue:
    return Catalogue(
        version,
        session.execute(select(settings.c.currency)).scalar(),
        _branches(session),
        _rooms(session),
        _services(session),
        _masters(session),
    )


def _branches(session: Session) -> dict[UUID, BranchEntry]:
    closed: dict[UUID, dict[date, Span | None]] = {}
    for row in session.execute(select(holidays)):
        closed.setdefault(row.branch_id, {})[row.day] = None if row.opens is None else (row.opens, row.closes)
    return {
        row.id: BranchEntry(
            row.id,
            row.name,
            row.address,
            zone(row.time_zone),
            convert(row.opening_hours, tuple[OpeningHours, ...]),
            week_of(row.opening_hours),
            closed.get(row.id, {}),
            convert(row.policy, BranchPolicy),
        )
        for row in session.execute(select(branches))
    }


def week_of(hours: list[dict[str, Any]]) -> Week:
    """The opening hours as the table keeps them, by weekday and in minutes."""
    week: dict[int, list[Span]] = {}
    for each in convert(hours, list[OpeningHours]):
        week.setdefault(each.weekday, []).append((minutes_of(each.opens), minutes_of(each.closes)))
    return {weekday: sorted(spans) for weekday, spans in week.items()}


def _rooms(session: Session) -> dict[UUID, RoomEntry]:
    return {
        row.id: RoomEntry(
            row.id, row.branch_id, row.name, row.kind, row.capacity, row.active, week_of(row.hours) or None
        )
        for row in session.execute(select(rooms))
    }


def _services(session: Session) -> dict[UUID, ServiceEntry]:
    prices: dict[UUID, dict[UUID, Price]] = {}
    for row in session.execute(select(branch_prices)):
        prices.setdefault(row.service_id, {})[row.branch_id] = Price(row.price, row.price_max, row.offered)
    return {
        row.id: ServiceEntry(
            id=row.id,
            name=row.name,
            category=row.category,
            duration=row.duration_minutes,
            price=row.price,
            price_max=row.price_max,
            cost=row.cost,
            before=row.buffer_before_minutes,
            after=row.buffer_after_minutes,
            bookable_online=row.bookable_online,
            active=row.active,
            phases=tuple(Phase(each["minutes"], each.get("busy", True)) for each in row.phases),
            room_kinds=tuple(row.room_kinds),
            capacity=row.capacity,
            repeat_days=row.repeat_days,
            policy=convert(row.policy, ServicePolicy),
            version=row.version,
            prices=prices.get(row.id, {}),
            marks=frozenset(Mark(each["condition"], each["severity"] == "block") for each in row.contraindications),
        )
        for row in session.execute(select(services))
    }


def _masters(session: Session) -> dict[UUID, MasterEntry]:
    renders: dict[UUID, dict[UUID, Terms]] = {}
    for row in session.execute(select(master_services).order_by(master_services.c.position)):
        renders.setdefault(row.master_id, {})[row.service_id] = Terms(
            row.duration_minutes, row.price, row.buffer_before_minutes, row.buffer_after_minutes
        )
    room_ids: dict[UUID, list[UUID]] = {}
    for row in session.execute(select(master_rooms)):
        room_ids.setdefault(row.master_id, []).append(row.room_id)
    return {
        row.id: MasterEntry(
            row.id,
            row.name,
            row.active,
            row.bookable_online,
            tuple(date.fromisoformat(permit["expires_on"]) for permit in row.permits),
            renders.get(row.id, {}),
            frozenset(room_ids.get(row.id, ())),
        )
        for row in session.execute(select(masters))
    }
