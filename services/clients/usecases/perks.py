"""Give, change, redeem and remove perks of a client."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts.clients import ChangePerk, GivePerk, Perk, RedeemPerk, RemovedPerk, RemovePerk
from contracts.message import UNSET
from kernel.errors import Conflict, Stale
from services.clients import queries
from services.clients.domain.notes import said
from services.clients.queries.perks import perk_of, row_of_perk
from services.clients.tables import perks, redemptions
from services.clients.usecases.desk import Desk

EDIT = "clients.edit"


def give_perk(session: Session, request: GivePerk, desk: Desk) -> Perk:
    queries.found(session, request.client_id, desk.caller, EDIT, locked=True)
    perk_id = new_id()
    session.execute(
        insert(perks).values(
            id=perk_id,
            client_id=request.client_id,
            text=_sealed(request.client_id, perk_id, request.text, desk),
            quantity=request.quantity,
            redeemed=0,
            given_by=desk.caller.id,
            given_at=desk.now,
            version=1,
        )
    )
    return perk_of(session, request.client_id, perk_id, desk.vault)


def change_perk(session: Session, request: ChangePerk, desk: Desk) -> Perk:
    row = _seen(session, request, desk)
    values: dict[str, Any] = {}
    if request.text is not UNSET:
        values["text"] = _sealed(row.client_id, row.id, request.text, desk)
    if request.quantity is not UNSET:
        if request.quantity < row.redeemed:
            raise Conflict("perk_redeemed", "more than this have been redeemed already")
        values["quantity"] = request.quantity
    if values:
        session.execute(update(perks).where(perks.c.id == row.id).values(values | {"version": row.version + 1}))
    return perk_of(session, request.client_id, row.id, desk.vault)


def redeem_perk(session: Session, request: RedeemPerk, desk: Desk) -> Perk:
    """Take one in a conditional update: of two who ask for the last one at once, one gets it."""
    queries.found(session, request.client_id, desk.caller, "client_perks.redeem", locked=True)
    row_of_perk(session, request.client_id, request.id)
    number = session.scalar(
        update(perks)
        .where(perks.c.id == request.id, perks.c.redeemed < perks.c.quantity)
        .values(redeemed=perks.c.redeemed + 1, version=perks.c.version + 1)
        .returning(perks.c.redeemed)
    )
    if number is None:
        raise Conflict("perk_used_up", "all of this has been redeemed")
    session.execute(
        insert(redemptions).values(perk_id=request.id, number=number, redeemed_by=desk.caller.id, redeemed_at=desk.now)
    )
    return perk_of(session, request.client_id, request.id, desk.vault)


def remove_perk(session: Session, request: RemovePerk, desk: Desk) -> RemovedPerk:
    row = _seen(session, request, desk)
    session.execute(delete(perks).where(perks.c.id == row.id))
    return RemovedPerk(row.id)


def _seen(session: Session, request: ChangePerk | RemovePerk, desk: Desk) -> Row[Any]:
    """The perk as the caller saw it; the card is locked, so that of two changes the second is stale."""
    queries.found(session, request.client_id, desk.caller, EDIT, locked=True)
    row = row_of_perk(session, request.client_id, request.id)
    if row.version != request.version:
        raise Stale("version_stale", "somebody else changed this perk in the meantime")
    return row


def _sealed(client_id: UUID, perk_id: UUID, text: str, desk: Desk) -> bytes:
    return desk.vault.seal_for(client_id, f"perk:{perk_id}", said(text))
