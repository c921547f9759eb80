"""Making and changing what the salon is: settings, branches, rooms, the catalogue and the masters."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from msgspec import UNSET, to_builtins
from sqlalchemy import delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import new_id, refusal_of
from contracts import booking as wire
from contracts.message import Request
from kernel.caller import Caller
from kernel.errors import Conflict, Invalid, Stale
from kernel.money import Money
from kernel.time import zone
from services.booking.domain.bill import DEAREST
from services.booking.domain.shifts import minutes_of
from services.booking.queries import salon
from services.booking.tables import appointments, branches, master_services, masters, rooms, services, settings


def changes_of(request: Request[Any], *fields: str) -> dict[str, Any]:
    """Those of `fields` that the request says something about."""
    return {field: value for field in fields if (value := getattr(request, field)) is not UNSET}


def check_version(asked: int, current: int) -> None:
    if asked != current:
        raise Stale("version_stale", "somebody has changed it since")


def _change(session: Session, table: Any, row_id: UUID, version: int, changes: dict[str, Any]) -> None:
    """Write `changes` over the row if it still has `version`."""
    written = session.execute(
        update(table).where(table.c.id == row_id, table.c.version == version).values(version=version + 1, **changes)
    )
    if written.rowcount == 0:  # type: ignore[attr-defined]
        raise Stale("version_stale", "somebody has changed it since")


# --- settings -------------------------------------------------------------------------------------------------------


def change_settings(session: Session, request: wire.ChangeSettings) -> wire.Settings:
    row = session.execute(select(settings).with_for_update()).one()
    check_version(request.version, row.version)
    if request.currency is UNSET or request.currency == row.currency:
        return salon.show_settings(session)
    priced = or_(exists(select(services.c.id)), exists(select(appointments.c.id)))
    if row.currency is not None and session.scalar(select(priced)):
        raise _currency_differs("currency", row.currency)
    session.execute(update(settings).values(currency=request.currency, version=row.version + 1))
    return salon.show_settings(session)


def use_currency(session: Session, prices: Iterable[tuple[str, Money | None]]) -> None:
    """Refuse a price (by its field) in another currency than the installation's; the first price says which."""
    for field, price in prices:
        if price is not None:
            use_code(session, field, price.currency)


def use_code(session: Session, field: str, currency: str) -> None:
    current = session.scalar(select(settings.c.currency))
    if current is None:
        first = update(settings).where(settings.c.currency.is_(None))
        session.execute(first.values(currency=currency, version=settings.c.version + 1))
        current = session.scalar(select(settings.c.currency))
    if current != currency:
        raise _currency_differs(field, current or "")


def _currency_differs(field: str, current: str) -> Invalid:
    return Invalid.field(field, "currency_differs", f"prices here are in {current}")


# --- branches -------------------------------------------------------------------------------------------------------


def create_branch(session: Session, request: wire.CreateBranch) -> wire.Branch:
    try:
        zone(request.time_zone)
    except ValueError:
        raise Invalid.field("time_zone", "time_zone_unknown", "this is not an IANA time zone") from None
    _check_hours(request.opening_hours)
    branch = wire.Branch(new_id(), request.name, request.time_zone, request.address, request.opening_hours, version=1)
    session.execute(insert(branches).values(to_builtins(branch, builtin_types=(UUID,))))
    return branch


def change_branch(session: Session, request: wire.ChangeBranch, caller: Caller) -> wire.Branch:
    branch = salon.show_branch(session, request.id, caller)
    check_version(request.version, branch.version)
    changes = changes_of(request, "name", "address", "opening_hours")
    if "opening_hours" in changes:
        _check_hours(changes["opening_hours"])
        changes["opening_hours"] = to_builtins(changes["opening_hours"])
    if changes:
        _change(session, branches, branch.id, branch.version, changes)
    return salon.show_branch(session, branch.id, caller)


def _check_hours(week: Sequence[wire.OpeningHours]) -> None:
    for place, hours in enumerate(week):
        if minutes_of(hours.closes) <= minutes_of(hours.opens):
            raise Invalid.field(f"opening_hours.{place}.closes", "closes_early", "a branch closes after it opens")


# --- rooms ----------------------------------------------------------------------------------------------------------


def create_room(session: Session, request: wire.CreateRoom, caller: Caller) -> wire.Room:
    salon.zone_of_named(session, request.branch_id, caller)
    room = wire.Room(new_id(), request.branch_id, request.name, request.capacity, version=1)
    session.execute(insert(rooms).values(to_builtins(room, builtin_types=(UUID,))))
    return room


