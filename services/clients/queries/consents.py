"""Texts, and what a client agreed to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import ColumnElement, DateTime, Row, Select, bindparam, exists, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import (
    Consent,
    ConsentDocument,
    ListConsentDocuments,
    ListConsents,
    OnlineConsent,
    OnlineConsents,
    Withdrawal,
)
from contracts.clients.consents import Purpose
from contracts.message import Page
from kernel.caller import Caller
from kernel.errors import NotFound
from services.clients.queries.sight import found, of_person
from services.clients.tables import consent_documents, consents, withdrawals
from services.clients.vault import Vault

CURSOR = (Purpose, Annotated[int, Meta(ge=1, le=2**31 - 1)])


def document(row: Row[Any]) -> ConsentDocument:
    return ConsentDocument(**row._mapping)  # noqa: SLF001  the way to a row's names


def show_document(session: Session, document_id: UUID) -> ConsentDocument:
    row = session.execute(select(consent_documents).where(consent_documents.c.id == document_id)).one_or_none()
    if row is None:
        raise NotFound("consent_document_not_found", "there is no such document")
    return document(row)


def documents(session: Session, request: ListConsentDocuments) -> Page[ConsentDocument]:
    key = tuple_(consent_documents.c.purpose, -consent_documents.c.version)
    wanted = select(consent_documents).order_by(consent_documents.c.purpose, consent_documents.c.version.desc())
    if request.purpose is not None:
        wanted = wanted.where(consent_documents.c.purpose == request.purpose)
    if request.cursor is not None:
        purpose, version = decode_cursor(request.cursor, *CURSOR)
        wanted = wanted.where(key > tuple_(literal(purpose), literal(-version)))
    rows = session.execute(wanted.limit(request.limit + 1)).all()
    page = [document(row) for row in rows[: request.limit]]
    more = len(rows) > request.limit
    return Page(tuple(page), encode_cursor(page[-1].purpose, page[-1].version) if more else None)


def in_force_online(now: ColumnElement[datetime]) -> Select[Any]:
    """The texts in force, one for each purpose, that whoever books online is asked about."""
    newer = consent_documents.alias()
    replaced = exists().where(
        newer.c.purpose == consent_documents.c.purpose,
        newer.c.version > consent_documents.c.version,
        newer.c.valid_from <= now,
    )
    return select(consent_documents).where(
        consent_documents.c.asked_online != "no", consent_documents.c.valid_from <= now, ~replaced
    )


_ASKED_ONLINE = in_force_online(bindparam("now", type_=DateTime(timezone=True))).order_by(
    consent_documents.c.asked_online.desc(),  # those that are required first
    consent_documents.c.purpose,
)


def asked_online(session: Session, now: datetime) -> Sequence[Row[Any]]:
    """The texts of `in_force_online`, those first that are required."""
    return session.execute(_ASKED_ONLINE, {"now": now}).all()


def online_consents(session: Session, now: datetime) -> OnlineConsents:
    return OnlineConsents(
        tuple(
            OnlineConsent(row.purpose, row.version, row.language, row.title, row.text, row.asked_online == "required")
            for row in asked_online(session, now)
        )
    )


# The last that was heard of a consent: that it was taken back, or given.
_LAST_WORD = func.coalesce(withdrawals.c.withdrawn_at, consents.c.recorded_at)


def consents_of(client_id: UUID) -> Select[Any]:
    """Consents of the person. Of two cards that became one each has its chain: the last word of both counts."""
    later, others, taken_back = consents.alias(), consents.alias(), withdrawals.alias()
    last_word = func.coalesce(taken_back.c.withdrawn_at, others.c.recorded_at)
    of_other_cards = (
        select(others.c.id)
        .outerjoin(taken_back, taken_back.c.consent_id == others.c.id)
        .where(of_person(others.c.client_id, client_id), others.c.client_id != consents.c.client_id)
        .where(others.c.purpose == consents.c.purpose, last_word > _LAST_WORD)
        .correlate(consents, withdrawals)
    )
    return (
        select(
            consents,
            consent_documents.c.version.label("document_version"),
            withdrawals.c.withdrawn_at,
            withdrawals.c.channel.label("withdrawn_by_channel"),
            withdrawals.c.reason,
            withdrawals.c.recorded_by.label("withdrawal_recorded_by"),
            or_(exists().where(later.c.follows_id == consents.c.id), exists(of_other_cards)).label("superseded"),
        )
        .join(consent_documents, consent_documents.c.id == consents.c.document_id)
        .outerjoin(withdrawals, withdrawals.c.consent_id == consents.c.id)
        .where(of_person(consents.c.client_id, client_id))
    )


def consent_row(session: Session, client_id: UUID, consent_id: UUID) -> Row[Any]:
    row = session.execute(consents_of(client_id).where(consents.c.id == consent_id)).one_or_none()
    if row is None:
        raise NotFound("consent_not_found", "there is no such consent")
    return row


def last_consent(session: Session, client_id: UUID, purpose: str) -> Row[Any] | None:
    """The one of this purpose that nothing follows."""
    of_it = consents_of(client_id).where(consents.c.purpose == purpose).order_by(consents.c.id.desc())
    return next((row for row in session.execute(of_it) if not row.superseded), None)


def show_consent(session: Session, client_id: UUID, consent_id: UUID, caller: Caller, vault: Vault) -> Consent:
    found(session, client_id, caller, "consents.read")
    return consent(consent_row(session, client_id, consent_id), vault, client_id)


def list_consents(session: Session, request: ListConsents, caller: Caller, vault: Vault) -> Page[Consent]:
    found(session, request.client_id, caller, "consents.read")
    wanted = consents_of(request.client_id)
    if request.cursor is not None:
        wanted = wanted.where(consents.c.id < decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(wanted.order_by(consents.c.id.desc()).limit(request.limit + 1)).all()
    more = len(rows) > request.limit
    rows = rows[: request.limit]
    return Page(
        tuple(consent(row, vault, request.client_id) for row in rows), encode_cursor(rows[-1].id) if more else None
    )


def consent(row: Row[Any], vault: Vault, client_id: UUID | None = None) -> Consent:
    return Consent(
        id=row.id,
        client_id=client_id or row.client_id,  # a card that was merged has another id than the person
        purpose=row.purpose,
        document_id=row.document_id,
        document_version=row.document_version,
        channel=row.channel,
        given_at=row.given_at,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        state="withdrawn" if row.withdrawn_at else "superseded" if row.superseded else "given",
        withdrawal=_withdrawal(row, vault) if row.withdrawn_at else None,
    )


def _withdrawal(row: Row[Any], vault: Vault) -> Withdrawal:
    return Withdrawal(row.withdrawn_at, row.withdrawn_by_channel, _reason(row, vault), row.withdrawal_recorded_by)


def _reason(row: Row[Any], vault: Vault) -> str | None:
    """A reason that is damaged is left out: that the consent was withdrawn matters more."""
    if row.reason is None:
        return None
    try:
        return str(vault.open_for(row.client_id, f"withdrawal:{row.id}", row.reason, str))
    except Damaged as damage:
        log("clients").error("withdrawal_damaged", consent_id=str(row.id), reason=str(damage))
        return None
