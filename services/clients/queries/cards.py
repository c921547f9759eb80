"""One card, and the names of many."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.clients import Client, ClientName
from kernel.caller import Caller
from services.clients import domain
from services.clients.queries.accounts import balance_shown
from services.clients.queries.fields import values_of
from services.clients.queries.labels import given_by_rules
from services.clients.queries.reveals import concealed, is_counted
from services.clients.queries.sight import among, found, opened, visible
from services.clients.queries.views import full_view
from services.clients.tables import clients
from services.clients.vault import Vault


def show(session: Session, client_id: UUID, caller: Caller, vault: Vault) -> Client:
    """The card for whoever looks without opening it: contacts that are counted are shortened."""
    client = whole(session, opened(found(session, client_id, caller, "clients.read"), vault), caller, vault)
    return concealed(client) if is_counted(caller, client_id) else client


def whole(session: Session, card: domain.Card, caller: Caller, vault: Vault) -> Client:
    """The card with what it says in the fields of the salon's own."""
    balance = balance_shown(session, card.id, caller)
    client = full_view(card, values_of(session, card.id, caller, vault))
    return replace(client, account_balance=balance, sorted=given_by_rules(session, card))


def names(session: Session, ids: Sequence[UUID], caller: Caller, vault: Vault) -> tuple[ClientName, ...]:
    """How to call those of `ids` whom the caller may see."""
    rows = session.execute(
        select(clients).where(among(clients.c.id, ids), clients.c.erased_at.is_(None), visible(caller, "clients.read"))
    ).all()
    people = {card.id: card.person for card in vault.open(rows).values()}
    return tuple(
        ClientName(
            client_id,
            one.called,
            one.wishes,
            first_name=one.first_name,
            last_name=one.last_name,
            patronymic=one.patronymic,
            preferred_name=one.preferred_name,
        )
        for client_id, one in people.items()
    )
