"""The personal discount of a client, as it is and as it was."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import DISCOUNT, ListPersonalDiscounts, PersonalDiscount
from contracts.message import Page, Version
from kernel.caller import Caller
from services.clients.domain.discounts import is_in_force
from services.clients.queries.sight import found
from services.clients.tables import personal_discounts
from services.clients.vault import Vault

NONE_YET = 1  # the version of a discount that never was


def show_discount(session: Session, client_id: UUID, caller: Caller, vault: Vault, now: datetime) -> PersonalDiscount:
    found(session, client_id, caller, "clients.read")
    return discount_of(session, client_id, caller, vault, now)


def discount_of(session: Session, client_id: UUID, caller: Caller, vault: Vault, now: datetime) -> PersonalDiscount:
    """The newest rule for a client whom the caller may see."""
    row = newest_row(session, client_id)
    return PersonalDiscount(client_id, NONE_YET) if row is None else _view(row, caller, vault, now)


def newest_row(session: Session, client_id: UUID) -> Row[Any] | None:
    theirs = select(personal_discounts).where(personal_discounts.c.client_id == client_id)
    return session.execute(theirs.order_by(personal_discounts.c.version.desc()).limit(1)).one_or_none()


def list_discounts(
    session: Session, request: ListPersonalDiscounts, caller: Caller, vault: Vault, now: datetime
) -> Page[PersonalDiscount]:
    found(session, request.client_id, caller, "clients.read")
    newest = newest_row(session, request.client_id)
    query = select(personal_discounts).where(personal_discounts.c.client_id == request.client_id)
    if request.cursor:
        query = query.where(personal_discounts.c.version < decode_cursor(request.cursor, Version)[0])
    rows = session.execute(query.order_by(personal_discounts.c.version.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    following = encode_cursor(shown[-1].version) if len(rows) > len(shown) else None
    counts = newest.version if newest else None
    return Page(tuple(_view(row, caller, vault, now, newest=row.version == counts) for row in shown), following)


def _view(row: Row[Any], caller: Caller, vault: Vault, now: datetime, *, newest: bool = True) -> PersonalDiscount:
    return PersonalDiscount(
        client_id=row.client_id,
        version=row.version,
        percent=row.percent,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        in_force=newest and is_in_force(row.percent, row.valid_from, row.valid_until, now),
        set_by=row.set_by,
        set_at=row.set_at,
        reason=reason_of(row, vault) if row.reason is not None and caller.may(DISCOUNT) else None,
    )


def reason_of(row: Row[Any], vault: Vault) -> str | None:
    """Why it was given; a damaged reason must not hide the rule."""
    try:
        text: str = vault.open_for(row.client_id, f"discount:{row.version}", row.reason, str)
    except Damaged as damage:
        log("clients").error("discount_damaged", client_id=str(row.client_id), version=row.version, reason=str(damage))
        return None
    return text
