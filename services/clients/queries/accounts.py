"""What stands on the account of a client, and the entries that made it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, func, select, true
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import Account, AccountEntry, ListAccountEntries
from contracts.message import FINANCE, PastPage
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from kernel.money import NO_CURRENCY, Money
from services.clients.queries.sight import found, of_person
from services.clients.tables import account_entries, account_lines, account_texts, accounts, sources, visits
from services.clients.tables.accounts import CLIENT
from services.clients.vault import Vault

READ = "clients_account.read"
TAKEN_BACK = account_entries.alias("taken_back")
# Made once: whoever reads a card and may see what stands on its account asks for it.
BALANCE = select(accounts.c.balance, accounts.c.currency).where(accounts.c.client_id == bindparam("client"))

ENTRIES = (
    select(
        account_entries,
        account_lines.c.account.label("against"),
        accounts.c.currency,
        TAKEN_BACK.c.id.label("reversed_by_id"),
        account_texts.c.text,
    )
    .join(accounts, accounts.c.client_id == account_entries.c.client_id)
    .join(account_lines, (account_lines.c.entry_id == account_entries.c.id) & (account_lines.c.account != CLIENT))
    .outerjoin(TAKEN_BACK, TAKEN_BACK.c.reverses_id == account_entries.c.id)
    .outerjoin(account_texts, account_texts.c.entry_id == account_entries.c.id)
)


def show_account(session: Session, client_id: UUID, caller: Caller, currency: str | None) -> Account:
    found(session, client_id, caller, READ)
    return account_of(session, client_id, currency)


def account_of(session: Session, client_id: UUID, currency: str | None = None) -> Account:
    """The account of a client whom the caller may see; one to which nothing was ever paid holds nothing."""
    balance = balance_of(session, client_id)
    if balance is None:
        balance = Money(0, currency or known_currency(session) or NO_CURRENCY)
    deposit, debt = max(balance.amount, 0), max(-balance.amount, 0)
    return Account(client_id, balance, Money(deposit, balance.currency), Money(debt, balance.currency))


def balance_of(session: Session, client_id: UUID) -> Money | None:
    row = session.execute(BALANCE, {"client": client_id}).one_or_none()
    return None if row is None else Money(row.balance, row.currency)


def balance_shown(session: Session, client_id: UUID, caller: Caller) -> Money | None:
    """The balance for the card; nobody looks for it where it would be masked."""
    return balance_of(session, client_id) if caller.sees(FINANCE) else None


def known_currency(session: Session) -> str | None:
    """The one currency of the installation, as far as its bills, accounts or costs tell it here."""
    billed = select(visits.c.currency).where(visits.c.currency.is_not(None)).limit(1).scalar_subquery()
    held = select(accounts.c.currency).limit(1).scalar_subquery()
    costs = select(sources.c.costs[0]["monthly"]["currency"].astext)
    spent = costs.where(func.jsonb_array_length(sources.c.costs) > 0).limit(1).scalar_subquery()
    known: str | None = session.scalar(select(func.coalesce(billed, held, spent)))
    return known


def list_entries(
    session: Session, request: ListAccountEntries, caller: Caller, vault: Vault, since: date | None = None
) -> PastPage[AccountEntry]:
    found(session, request.client_id, caller, READ)
    query = ENTRIES.where(of_person(account_entries.c.client_id, request.client_id))
    query = query.where(_made(since))
    if request.cursor:
        query = query.where(account_entries.c.id < decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(account_entries.c.id.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    following = encode_cursor(shown[-1].id) if len(rows) > len(shown) else None
    return PastPage(entry_views(shown, caller, vault), following, since)


def show_entry(
    session: Session, client_id: UUID, entry_id: UUID, caller: Caller, vault: Vault, since: date | None = None
) -> AccountEntry:
    found(session, client_id, caller, READ)
    return entry_views([row_of_entry(session, client_id, entry_id, since)], caller, vault)[0]


def entry_of(session: Session, client_id: UUID, entry_id: UUID, caller: Caller, vault: Vault) -> AccountEntry:
    """An entry of a client whom the caller may see."""
    return entry_views([row_of_entry(session, client_id, entry_id)], caller, vault)[0]


def row_of_entry(session: Session, client_id: UUID, entry_id: UUID, since: date | None = None) -> Row[Any]:
    of_it = (account_entries.c.id == entry_id) & of_person(account_entries.c.client_id, client_id)
    row = session.execute(ENTRIES.where(of_it, _made(since))).one_or_none()
    if row is None:
        raise NotFound("entry_not_found", "there is no such entry on this account")
    return row


def _made(since: date | None) -> ColumnElement[bool]:
    return true() if since is None else account_entries.c.at >= datetime.combine(since, time(), UTC)


def entry_views(rows: Sequence[Row[Any]], caller: Caller, vault: Vault) -> tuple[AccountEntry, ...]:
    told = caller.reach(READ) is not Reach.OWN  # what the salon says of the client is not said to the client
    return tuple(
        AccountEntry(
            id=row.id,
            client_id=row.client_id,
            number=row.number,
            kind=row.kind,
            amount=Money(row.amount, row.currency),
            against=row.against,
            balance=Money(row.balance, row.currency),
            at=row.at,
            author_id=row.author_id,
            appointment_id=row.appointment_id,
            reverses_id=row.reverses_id,
            reversed_by_id=row.reversed_by_id,
            text=_text(row, vault) if told and row.text is not None else None,
        )
        for row in rows
    )


def _text(row: Row[Any], vault: Vault) -> str | None:
    """What was said of an entry; a damaged text must not hide the entry."""
    try:
        text: str = vault.open_for(row.client_id, f"account:{row.id}", row.text, str)
    except Damaged as damage:
        log("clients").error("entry_damaged", client_id=str(row.client_id), entry_id=str(row.id), reason=str(damage))
        return None
    return text
