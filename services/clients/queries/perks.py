"""Perks of a client, and what is left of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import ListPerks, Perk, Redemption
from contracts.message import Page
from kernel.caller import Caller
from kernel.errors import Conflict, NotFound
from services.clients.queries.sight import among, found, of_person
from services.clients.tables import perks, redemptions
from services.clients.vault import Vault


def show_perk(session: Session, client_id: UUID, perk_id: UUID, caller: Caller, vault: Vault) -> Perk:
    found(session, client_id, caller, "clients.read")
    return perk_of(session, client_id, perk_id, vault)


def perk_of(session: Session, client_id: UUID, perk_id: UUID, vault: Vault) -> Perk:
    """A perk of a client whom the caller may see."""
    shown = perk_views(session, client_id, [row_of_perk(session, client_id, perk_id)], vault)
    if not shown:
        raise Conflict("perk_damaged", "this perk is damaged and cannot be read")
    return shown[0]


def row_of_perk(session: Session, client_id: UUID, perk_id: UUID) -> Row[Any]:
    row = session.execute(
        select(perks).where(perks.c.id == perk_id, of_person(perks.c.client_id, client_id))
    ).one_or_none()
    if row is None:
        raise NotFound("perk_not_found", "there is no such perk")
    return row


def list_perks(session: Session, request: ListPerks, caller: Caller, vault: Vault) -> Page[Perk]:
    found(session, request.client_id, caller, "clients.read")
    query = select(perks).where(of_person(perks.c.client_id, request.client_id))
    if request.open:
        query = query.where(perks.c.redeemed < perks.c.quantity)
    if request.cursor:
        query = query.where(perks.c.id > decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(perks.c.id).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    following = encode_cursor(shown[-1].id) if len(rows) > len(shown) else None
    return Page(tuple(perk_views(session, request.client_id, shown, vault)), following)


def perk_views(session: Session, client_id: UUID, rows: Sequence[Row[Any]], vault: Vault) -> list[Perk]:
    """Those of `rows` that open; a damaged one must not stop the list that it is in."""
    log_of: dict[UUID, list[Redemption]] = {row.id: [] for row in rows}
    redeemed = select(redemptions).where(among(redemptions.c.perk_id, log_of)).order_by(redemptions.c.number)
    for one in session.execute(redeemed):
        log_of[one.perk_id].append(Redemption(one.redeemed_by, one.redeemed_at))
    views = []
    for row in rows:
        try:
            text = vault.open_for(row.client_id, f"perk:{row.id}", row.text, str)
        except Damaged as damage:
            log("clients").error("perk_damaged", client_id=str(row.client_id), perk_id=str(row.id), reason=str(damage))
            continue
        views.append(
            Perk(
                id=row.id,
                client_id=client_id,
                text=text,
                quantity=row.quantity,
                left=row.quantity - row.redeemed,
                given_by=row.given_by,
                given_at=row.given_at,
                redemptions=tuple(log_of[row.id]),
                version=row.version,
            )
        )
    return views
