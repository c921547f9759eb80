"""Give a client a personal discount, and take it away."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert
from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts.clients import (
    DISCOUNT,
    PersonalDiscount,
    PersonalDiscountChanged,
    RemovePersonalDiscount,
    SetPersonalDiscount,
)
from kernel.errors import NotFound
from services.clients import queries
from services.clients.domain.discounts import checked_percent, refuse_impossible_validity
from services.clients.domain.notes import said
from services.clients.queries.discounts import NONE_YET, discount_of, reason_of
from services.clients.tables import personal_discounts
from services.clients.usecases.changes import check_version
from services.clients.usecases.desk import Desk


def set_discount(session: Session, request: SetPersonalDiscount, desk: Desk) -> PersonalDiscount:
    version = _seen(session, request, desk).version + 1
    percent = checked_percent(request.percent)
    valid_from = request.valid_from or desk.now
    refuse_impossible_validity(valid_from, request.valid_until, desk.now)
    reason = desk.vault.seal_for(request.client_id, f"discount:{version}", said(request.reason, "reason"))
    validity: tuple[datetime | None, datetime | None] = (valid_from, request.valid_until)
    _keep(session, request.client_id, version, percent, validity, desk, reason=reason)
    return discount_of(session, request.client_id, desk.caller, desk.vault, desk.now)


def remove_discount(session: Session, request: RemovePersonalDiscount, desk: Desk) -> PersonalDiscount:
    seen = _seen(session, request, desk)
    if seen.percent is None:
        raise NotFound("discount_not_found", "this client has no personal discount")
    end_discount(session, request.client_id, seen.version, desk)
    return discount_of(session, request.client_id, desk.caller, desk.vault, desk.now)


def forget_discounts(session: Session, client_id: UUID) -> None:
    """The other services forget theirs when they hear of the erasure."""
    session.execute(delete(personal_discounts).where(personal_discounts.c.client_id == client_id))


def take_over_discount(session: Session, client_id: UUID, version: int | None, theirs: Row[Any], desk: Desk) -> None:
    """Give the client what a card of theirs had that was merged; `version` is that of the rule before, if any was."""
    following = (version or NONE_YET) + 1
    reason = reason_of(theirs, desk.vault)
    sealed = desk.vault.seal_for(client_id, f"discount:{following}", reason) if reason else None
    validity = (theirs.valid_from, theirs.valid_until)
    _keep(session, client_id, following, theirs.percent, validity, desk, reason=sealed)


def end_discount(session: Session, client_id: UUID, version: int, desk: Desk) -> None:
    _keep(session, client_id, version + 1, None, (None, None), desk)


def _seen(session: Session, request: SetPersonalDiscount | RemovePersonalDiscount, desk: Desk) -> PersonalDiscount:
    """The discount as the caller saw it; the card is locked, so that of two changes the second is stale."""
    queries.found(session, request.client_id, desk.caller, DISCOUNT, locked=True)
    seen = discount_of(session, request.client_id, desk.caller, desk.vault, desk.now)
    check_version(request.version, seen.version)
    return seen


def _keep(
    session: Session,
    client_id: UUID,
    version: int,
    percent: Decimal | None,
    validity: tuple[datetime | None, datetime | None],
    desk: Desk,
    reason: bytes | None = None,
) -> None:
    row: dict[str, Any] = {"client_id": client_id, "version": version, "percent": percent}
    row |= {"valid_from": validity[0], "valid_until": validity[1]}
    session.execute(insert(personal_discounts).values(**row, reason=reason, set_by=desk.caller.id, set_at=desk.now))
    announce(session, PersonalDiscountChanged(**row, occurred_at=desk.now))
