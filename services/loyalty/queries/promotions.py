"""Promotions: which are in force, how often they were had, and what people see of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts import loyalty as wire
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from services.loyalty.domain.promotion import Promotion, Promotions, PromotionVersion, is_in_force
from services.loyalty.domain.referrals import plain
from services.loyalty.tables import promotion_versions, promotions

# As each stood at that instant; `ever_until` keeps those of long ago from being read.
AS_OF = text(
    """
    SELECT newest.document FROM promotions CROSS JOIN LATERAL (
        SELECT document FROM promotion_versions
        WHERE promotion_id = promotions.id AND at <= :at ORDER BY version DESC LIMIT 1
    ) AS newest
    WHERE promotions.ever_until > :at ORDER BY promotions.id
    """
)

USED = text(
    """
    SELECT promotion_id, count(*) AS used
    FROM grants CROSS JOIN LATERAL unnest(promotions) AS had (promotion_id)
    WHERE promotions && CAST(:promotions AS UUID[]) AND completed_at < :at
    GROUP BY promotion_id
    """
)

PROMISED = text(
    """
    SELECT promotion_id, count(*) AS promised, count(*) FILTER (WHERE client_id = CAST(:client AS UUID)) AS own
    FROM promises CROSS JOIN LATERAL unnest(promotion_ids) AS each (promotion_id)
    WHERE promotion_ids && CAST(:promotions AS UUID[]) AND appointment_id IS DISTINCT FROM CAST(:besides AS UUID)
    GROUP BY promotion_id
    """
)

SEGMENTS = text(
    """
    SELECT DISTINCT CAST(jsonb_array_elements_text(document -> 'segment_ids') AS UUID)
    FROM promotion_versions WHERE document -> 'segment_ids' <> '[]'
    """
)


def in_force(session: Session, at: datetime, branch_id: UUID | None) -> list[Promotion]:
    """Those in force at an instant, in a branch or (None) anywhere, as they were then; as if nobody had used them."""
    found = (promotion_from(row.document) for row in session.execute(AS_OF, {"at": at}))
    return [each for each in found if is_in_force(each, branch_id, at)]


def available(
    session: Session,
    at: datetime,
    branch_id: UUID | None,
    client_id: UUID | None = None,
    besides: UUID | None = None,
) -> list[Promotion]:
    """Those in force, and how many visits had been given one by then, of the client's own their standing tells; or
    (`besides` one of them) were promised one, of all and of the client.
    """
    found = in_force(session, at, branch_id)
    limited = [each.id for each in found if each.limit is not None or each.per_client is not None]
    if not limited:
        return found
    used, promised = _used(session, limited, at), _promised(session, limited, client_id, besides)
    return [
        replace(each, used=used.get(each.id, 0) + promised.get(each.id, (0, 0))[0], used_by_client=own)
        for each in found
        for own in (promised.get(each.id, (0, 0))[1],)
    ]


def all_promotions(session: Session) -> Promotions:
    """All that there ever were, for judging many instants."""
    rows = session.execute(select(promotion_versions))
    return Promotions(PromotionVersion(row.at, row.version, promotion_from(row.document)) for row in rows)


def segments_named(session: Session) -> frozenset[UUID]:
    """The saved segments that promotions have ever been for."""
    return frozenset(session.scalars(SEGMENTS))


def promotion_from(document: Any) -> Promotion:
    """What `msgspec.to_builtins` made a document of."""
    return msgspec.convert(document, Promotion)


def _used(session: Session, ids: Sequence[UUID], at: datetime) -> dict[UUID, int]:
    rows = session.execute(USED, {"promotions": list(ids), "at": at})
    return {row.promotion_id: row.used for row in rows}


def _promised(
    session: Session, ids: Sequence[UUID], client_id: UUID | None, besides: UUID | None
) -> dict[UUID, tuple[int, int]]:
    rows = session.execute(PROMISED, {"promotions": list(ids), "client": client_id, "besides": besides})
    return {row.promotion_id: (row.promised, row.own) for row in rows}


# --- what people see -------------------------------------------------------------------------------------------------

_NEWEST = select(
    promotions.c.id, promotions.c.version, *(promotion_versions.c[name] for name in ("at", "by", "document"))
)
_NEWEST = _NEWEST.join(
    promotion_versions,
    (promotion_versions.c.promotion_id == promotions.c.id) & (promotion_versions.c.version == promotions.c.version),
)


def row_of(session: Session, id: UUID, caller: Caller) -> Row[Any]:  # noqa: A002
    """The newest version of a promotion, for those whose branches it may hold in."""
    row = session.execute(_NEWEST.where(promotions.c.id == id)).one_or_none()
    if row is None or not _is_seen(promotion_from(row.document), caller):
        raise NotFound("promotion_not_found", "no such promotion")
    return row


def show(session: Session, id: UUID, caller: Caller, now: datetime) -> wire.Promotion:  # noqa: A002
    row = row_of(session, id, caller)
    return _views(session, [row], now)[0]


def promotions_seen(
    session: Session, request: wire.ListPromotions, caller: Caller, now: datetime
) -> Page[wire.Promotion]:
    wanted = _NEWEST.order_by(promotions.c.id.desc())
    if request.at is not None:
        wanted = wanted.where(promotions.c.starts <= request.at, promotions.c.ends > request.at)
    if request.cursor:
        wanted = wanted.where(promotions.c.id < decode_cursor(request.cursor, UUID)[0])
    found = [row for row in session.execute(wanted) if _is_wanted(promotion_from(row.document), request, caller)]
    shown = found[: request.limit]
    more = encode_cursor(shown[-1].id) if len(found) > request.limit else None
    return Page(tuple(_views(session, shown, now)), more)


def _is_wanted(promotion: Promotion, request: wire.ListPromotions, caller: Caller) -> bool:
    elsewhere = request.branch_id is not None and promotion.branch_ids and request.branch_id not in promotion.branch_ids
    return not elsewhere and _is_seen(promotion, caller)


def _is_seen(promotion: Promotion, caller: Caller) -> bool:
    """Bound to branches, they see what holds in one of theirs."""
    if not promotion.branch_ids or caller.must("promotions.read") is Reach.CHAIN:
        return True
    return bool(promotion.branch_ids & caller.branch_ids)


def _views(session: Session, rows: Sequence[Row[Any]], now: datetime) -> list[wire.Promotion]:
    ids = [row.id for row in rows]
    used = _used(session, ids, now) if rows else {}
    promised = _promised(session, ids, None, None) if rows else {}
    return [_view(row, used.get(row.id, 0), promised.get(row.id, (0, 0))[0], now) for row in rows]


def _view(row: Row[Any], used: int, promised: int, now: datetime) -> wire.Promotion:
    promotion = promotion_from(row.document)
    reward = promotion.reward
    return wire.Promotion(
        id=row.id,
        version=row.version,
        name=promotion.name,
        starts=promotion.starts,
        ends=promotion.ends,
        percent=plain(reward.percent) if reward.percent else None,
        gift=reward.gift,
        offer=reward.offer,
        branch_ids=tuple(sorted(promotion.branch_ids)),
        service_ids=tuple(sorted(promotion.service_ids)),
        categories=tuple(sorted(promotion.categories)),
        client_category_ids=tuple(sorted(promotion.client_category_ids)),
        segment_ids=tuple(sorted(promotion.segment_ids)),
        code=promotion.code,
        limit=promotion.limit,
        per_client=promotion.per_client,
        used=used,
        in_force=is_in_force(promotion, None, now),
        changed_at=row.at,
        changed_by=row.by,
        promised=promised,
    )
