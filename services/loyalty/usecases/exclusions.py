"""Leaving somebody out of the programme, and taking them in again; every entry stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts import loyalty as wire
from kernel.caller import Caller
from kernel.errors import Invalid, NotFound, Stale
from services.loyalty.domain.programme import PROMOTIONS
from services.loyalty.queries import exclusions as queries
from services.loyalty.queries.programmes import all_in_force
from services.loyalty.queries.visibility import visible_card
from services.loyalty.tables import exclusions
from services.loyalty.usecases.discounts import regrant
from services.loyalty.usecases.turns import take_turn
from services.loyalty.vault import Vault


def exclude(
    session: Session, request: wire.ExcludeClient, caller: Caller, vault: Vault, now: datetime
) -> wire.Exclusions:
    visible_card(session, request.client_id, caller, "loyalty.exclude")
    names = {rule.name for programme in all_in_force(session, now) for rule in programme.rules} | {PROMOTIONS}
    if not request.reason.strip():
        raise Invalid.field("reason", "text_blank", "this says something")
    if request.rule is not None and request.rule not in names:
        raise Invalid.field("rule", "rule_unknown", "no programme in force has a rule of that name")
    take_turn(session)
    _check_version(request, queries.rows_of(session, request.client_id))
    id = new_id()  # noqa: A001  what the column is called
    reason = vault.seal(request.client_id, queries.place(id), request.reason)
    _keep(session, id, request, caller, now, reason)
    return queries.held(session, request.client_id, vault)


def take_in(
    session: Session, request: wire.TakeClientIn, caller: Caller, vault: Vault, now: datetime
) -> wire.Exclusions:
    visible_card(session, request.client_id, caller, "loyalty.exclude")
    take_turn(session)
    entries = queries.rows_of(session, request.client_id)
    _check_version(request, entries)
    newest = next((row for row in entries if row.rule == request.rule), None)
    if newest is None or not newest.excluded:
        raise NotFound("exclusion_not_found", "the client is not left out of that")
    _keep(session, new_id(), request, caller, now, None)
    return queries.held(session, request.client_id, vault)


def _check_version(request: wire.ExcludeClient | wire.TakeClientIn, entries: Sequence[Row[Any]]) -> None:
    if request.version != 1 + len(entries):
        raise Stale("version_stale", "somebody has changed it since")


def _keep(
    session: Session,
    id: UUID,  # noqa: A002
    request: wire.ExcludeClient | wire.TakeClientIn,
    caller: Caller,
    now: datetime,
    reason: bytes | None,
) -> None:
    values = {
        "id": id,
        "client_id": request.client_id,
        "rule": request.rule,
        "excluded": isinstance(request, wire.ExcludeClient),
        "at": now,
        "by": caller.id,
        "reason": reason,
    }
    session.execute(insert(exclusions).values(values))
    regrant(session, [request.client_id], now)


def move_exclusions(session: Session, merged_id: UUID, into_id: UUID, vault: Vault) -> None:
    """What was said of a card that is gone is said of the one that is kept, sealed under its key."""
    for row in queries.rows_of(session, merged_id):
        moved = row.reason and vault.moved(row.reason, queries.place(row.id), merged_id=merged_id, into_id=into_id)
        values = {"client_id": into_id, "reason": moved}
        session.execute(update(exclusions).where(exclusions.c.id == row.id).values(values))


def forget_exclusions(session: Session, client_id: UUID) -> None:
    """What was written goes; that somebody was left out stays, of an id without a name."""
    session.execute(update(exclusions).where(exclusions.c.client_id == client_id).values(reason=None))
