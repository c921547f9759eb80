"""Everything that booking holds about one person, put together from what its parts show."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from contracts import booking as wire
from kernel.time import zone
from services.booking.queries.appointments import all_of_client, views
from services.booking.queries.history import histories
from services.booking.queries.series import series_of_client
from services.booking.queries.unreadable import unreadable
from services.booking.queries.waiting import entries_of_client
from services.booking.tables import branches, discounts, holds, masters, services


def export(session: Session, keyring: Keyring, client_id: UUID, now: datetime) -> wire.HeldByBooking:
    """All of it, whoever asks: clients has decided that they may."""
    found = all_of_client(session, client_id)
    changes = histories(session, keyring, found)
    seen = views(keyring, found)
    series = tuple(series_of_client(session, client_id))
    waiting = tuple(entries_of_client(session, client_id, now))
    held = tuple(_holds(session, client_id, now))
    return wire.HeldByBooking(
        appointments=tuple(wire.HeldAppointment(each, changes[each.id]) for each in seen),
        series=series,
        waiting_list=waiting,
        holds=held,
        discount=_discount(session, client_id),
        names=tuple(_names(session, set(_ids(seen, series, waiting, held)))),
        unreadable=tuple(wire.Unreadable(what, id_) for what, id_ in unreadable(session, keyring, client_id)),
    )


def _holds(session: Session, client_id: UUID, now: datetime) -> Iterator[wire.HeldTime]:
    theirs = (holds.c.client_id == client_id, holds.c.expires_at > now)
    query = select(holds, branches.c.time_zone).join(branches, branches.c.id == holds.c.branch_id).where(*theirs)
    for row in session.execute(query.order_by(holds.c.id)):
        instants = (each.astimezone(zone(row.time_zone)) for each in (row.starts, row.ends, row.expires_at))
        yield wire.HeldTime(row.id, row.branch_id, *instants)


def _discount(session: Session, client_id: UUID) -> wire.KnownDiscount | None:
    row = session.execute(select(discounts).where(discounts.c.client_id == client_id)).one_or_none()
    if row is None:
        return None
    by_branch = tuple(wire.KnownBranchDiscount(UUID(id_), Decimal(percent)) for id_, percent in row.by_branch.items())
    return wire.KnownDiscount(row.percent, row.as_of, by_branch)


def _ids(*parts: Iterable[Any]) -> Iterator[UUID]:
    """Every branch, service and master of what is shown."""
    for part in parts:
        for each in part:
            yield each.branch_id
            for segment in getattr(each, "segments", ()):
                yield segment.service_id
                if segment.master_id is not None:
                    yield segment.master_id


def _names(session: Session, ids: set[UUID]) -> Iterator[wire.NamedId]:
    for table in (branches, services, masters):
        named = select(table.c.id, table.c.name).where(table.c.id.in_(ids)).order_by(table.c.id)
        for row in session.execute(named):
            yield wire.NamedId(row.id, row.name)
