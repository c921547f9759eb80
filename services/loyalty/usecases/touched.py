"""For whom a fact matters besides the person it is about: those above, as far up as the programmes look."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

# All that cards have ever claimed, upwards: edges end, and what they came to until then stays. Each is looked up by
# itself (OFFSET 0), or a plan could read the whole table.
CLAIMED_ABOVE = text(
    """
    WITH RECURSIVE above (client_id) AS (
        SELECT unnest(CAST(:clients AS UUID[]))
        UNION
        SELECT named.referrer_id FROM above CROSS JOIN LATERAL (
            SELECT referrer_id FROM claims WHERE client_id = above.client_id AND referrer_id IS NOT NULL OFFSET 0
        ) AS named
    )
    SELECT DISTINCT above.client_id, named.referrer_id FROM above CROSS JOIN LATERAL (
        SELECT referrer_id FROM claims WHERE client_id = above.client_id AND referrer_id IS NOT NULL OFFSET 0
    ) AS named
    """
)
NEAR_ABOVE = text(
    """
    WITH RECURSIVE above (client_id, level) AS (
        SELECT unnest(CAST(:clients AS UUID[])), 0
        UNION
        SELECT named.referrer_id, level + 1 FROM above CROSS JOIN LATERAL (
            SELECT referrer_id FROM claims WHERE client_id = above.client_id AND referrer_id IS NOT NULL OFFSET 0
        ) AS named
        WHERE level < :depth
    )
    SELECT DISTINCT above.client_id, named.referrer_id FROM above CROSS JOIN LATERAL (
        SELECT referrer_id FROM claims WHERE client_id = above.client_id AND referrer_id IS NOT NULL OFFSET 0
    ) AS named
    WHERE level < :depth
    """
)


def with_those_above(
    session: Session, since: Mapping[UUID, datetime], depth: int, *, loops: bool = False
) -> dict[UUID, datetime]:
    """`since` and everybody up to `depth` levels above, from the earliest instant on that bears on them.

    Where a claim is another one (`loops`), whole loops that it is or was part of count as above, however long.
    """
    claimed = _claimed(session, since, None if loops else depth)
    found = dict(since)
    for client_id, at in since.items():
        for each in _above(client_id, claimed, depth, loops=loops):
            found[each] = min(found.get(each, at), at)
    return found


def _claimed(session: Session, clients: Collection[UUID], depth: int | None) -> dict[UUID, set[UUID]]:
    if depth is None:
        rows = session.execute(CLAIMED_ABOVE, {"clients": list(clients)})
    else:
        rows = session.execute(NEAR_ABOVE, {"clients": list(clients), "depth": depth})
    claimed: dict[UUID, set[UUID]] = {}
    for row in rows:
        claimed.setdefault(row.client_id, set()).add(row.referrer_id)
    return claimed


def _above(client_id: UUID, claimed: Mapping[UUID, set[UUID]], depth: int, *, loops: bool) -> set[UUID]:
    near: set[UUID] = set()
    found: set[UUID] = set()
    level, steps = {client_id}, 0
    while level and (loops or steps < depth):
        steps += 1
        level = {named for each in level for named in claimed.get(each, ())} - found
        found |= level
        if steps <= depth:
            near |= level
    return found if client_id in found else near