def change_room(session: Session, request: wire.ChangeRoom, caller: Caller) -> wire.Room:
    room = salon.show_room(session, request.id, caller)
    check_version(request.version, room.version)
    if changes := changes_of(request, "name", "capacity"):
        _change(session, rooms, room.id, room.version, changes)
    return salon.show_room(session, room.id, caller)


# --- the catalogue --------------------------------------------------------------------------------------------------


def create_service(session: Session, request: wire.CreateService) -> wire.Service:
    _check_prices(session, request.price, request.cost)
    fields = changes_of(request, *_SERVICE_FIELDS) | {
        "id": new_id(),
        "price": request.price.amount,
        "cost": request.cost.amount if request.cost else None,
        "currency": request.price.currency,
    }
    session.execute(insert(services).values(fields))
    return salon.show_service(session, fields["id"])


_SERVICE_FIELDS = (
    "name", "category", "duration_minutes", "price", "cost", "buffer_before_minutes", "buffer_after_minutes",
    "bookable_online", "active",
)  # fmt: skip


def change_service(session: Session, request: wire.ChangeService) -> wire.Service:
    service = salon.show_service(session, request.id)
    check_version(request.version, service.version)
    changes = changes_of(request, *_SERVICE_FIELDS)
    _check_prices(session, changes.get("price"), changes.get("cost"))
    for field in ("price", "cost"):
        if changes.get(field) is not None:
            changes[field] = changes[field].amount
    if changes:
        _change(session, services, service.id, service.version, changes)
    return salon.show_service(session, service.id)


def _check_prices(session: Session, price: Money | None, cost: Money | None) -> None:
    prices = (("price", price), ("cost", cost))
    for field, amount in prices:
        check_price(field, amount)
    use_currency(session, prices)


def check_price(field: str, price: Money | None) -> None:
    """A price is nothing or more, and small enough for every bill that it may stand on."""
    if price is not None and not 0 <= price.amount <= DEAREST:
        raise Invalid.field(field, "price_out_of_range", f"a price lies between 0 and {DEAREST} minor units")


# --- masters --------------------------------------------------------------------------------------------------------


def create_master(session: Session, request: wire.CreateMaster, *, user_unknown: bool) -> wire.Master:
    _refuse_unknown_user(unknown=user_unknown)
    service_ids = _known_services(session, request.service_ids)
    master = wire.Master(new_id(), request.name, request.user_id, service_ids, request.active, version=1)
    values = {field: getattr(master, field) for field in ("id", "name", "user_id", "active", "version")}
    with _one_master_per_user(session):
        session.execute(insert(masters).values(values))
    _set_services(session, master.id, service_ids)
    return master


def change_master(session: Session, request: wire.ChangeMaster, caller: Caller, *, user_unknown: bool) -> wire.Master:
    reach = caller.must("masters.edit")
    master = salon.show_master(session, request.id, caller, reach)
    check_version(request.version, master.version)
    _refuse_unknown_user(unknown=user_unknown)
    changes = changes_of(request, "name", "user_id", "active", "service_ids")
    if not changes:
        return master
    service_ids = changes.pop("service_ids", None)
    if service_ids is not None:
        service_ids = _known_services(session, service_ids)
    with _one_master_per_user(session):
        _change(session, masters, master.id, master.version, changes)
    if service_ids is not None:
        _set_services(session, master.id, service_ids)
    return salon.show_master(session, master.id, caller, reach)


def _refuse_unknown_user(*, unknown: bool) -> None:
    if unknown:
        raise Invalid.field("user_id", "user_unknown", "there is no such user")


@contextmanager
def _one_master_per_user(session: Session) -> Iterator[None]:
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        taken = Conflict("user_taken", "this login belongs to another master")
        raise refusal_of(error, {"uq_masters_user_id": taken}) from None


def _known_services(session: Session, ids: Sequence[UUID]) -> tuple[UUID, ...]:
    known = salon.services_of(session, ids)
    for place, service_id in enumerate(ids):
        if service_id not in known:
            raise Invalid.field(f"service_ids.{place}", "service_unknown", "there is no such service")
    return tuple(dict.fromkeys(ids))


def _set_services(session: Session, master_id: UUID, ids: Sequence[UUID]) -> None:
    session.execute(delete(master_services).where(master_services.c.master_id == master_id))
    if ids:
        session.execute(
            insert(master_services),
            [{"master_id": master_id, "service_id": each, "position": place} for place, each in enumerate(ids)],
        )
