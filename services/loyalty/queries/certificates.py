"""What can be seen of gift certificates: one, lists of them, their entries, and what is owed for them."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.loyalty import (
    BranchLiability,
    Certificate,
    CertificateEntry,
    CertificateLiability,
    ListCertificateEntries,
    ListCertificates,
)
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from kernel.money import Money
from services.loyalty.domain.certificates import Standing
from services.loyalty.queries.visibility import visible_card
from services.loyalty.tables.certificates import certificate_entries, certificate_texts, certificates
from services.loyalty.vault import Vault

READ = "certificates.read"
ROWS = select(certificates, certificate_texts.c.subject_id, certificate_texts.c.text).outerjoin(
    certificate_texts, certificate_texts.c.certificate_id == certificates.c.id
)


def standing_of(row: Row[Any]) -> Standing:
    return Standing(row.currency, row.balance, row.reserved, row.expires_at, blocked=row.block_reason is not None)


def certificate_view(
    row: Row[Any], caller: Caller, vault: Vault, now: datetime, code: str | None = None
) -> Certificate:
    """As the caller may see it: clients, and branches where it was not sold, are told neither of others nor what was
    written of it.
    """
    reach = caller.reach(READ)
    told = reach is Reach.CHAIN or (reach is Reach.BRANCHES and row.branch_id in caller.branch_ids)
    return Certificate(
        id=row.id,
        last_characters=row.last_characters,
        branch_id=row.branch_id,
        amount=Money(row.amount, row.currency),
        balance=Money(row.balance, row.currency),
        reserved=Money(row.reserved, row.currency),
        state=standing_of(row).state(now),
        paid_by=row.paid_by,
        sold_at=row.sold_at,
        sold_by=row.sold_by if told else None,
        expires_at=row.expires_at,
        buyer_id=row.buyer_id if told or row.buyer_id == caller.client_id else None,
        recipient_id=row.recipient_id if told or row.recipient_id == caller.client_id else None,
        block_reason=row.block_reason if told else None,
        comment=_comment(row, vault) if told else None,
        code=code,
    )


def place_of_comment(certificate_id: UUID) -> str:
    """What binds the comment on a block to its certificate."""
    return f"certificate:{certificate_id}:comment"


def row_of(
    session: Session, certificate_id: UUID, caller: Caller, permission: str, *, locked: bool = False
) -> Row[Any]:
    """A certificate that `permission` reaches for the caller."""
    statement = ROWS.where(certificates.c.id == certificate_id, _visible(caller, permission))
    row = session.execute(statement.with_for_update(of=certificates) if locked else statement).one_or_none()
    if row is None:
        raise NotFound("certificate_not_found", "there is no such certificate")
    return row


def show_certificate(
    session: Session, certificate_id: UUID, caller: Caller, vault: Vault, now: datetime
) -> Certificate:
    return certificate_view(row_of(session, certificate_id, caller, READ), caller, vault, now)


def list_certificates(
    session: Session, request: ListCertificates, caller: Caller, vault: Vault, now: datetime
) -> Page[Certificate]:
    if request.client_id is not None:
        visible_card(session, request.client_id, caller, READ)
        query = ROWS.where(_of_client(request.client_id))
    else:
        query = ROWS.where(_visible(caller, READ))
    if request.branch_id is not None:
        query = query.where(certificates.c.branch_id == request.branch_id)
    if request.state is not None:
        query = query.where(_state(now) == request.state)
    if request.cursor:
        query = query.where(certificates.c.id < decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(certificates.c.id.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    views = tuple(certificate_view(row, caller, vault, now) for row in shown)
    return Page(views, encode_cursor(shown[-1].id) if len(rows) > len(shown) else None)


def list_entries(session: Session, request: ListCertificateEntries, caller: Caller) -> Page[CertificateEntry]:
    row = row_of(session, request.id, caller, READ)
    query: Select[Any] = select(certificate_entries).where(certificate_entries.c.certificate_id == request.id)
    if request.cursor:
        query = query.where(certificate_entries.c.number < decode_cursor(request.cursor, int)[0])
    entries = session.execute(query.order_by(certificate_entries.c.number.desc()).limit(request.limit + 1)).all()
    shown = entries[: request.limit]
    told = caller.must(READ) is not Reach.OWN
    views = tuple(
        CertificateEntry(
            id=entry.id,
            number=entry.number,
            kind=entry.kind,
            amount=Money(entry.amount, row.currency),
            balance=Money(entry.balance, row.currency),
            at=entry.at,
            author_id=entry.author_id if told else None,
            appointment_id=entry.appointment_id if told else None,
        )
        for entry in shown
    )
    return Page(views, encode_cursor(shown[-1].number) if len(entries) > len(shown) else None)


def liability(session: Session, branch_id: UUID | None, caller: Caller, now: datetime) -> CertificateLiability:
    """What is owed for certificates that have not expired, by the branch that sold them."""
    reach = caller.must("certificates_liability.read")
    if branch_id is not None and not caller.in_branch(branch_id):
        raise NotFound("branch_not_found", "there is no such branch")
    table = certificates
    owed = [table.c.balance > 0, or_(table.c.expires_at.is_(None), table.c.expires_at > now)]
    if branch_id is not None:
        owed.append(table.c.branch_id == branch_id)
    elif reach is Reach.BRANCHES:
        owed.append(table.c.branch_id.in_(caller.branch_ids))
    blocked = case((table.c.block_reason.is_not(None), table.c.balance), else_=0)
    sums = (
        select(table.c.branch_id, table.c.currency, func.count(), func.sum(table.c.balance), func.sum(blocked))
        .where(and_(*owed))
        .group_by(table.c.branch_id, table.c.currency)
        .order_by(table.c.branch_id, table.c.currency)
    )
    return CertificateLiability(
        now,
        tuple(
            BranchLiability(branch, count, Money(int(outstanding), currency), Money(int(of_it), currency))
            for branch, currency, count, outstanding, of_it in session.execute(sums)
        ),
    )


def certificates_of(
    session: Session, client_id: UUID, caller: Caller, vault: Vault, now: datetime
) -> list[Certificate]:
    """All that somebody bought or got, with what was written of it, for the export of what is held of them."""
    rows = session.execute(ROWS.where(_of_client(client_id)).order_by(certificates.c.id)).all()
    views = [(row, certificate_view(row, caller, vault, now)) for row in rows]
    return [
        replace(
            view, comment=_comment(row, vault) if row.subject_id == client_id else None, block_reason=row.block_reason
        )
        for row, view in views
    ]


def _comment(row: Row[Any], vault: Vault) -> str | None:
    return None if row.text is None else vault.open(row.subject_id, place_of_comment(row.id), row.text)


def _of_client(client_id: UUID | None) -> ColumnElement[bool]:
    return or_(certificates.c.buyer_id == client_id, certificates.c.recipient_id == client_id)


def _visible(caller: Caller, permission: str) -> ColumnElement[bool]:
    reach = caller.must(permission)
    if reach is Reach.CHAIN:
        return true()
    if reach is Reach.OWN:
        return _of_client(caller.client_id) if caller.client_id else ~true()
    return certificates.c.branch_id.in_(caller.branch_ids)


def _state(now: datetime) -> ColumnElement[str]:
    """The same as the rule's `Standing.state`."""
    table = certificates
    return case(
        (table.c.block_reason.is_not(None), "blocked"),
        (and_(table.c.expires_at.is_not(None), table.c.expires_at <= now), "expired"),
        (table.c.balance == 0, "used_up"),
        else_="active",
    )
