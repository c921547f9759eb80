"""Whom nobody has seen for long enough."""

from collections.abc import Callable
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
    # Whose visits were told before they were copied has branches and no visits: then nobody knows since when.
    told = exists().where(client_branches.c.client_id == clients.c.id, not_(client_branches.c.was_home))
    unknown = told & not_(_of_any_card(lambda card: exists().where(visits.c.client_id == card)))
    seen = or_(
        _of_any_card(lambda card: exists().where(visits.c.client_id == card, visits.c.starts >= since)),
        exists().where(card_versions.c.client_id == clients.c.id, card_versions.c.changed_at >= since),
        _of_any_card(lambda card: exists().where(consents.c.client_id == card, consents.c.recorded_at >= since)),
        _of_any_card(_kept_by_consent),
        exists().where(accounts.c.client_id == clients.c.id, accounts.c.balance != 0),  # somebody owes somebody
        unknown,
    )
    return (
        clients.c.erased_at.is_(None)
        & (clients.c.id < domain.first_id_of(since))
        & (clients.c.registered_at < since)
        & not_(seen)
    )


def _kept_by_consent(card: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether they agreed on this card, and have said nothing since, on another card of theirs neither."""
    later, other, taken_back, whose = consents.alias(), consents.alias(), withdrawals.alias(), clients.alias("whose")
    since = (
        select(other.c.id)
        .join(whose, whose.c.id == other.c.client_id)
        .outerjoin(taken_back, taken_back.c.consent_id == other.c.id)
        .where(or_(whose.c.id == clients.c.id, whose.c.merged_into == clients.c.id), other.c.client_id != card)
        .where(other.c.purpose == LONG_STORAGE)
        .where(func.coalesce(taken_back.c.withdrawn_at, other.c.recorded_at) > consents.c.recorded_at)
        .correlate_except(other, whose, taken_back)
    )
    return (
        exists()
        .where(consents.c.client_id == card, consents.c.purpose == LONG_STORAGE)
        .where(not_(exists().where(withdrawals.c.consent_id == consents.c.id)))
        .where(not_(exists().where(later.c.follows_id == consents.c.id)))
        .where(not_(exists(since)))
    )


def _of_any_card(of: Callable[[ColumnElement[UUID]], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Whether it is so of the card, or of one that was merged into it: two questions, each for an index of its own."""
    part = clients.alias("part")
    return or_(of(clients.c.id), exists(select(part.c.id).where(part.c.merged_into == clients.c.id, of(part.c.id))))
