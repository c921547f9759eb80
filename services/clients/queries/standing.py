"""What others may know of a card."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.clients import ClientStanding, ConvenientTime
from services.clients.queries.sight import among
from services.clients.tables import client_branches, clients


def standing(session: Session, client_id: UUID) -> ClientStanding:
    """One row by its key and nothing sealed: booking waits for it."""
    were_homes = select(client_branches.c.branch_id).where(
        client_branches.c.client_id == clients.c.id, client_branches.c.was_home
    )
    row = session.execute(
        select(
            clients.c.erased_at,
            clients.c.merged_into,
            clients.c.home_branch_id,
            clients.c.favourite_master_id,
            clients.c.favourite_service_ids,
            clients.c.convenient_times,
            func.array(were_homes.scalar_subquery()).label("were_homes"),
        ).where(clients.c.id == client_id)
    ).one_or_none()
    if row is None:
        return ClientStanding(client_id, "unknown")
    if row.erased_at:
        return ClientStanding(client_id, "erased", row.home_branch_id, merged_into=row.merged_into)
    return ClientStanding(
        client_id,
        "active",
        row.home_branch_id,
        row.favourite_master_id,
        tuple(row.favourite_service_ids),
        tuple(ConvenientTime(said["weekday"], said["starts"], said["ends"]) for said in row.convenient_times),
        were_homes=tuple(row.were_homes),
    )


def living(session: Session, ids: Iterable[UUID], *, held: bool = False) -> set[UUID]:
    """Those of `ids` that are cards and not erased; `held` lets nobody merge them until the transaction ends."""
    wanted = list(ids)
    if not wanted:
        return set()
    living_ones = select(clients.c.id).where(among(clients.c.id, wanted), clients.c.erased_at.is_(None))
    return set(session.scalars(living_ones.with_for_update(read=True, key_share=True) if held else living_ones))
