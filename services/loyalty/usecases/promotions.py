"""Promotions: made, changed and ended; nothing of what they were is forgotten."""

from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import new_id, refusal_of
from contracts import loyalty as wire
from contracts.message import UNSET
from kernel.caller import Caller, Reach
from kernel.errors import Conflict, Forbidden, Invalid, Stale
from services.loyalty.domain.programme import Reward
from services.loyalty.domain.promotion import Promotion, check, code_key, tidied
from services.loyalty.queries import promotions as queries
from services.loyalty.tables import promotion_versions, promotions
from services.loyalty.usecases.asking import Asked

REWARD = tuple(each.name for each in fields(Reward))
SETS = ("branch_ids", "service_ids", "categories", "client_category_ids", "segment_ids")


def create(
    session: Session, request: wire.CreatePromotion, asked: Asked, caller: Caller, now: datetime
) -> wire.Promotion:
    if request.starts is not None and request.starts < now:
        raise Invalid.field("starts", "promotion_in_past", "a promotion cannot begin in the past")
    said = {each.name: getattr(request, each.name) for each in fields(request)}
    said |= {"starts": request.starts or now}
    promotion = tidied(_changed(Promotion(new_id(), "", Reward(), now, now), said))
    _check(promotion, asked, caller)
    values = {"id": promotion.id, "version": 1, "ever_until": promotion.ends, **_head(promotion)}
    _guarded(session, insert(promotions).values(values))
    _keep(session, promotion, 1, caller, now)
    return queries.show(session, promotion.id, caller, now)


def change(
    session: Session, request: wire.ChangePromotion, asked: Asked, caller: Caller, now: datetime
) -> wire.Promotion:
    row = queries.row_of(session, request.id, caller)
    before = queries.promotion_from(row.document)
    said = {each.name: getattr(request, each.name) for each in fields(request) if each.name not in ("id", "version")}
    said = {name: value for name, value in said.items() if value is not UNSET}
    _check_reach(before, caller)
    if request.version != row.version:
        raise Stale("version_stale", "somebody has changed it since")
    promotion = tidied(_changed(before, said))
    if promotion.starts != before.starts and min(promotion.starts, before.starts) < now:
        raise Invalid.field("starts", "promotion_in_past", "what has begun has begun, and nothing begins in the past")
    if promotion.ends != before.ends and promotion.ends < now:
        raise Invalid.field("ends", "promotion_in_past", "a promotion cannot have ended in the past")
    _check(promotion, asked, caller)
    return _write(session, before, promotion, row.version, caller, now)


def end(session: Session, request: wire.EndPromotion, caller: Caller, now: datetime) -> wire.Promotion:
    row = queries.row_of(session, request.id, caller)
    before = queries.promotion_from(row.document)
    _check_reach(before, caller)
    if before.ends <= now or before.ends == before.starts:
        raise Conflict("promotion_ended", "it has ended already")
    return _write(session, before, replace(before, ends=max(now, before.starts)), row.version, caller, now)


def _changed(promotion: Promotion, said: dict[str, Any]) -> Promotion:
    """`promotion` with what was said of it; a reward takes the place of another kind of reward."""
    reward = {name: said[name] for name in REWARD if name in said}
    rest = {name: value for name, value in said.items() if name not in REWARD}
    rest |= {name: frozenset(rest[name]) for name in SETS if name in rest}
    if not reward:
        return replace(promotion, **rest)
    new = Reward(reward.get("percent") or Decimal(0), reward.get("gift"), reward.get("offer"))
    return replace(promotion, reward=new, **rest)


def _check(promotion: Promotion, asked: Asked, caller: Caller) -> None:
    check(promotion)
    if promotion.branch_ids & asked.unknown_branches:
        raise Invalid.field("branch_ids", "branch_unknown", "there is no such branch")
    if promotion.service_ids & asked.unknown_services:
        raise Invalid.field("service_ids", "service_unknown", "there is no such service")
    _check_reach(promotion, caller)


def _check_reach(promotion: Promotion, caller: Caller) -> None:
    """A promotion of everywhere is for those whose right reaches everywhere; others stay within their branches."""
    if caller.must("promotions.edit") is Reach.CHAIN:
        return
    if not promotion.branch_ids or not promotion.branch_ids <= caller.branch_ids:
        raise Forbidden("permission_missing", "this promotion holds, or would hold, beyond your branches")


def _write(
    session: Session, before: Promotion, promotion: Promotion, version: int, caller: Caller, now: datetime
) -> wire.Promotion:
    same = (promotions.c.id == promotion.id, promotions.c.version == version)
    values = {"version": version + 1, "ever_until": promotions.c.ever_until, **_head(promotion)}
    if promotion.ends > before.ends:
        values["ever_until"] = promotion.ends
    if _guarded(session, update(promotions).where(*same).values(values)) == 0:
        raise Stale("version_stale", "somebody has changed it since")
    _keep(session, promotion, version + 1, caller, now)
    return queries.show(session, promotion.id, caller, now)


def _head(promotion: Promotion) -> dict[str, Any]:
    return {
        "starts": promotion.starts,
        "ends": promotion.ends,
        "code_key": None if promotion.code is None else code_key(promotion.code),
    }


def _guarded(session: Session, statement: Any) -> int:
    taken = Conflict("code_taken", "another promotion has this code at that time", errors={"code": ["it is taken"]})
    try:
        with session.begin_nested():
            count: int = session.execute(statement).rowcount  # type: ignore[attr-defined]
    except IntegrityError as error:
        raise refusal_of(error, {"one_code_at_once": taken}) from None
    return count


def _keep(session: Session, promotion: Promotion, version: int, caller: Caller, now: datetime) -> None:
    document = msgspec.to_builtins(promotion)
    values = {"promotion_id": promotion.id, "version": version, "at": now, "by": caller.id, "document": document}
    session.execute(insert(promotion_versions).values(values))
