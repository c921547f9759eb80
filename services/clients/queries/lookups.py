"""What use cases ask before they write."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.clients import tables
from services.clients.queries.sight import among
from services.clients.tables import clients, search_index


def above(session: Session, client_id: UUID) -> list[UUID]:
    """Who brought the client, who brought those, and so on to the top."""
    chain = select(clients.c.referrer_id.label("id")).where(clients.c.id == client_id).cte(recursive=True)
    # UNION, not UNION ALL: should a loop ever exist, this ends all the same.
    chain = chain.union(select(clients.c.referrer_id).where(clients.c.id == chain.c.id))
    return list(session.scalars(select(chain.c.id).where(chain.c.id.is_not(None))))


def by_reference(session: Session, indexes: Iterable[bytes]) -> Mapping[bytes, UUID]:
    """The cards that came with references of these blind indexes, or what those are part of by now."""
    rows = session.execute(
        select(clients.c.reference_index, func.coalesce(clients.c.merged_into, clients.c.id).label("id")).where(
            among(clients.c.reference_index, indexes)
        )
    )
    return {row.reference_index: row.id for row in rows}


def who_has(session: Session, phones: Iterable[bytes]) -> Mapping[bytes, UUID]:
    """Somebody with each of these phones (blind values), where there is one."""
    rows = session.execute(
        select(search_index.c.value, search_index.c.client_id)
        .where(search_index.c.kind == tables.PHONE, among(search_index.c.value, phones))
        .order_by(search_index.c.client_id)
    )
    holders: dict[bytes, UUID] = {}
    for row in rows:
        holders.setdefault(row.value, row.client_id)
    return holders
