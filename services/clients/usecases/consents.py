"""Add texts; record who agrees to them and who takes it back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import new_id, refusal_of
from chassis.outbox import announce
from chassis.rows import Rows, insert_rows
from contracts.clients import (
    AddConsentDocument,
    AgreedText,
    Consent,
    ConsentDocument,
    ConsentGiven,
    ConsentWithdrawn,
    GiveConsent,
    WithdrawConsent,
)
from kernel.caller import Reach
from kernel.errors import Conflict, Invalid
from services.clients import domain, queries
from services.clients.tables import clients, consent_documents, consents, withdrawals
from services.clients.usecases.desk import Desk

DOCUMENTS = 1_002  # advisory lock
JUST_GIVEN = Conflict("consent_given", "somebody has recorded this consent just now")


def add_document(session: Session, request: AddConsentDocument, now: datetime) -> ConsentDocument:
    """The next version of the purpose. One at a time: two at once would count the same."""
    if not request.text.strip() or not request.title.strip():
        field = "title" if request.text.strip() else "text"
        raise Invalid.field(field, "text_blank", "a document says something")
    valid_from = request.valid_from or now
    if valid_from.tzinfo is None:
        raise Invalid.field("valid_from", "offset_missing", "an instant has an offset")
    session.execute(select(func.pg_advisory_xact_lock(DOCUMENTS)))
    last = select(func.max(consent_documents.c.version)).where(consent_documents.c.purpose == request.purpose)
    row: dict[str, Any] = {
        "id": new_id(),
        "purpose": request.purpose,
        "version": (session.scalar(last) or 0) + 1,
        "language": request.language,
        "title": request.title.strip(),
        "text": request.text,
        "valid_from": valid_from,
        "created_at": now,
        "asked_online": request.asked_online,
    }
    insert_rows(session, Rows(consent_documents, [row]))
    return ConsentDocument(**row)


def give(session: Session, request: GiveConsent, desk: Desk) -> Consent:
    """The card is locked meanwhile, so that consents of one person come one after another."""
    queries.found(session, request.client_id, desk.caller, "consents.create", locked=True)
    given_at = request.given_at or desk.now
    _refuse_for_others(request, desk)
    document = _document(session, request)
    domain.refuse_impossible_consent(given_at, document.valid_from, desk.now)
    last = queries.last_consent(session, request.client_id, request.purpose)
    domain.refuse_consent_again(_agreed(last), request.document_version, given_at)
    said = {"channel": request.channel, "given_at": given_at, "recorded_by": desk.caller.id}
    consent_id = _keep(session, request.client_id, document, last, said, desk.now)
    return queries.consent(queries.consent_row(session, request.client_id, consent_id), desk.vault, request.client_id)


def online_texts(session: Session, agreed: Sequence[AgreedText] | None, now: datetime) -> Sequence[Row[Any]]:
    """The texts that somebody without an account agrees to; refused without those that they must."""
    if agreed is None:
        return ()
    texts = {row.purpose: row for row in queries.asked_online(session, now)}
    asked = {purpose: _asked(row) for purpose, row in texts.items()}
    domain.refuse_other_consents(asked, [(each.purpose, each.version) for each in agreed])
    return [texts[purpose] for purpose in sorted({each.purpose for each in agreed})]


def news_online(session: Session, client_id: UUID, texts: Sequence[Row[Any]], *, proved: bool) -> list[Row[Any]]:
    """Those of `texts` that would be kept on this card."""

    def is_new(text: Row[Any]) -> bool:
        last = queries.last_consent(session, client_id, text.purpose)
        return domain.counts_online(_agreed(last), _asked(text), proved=proved)

    return [text for text in texts if is_new(text)]


def give_online(session: Session, client_id: UUID, texts: Sequence[Row[Any]], now: datetime, *, proved: bool) -> None:
    """What somebody without an account agrees to, as far as it is new; one after another for one person."""
    if not texts:
        return
    session.execute(select(clients.c.id).where(clients.c.id == client_id).with_for_update())
    said = {"channel": "online", "given_at": now, "recorded_by": None}
    for text in news_online(session, client_id, texts, proved=proved):
        last = queries.last_consent(session, client_id, text.purpose)
        _keep(session, client_id, text, last, said, now)


def _agreed(last: Row[Any] | None) -> domain.Agreed | None:
    return domain.Agreed(last.document_version, last.withdrawn_at) if last else None


def _asked(text: Row[Any]) -> domain.AskedOnline:
    return domain.AskedOnline(text.version, text.asked_online == "required")


def _keep(
    session: Session,
    client_id: UUID,
    document: ConsentDocument | Row[Any],
    last: Row[Any] | None,
    said: dict[str, Any],
    now: datetime,
) -> UUID:
    row: dict[str, Any] = said | {
        "id": new_id(),
        "client_id": client_id,
        "purpose": document.purpose,
        "document_id": document.id,
        "follows_id": last.id if last else None,
        "recorded_at": now,
    }
    try:
        insert_rows(session, Rows(consents, [row]))
    except IntegrityError as error:
        raise refusal_of(error, {"uq_consents_client_id_purpose_follows_id": JUST_GIVEN}) from error
    announce(session, ConsentGiven(client_id, row["id"], document.purpose, document.version, now))
    return UUID(str(row["id"]))


def withdraw(session: Session, request: WithdrawConsent, desk: Desk) -> Consent:
    queries.found(session, request.client_id, desk.caller, "consents.withdraw", locked=True)
    row = queries.consent_row(session, request.client_id, request.id)
    if desk.caller.must("consents.withdraw") is Reach.OWN and request.channel != "online":
        raise Invalid.field("channel", "channel_not_yours", "a client withdraws online")
    if row.withdrawn_at is not None:
        raise Conflict("consent_withdrawn", "the client has withdrawn this already")
    if row.superseded:
        raise Conflict("consent_superseded", "the client has agreed to a later text, which is the one to withdraw")
    place = f"withdrawal:{request.id}"
    withdrawal = {
        "consent_id": request.id,
        "withdrawn_at": desk.now,
        "channel": request.channel,
        "reason": desk.vault.seal_for(row.client_id, place, request.reason) if request.reason else None,
        "recorded_by": desk.caller.id,
    }
    insert_rows(session, Rows(withdrawals, [withdrawal]))
    announce(session, ConsentWithdrawn(request.client_id, row.id, row.purpose, row.document_version, desk.now))
    return queries.consent(queries.consent_row(session, request.client_id, request.id), desk.vault, request.client_id)


def forget_consents(session: Session, client_ids: Collection[UUID]) -> None:
    """Of all cards of a person at once: a consent on one may follow one on another, which cannot go alone."""
    of_theirs = select(consents.c.id).where(consents.c.client_id.in_(client_ids))
    session.execute(delete(withdrawals).where(withdrawals.c.consent_id.in_(of_theirs)))
    session.execute(delete(consents).where(consents.c.client_id.in_(client_ids)))


def _refuse_for_others(request: GiveConsent, desk: Desk) -> None:
    """A client alone says what they say now; only the desk knows of paper and telephones."""
    if desk.caller.must("consents.create") is not Reach.OWN:
        return
    if request.channel != "online":
        raise Invalid.field("channel", "channel_not_yours", "a client agrees online")
    if request.given_at is not None:
        raise Invalid.field("given_at", "given_at_not_yours", "a client agrees now")


def _document(session: Session, request: GiveConsent) -> ConsentDocument:
    of_it = (consent_documents.c.purpose == request.purpose) & (consent_documents.c.version == request.document_version)
    row = session.execute(select(consent_documents).where(of_it)).one_or_none()
    if row is None:
        raise Invalid.field("document_version", "document_unknown", "there is no such version for this purpose")
    return queries.document(row)
