"""What somebody without an account may see: the salon, and the one appointment to which they hold the key."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.crypto import fingerprint
from contracts import booking as wire
from kernel.errors import Gone, NotFound
from kernel.money import Money
from services.booking.domain.appointment import Appointment
from services.booking.queries.appointments import Kept, kept
from services.booking.queries.catalogue import BranchEntry, Catalogue, ServiceEntry, catalogue
from services.booking.queries.limits import limits_in
from services.booking.tables import appointments, branches, categories, masters, services, shifts

# --- the salon ------------------------------------------------------------------------------------------------------


def show_online_salon(session: Session, request: wire.ShowOnlineSalon, now: datetime) -> wire.OnlineSalon:
    """All branches; of the one that is named what can be booked online there, and with whom."""
    known = catalogue(session)
    shown = tuple(
        _branch(each) for each in sorted(known.branches.values(), key=lambda branch: (branch.name, branch.id))
    )
    if request.branch_id is None:
        return wire.OnlineSalon(shown)
    if request.branch_id not in known.branches:
        raise NotFound("branch_not_found", "there is no such branch")
    here = _at_work(session, known, request.branch_id, now)
    offered = {
        service.id: [master for master, services_of in here.items() if service.id in services_of]
        for service in known.services.values()
        if service.bookable_online and service.active and service.offered_in(request.branch_id)
    }
    return wire.OnlineSalon(
        shown,
        _services(session, known, request.branch_id, {id_: by for id_, by in offered.items() if by}),
        _masters(
            session, known, {master: tuple(id_ for id_, by in offered.items() if master in by) for master in here}
        ),
    )


def _branch(branch: BranchEntry) -> wire.OnlineBranch:
    return wire.OnlineBranch(
        branch.id, branch.name, branch.tz.key, branch.address, branch.opening_hours, branch.policy.confirm_phone
    )


def _at_work(session: Session, known: Catalogue, branch_id: UUID, now: datetime) -> dict[UUID, Mapping[UUID, Any]]:
    """Masters who take bookings online and have a shift in the branch from now on, with what they render."""
    ahead = select(shifts.c.master_id).distinct().where(shifts.c.branch_id == branch_id, shifts.c.ends_at > now)
    found = (known.masters[master_id] for master_id in session.scalars(ahead))
    return {master.id: master.renders for master in found if master.active and master.bookable_online}


def _services(
    session: Session, known: Catalogue, branch_id: UUID, offered: Mapping[UUID, list[UUID]]
) -> tuple[wire.OnlineService, ...]:
    """In the order of the categories; the price is the least that any of the masters takes, up to the most."""
    query = (
        select(services.c.id, services.c.description, services.c.picture_id)
        .outerjoin(categories, func.lower(categories.c.name) == func.lower(services.c.category))
        .where(services.c.id.in_(offered))
        .order_by(categories.c.position, func.lower(services.c.category), services.c.name, services.c.id)
    )
    shown = []
    for row in session.execute(query):
        service = known.services[row.id]
        prices = [known.need(service.id, master, branch_id).price for master in offered[service.id]]
        most = max(*prices, _price_max(service, branch_id))
        shown.append(
            wire.OnlineService(
                id=service.id,
                name=service.name,
                category=service.category,
                duration_minutes=service.duration,
                price=_money(known, min(prices)),
                price_max=_money(known, most) if most > min(prices) else None,
                description=row.description,
                picture_id=row.picture_id,
            )
        )
    return tuple(shown)


def _price_max(service: ServiceEntry, branch_id: UUID) -> int:
    """The end of the range in the branch; 0 where there is none. A branch with a price has a range of its own."""
    here = service.prices.get(branch_id)
    own = here.price_max if here and here.price is not None else service.price_max
    return own or 0


def _masters(
    session: Session, known: Catalogue, renders: Mapping[UUID, tuple[UUID, ...]]
) -> tuple[wire.OnlineMaster, ...]:
    able = {master: ids for master, ids in renders.items() if ids}
    query = select(masters.c.id, masters.c.picture_id).where(masters.c.id.in_(able))
    rows = sorted(session.execute(query), key=lambda row: (known.masters[row.id].name, row.id))
    return tuple(wire.OnlineMaster(row.id, known.masters[row.id].name, row.picture_id, able[row.id]) for row in rows)


def _money(known: Catalogue, amount: int) -> Money:
    return Money(amount, known.currency or "")


# --- one appointment ------------------------------------------------------------------------------------------------


def show_online_appointment(session: Session, key: str, now: datetime) -> wire.OnlineAppointment:
    return online_view(catalogue(session), by_key(session, key, now).appointment)


def by_key(session: Session, key: str, now: datetime, *, to_change: bool = False) -> Kept:
    """The appointment of this key, until the visit is over; `to_change` holds it until the end of the transaction."""
    query = select(appointments, branches.c.time_zone).join(branches, branches.c.id == appointments.c.branch_id)
    query = query.where(appointments.c.key_hash == fingerprint(key))
    if to_change:
        query = query.with_for_update(of=appointments)
    found = kept(session, query)
    if not found:
        raise NotFound("appointment_not_found", "there is no such appointment")
    if found[0].appointment.ends <= now:
        raise Gone("appointment_over", "this appointment is over")
    return found[0]


def booked_by(session: Session, key: str) -> Appointment | None:
    """The appointment that was booked with this key already."""
    query = select(appointments, branches.c.time_zone).join(branches, branches.c.id == appointments.c.branch_id)
    found = kept(session, query.where(appointments.c.key_hash == fingerprint(key)))
    return found[0].appointment if found else None


def online_view(known: Catalogue, appointment: Appointment) -> wire.OnlineAppointment:
    """What the key shows: the visit at list prices, and nothing about the person."""
    branch = known.branches[appointment.branch_id]
    tz = branch.tz
    limits = limits_in(known, branch.id, [part.service_id for part in appointment.segments])
    return wire.OnlineAppointment(
        status=appointment.status.value,
        branch=_branch(branch),
        starts=appointment.starts.astimezone(tz),
        ends=appointment.ends.astimezone(tz),
        segments=tuple(
            wire.OnlineSegment(
                service=known.services[part.service_id].name,
                master=known.masters[part.master_id].name,
                starts=part.starts.astimezone(tz),
                ends=part.ends.astimezone(tz),
                price=Money(part.price, appointment.bill.currency),
                service_id=part.service_id,
                master_id=part.master_id,
                parallel=part.parallel,
            )
            for part in appointment.segments
        ),
        total=Money(appointment.bill.total, appointment.bill.currency),
        can_change_until=(appointment.starts - limits.cut_off).astimezone(tz),
    )
