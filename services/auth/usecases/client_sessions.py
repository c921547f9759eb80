"""Sessions of clients that a code begins: whose card it is, and the account that goes with it."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts.auth import CodeSignIn, OfferedCard, SignInWithCode
from contracts.clients import CardOfPhone
from kernel.errors import Conflict, Forbidden, Invalid
from services.auth import queries
from services.auth.tables import user_roles, users
from services.auth.usecases import codes, journal, sessions
from services.auth.usecases.desk import Desk
from services.auth.usecases.persons import NO_PASSWORD
from services.auth.usecases.staff import CLIENT

ACCOUNT = 1_009  # advisory locks, one for each card
NAME = "client"  # of whoever's card says none


def sign_in(session: Session, request: SignInWithCode, desk: Desk, cards: tuple[CardOfPhone, ...]) -> CodeSignIn:
    """A session for the card with the phone; of several, the one that is named, and until then none."""
    code = codes.right(session, request, "sign_in", desk)
    if not cards:
        raise Conflict("card_missing", "there is no card with this phone")
    if request.client_id is None and len(cards) > 1:
        return CodeSignIn(None, tuple(OfferedCard(card.client_id, card.first_name) for card in cards))
    wanted = request.client_id or cards[0].client_id
    card = next((card for card in cards if card.client_id == wanted), None)
    if card is None:
        raise Invalid.field("client_id", "client_unknown", "there is no such client")
    user = _account(session, card, desk)
    codes.use(session, code, desk)
    return CodeSignIn(sessions.begin(session, user, desk, request.address))


def _account(session: Session, card: CardOfPhone, desk: Desk) -> Row[Any]:
    """The account of the card that is a client's and nothing else, or a new one; never one with rights of staff."""
    session.execute(select(func.pg_advisory_xact_lock(ACCOUNT, func.hashtext(str(card.client_id)))))
    accounts = [row for row in queries.of_client(session, card.client_id) if list(row.roles) == [CLIENT]]
    if not accounts:
        return _new(session, card, desk)
    usable = next((row for row in accounts if row.active), None)
    if usable is None:
        raise Forbidden("account_closed", "the salon has closed this account")
    # A change of the user ends the sessions that it sees; without the locks it would not see the one begun here.
    session.execute(select(users.c.id).where(users.c.id == usable.id).with_for_update(key_share=True))
    queries.rights_of(session, usable, shared=True)
    return usable


def _new(session: Session, card: CardOfPhone, desk: Desk) -> Row[Any]:
    user_id = new_id()
    (role,) = queries.roles_named(session, [CLIENT]).values()
    row = {
        "id": user_id,
        **desk.keys.vault.sealed_names(user_id, _login(user_id), card.first_name.strip() or NAME, own=True),
        "password": NO_PASSWORD,
        "client_id": card.client_id,
        "active": True,
        "version": 1,
        "created_at": desk.now,
    }
    session.execute(insert(users), row)
    session.execute(insert(user_roles), {"user_id": user_id, "role_id": role.id})
    journal.record(session, desk, journal.own_entry(desk, "user.created", "user", user_id, {"roles": [role.id]}))
    user = queries.by_id(session, user_id)
    assert user is not None
    return user


def _login(user_id: UUID) -> str:
    """Nobody types it: there is no password that would go with it."""
    return f"client-{user_id}"
