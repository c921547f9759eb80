"""Whom nobody has seen for long enough."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from contracts.clients import LONG_STORAGE, Retention, RetentionPreview
from services.clients import domain
from services.clients.tables import (
    accounts,
    card_versions,
    client_branches,
    clients,
    consents,
    retention,
    visits,
    withdrawals,
)


def show_retention(session: Session) -> Retention:
    row = session.execute(select(retention.c.months_without_visit, retention.c.version)).one()
    return Retention(row.months_without_visit, row.version)


def preview_retention(session: Session, months: int, now: datetime) -> RetentionPreview:
    count = session.scalar(select(func.count()).select_from(clients).where(long_unseen(now, months)))
    return RetentionPreview(months, count or 0)


def long_unseen(now: datetime, months: int) -> ColumnElement[bool]:
    """The cards of those without a visit, a change or a consent since, and with nothing to come.

    A card from another system counts from the day that it was entered here, which its id tells: else the first
    import of an old base would be forgotten at once.
    """
    since = domain.months_before(now, months)
    later = consents.alias()
    kept_by_consent = (
        exists()
        .where(_theirs(consents.c.client_id), consents.c.purpose == LONG_STORAGE)
        .where(not_(exists().where(withdrawals.c.consent_id == consents.c.id)))
        .where(not_(exists().where(later.c.follows_id == consents.c.id)))
    )
    # Whose visits were told before they were copied has branches and no visits: then nobody knows since when.
    unknown = exists().where(client_branches.c.client_id == clients.c.id) & not_(
        exists().where(visits.c.client_id == clients.c.id)
    )
    seen = or_(
        exists().where(_theirs(visits.c.client_id), visits.c.starts >= since),
        exists().where(card_versions.c.client_id == clients.c.id, card_versions.c.changed_at >= since),
        exists().where(_theirs(consents.c.client_id), consents.c.recorded_at >= since),
        kept_by_consent,
        exists().where(accounts.c.client_id == clients.c.id, accounts.c.balance != 0),  # somebody owes somebody
        unknown,
    )
    return (
        clients.c.erased_at.is_(None)
        & (clients.c.id < domain.first_id_of(since))
        & (clients.c.registered_at < since)
        & not_(seen)
    )


def _theirs(column: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether `column` names the card, or one that was merged into it."""
    part = clients.alias("part")
    return or_(column == clients.c.id, column.in_(select(part.c.id).where(part.c.merged_into == clients.c.id)))
