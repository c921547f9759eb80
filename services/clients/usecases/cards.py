"""Register, change and erase one card."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET
from sqlalchemy import Row, delete, select, update
from sqlalchemy.orm import Session

from chassis.messaging import Refused
from chassis.outbox import announce
from contracts.clients import SHARE_PHONE, ChangeClient, Client, ClientErased, EraseClient, Erased, RegisterClient
from kernel.errors import Stale
from services.clients import domain, queries
from services.clients.queries.sight import among
from services.clients.tables import clients, findable, search_index
from services.clients.usecases.belongings import forget_belongings
from services.clients.usecases.categories import refuse_unknown_categories
from services.clients.usecases.consents import forget_consents
from services.clients.usecases.desk import Desk, Entered
from services.clients.usecases.duplicates import forget_pairs
from services.clients.usecases.entering import changed, enter
from services.clients.usecases.fields import forget_values, keep_values, values_said
from services.clients.usecases.history import changed_meanwhile, forget_versions
from services.clients.usecases.import_erasure import forget_in_imports, hold_imports
from services.clients.usecases.keeping import keep_changed, keep_new
from services.clients.usecases.money import forget_money
from services.clients.usecases.occasions import forget_birthday, forget_occasions
from services.clients.usecases.refusing import (
    refuse_foreign_branch,
    refuse_referrer,
    refuse_unknown_favourites,
    refuse_unknown_referrers,
    refuse_unseen_health,
)
from services.clients.usecases.reveals import as_opened, keep_own, look
from services.clients.usecases.sorting import NO_LABELS, forget_sorting, relabel
from services.clients.vault import Vault


def register(session: Session, request: RegisterClient, desk: Desk) -> Client:
    if request.shared_phone:
        desk.caller.must(SHARE_PHONE)
    entered = enter(request, desk)
    refuse_unknown_favourites(entered.card, desk)
    refuse_unknown_referrers(session, [entered])
    refuse_unknown_categories(session, entered.card.category_ids)
    values = values_said(session, request.custom, complete=True)
    keep_new(session, [entered], desk)
    keep_values(session, entered.card.id, values, desk)
    keep_own(session, entered.card.id, desk)
    return queries.whole(session, entered.card, desk.caller, desk.vault)


def change(session: Session, request: ChangeClient, desk: Desk) -> Client:
    if request.shared_phone:
        desk.caller.must(SHARE_PHONE)
    row = queries.found(session, request.id, desk.caller, "clients.edit", locked=True)
    refuse_unseen_health(request, desk.caller)
    before = queries.opened(row, desk.vault)
    if request.version != before.version:
        raise Refused(changed_meanwhile(session, before, request, desk))
    after = domain.checked(changed(before, request, desk), desk.now.date())
    refuse_foreign_branch(after.home_branch_id, before.home_branch_id, desk)
    refuse_unknown_favourites(after, desk, before)
    if after.referrer_id is not None and after.referrer_id != before.referrer_id:
        refuse_referrer(session, after.id, after.referrer_id)
    if after.category_ids != before.category_ids:
        refuse_unknown_categories(session, after.category_ids)
    if after.labels != before.labels:
        after = relabel(session, before, after)
    values = values_said(session, request.custom, complete=False)
    if after == before and not values:
        return _answer(session, before, request, desk)
    after = replace(after, version=before.version + 1)
    keep_changed(session, before, Entered(after, shared=request.shared_phone), desk)
    keep_values(session, after.id, values, desk)
    return _answer(session, after, request, desk)


def _answer(session: Session, card: domain.Card, request: ChangeClient, desk: Desk) -> Client:
    """The card with the contacts that the caller has just said, and the others as far as they were revealed before."""
    said = frozenset(name for name in ("phones", "email") if getattr(request, name) is not UNSET)
    return as_opened(session, card, desk, revealed=look(session, card, desk, spending=False), but=said)


def erase(session: Session, request: EraseClient, desk: Desk) -> Erased:
    hold_imports(session)
    row = queries.found(session, request.id, desk.caller, "clients.delete", locked=True)
    if request.version != row.version:
        raise Stale("version_stale", "somebody else changed this client in the meantime")
    forget(session, [row], desk)
    return Erased(request.id)


def forget(session: Session, rows: Sequence[Row[Any]], desk: Desk) -> None:
    """Blank the cards and those that were merged into them, forget how they were found, and destroy their keys.

    The keys go last, those of the cards first, when nothing else can refuse any more, and before the commit: a crash in
    between leaves a card that nobody can read, is answered as erased and is blanked when the erasure is asked for
    again. The other way round a crash would leave a person who was told to be erased, with a key that still opens every
    copy of the card.
    """
    of_them = among(clients.c.merged_into, [row.id for row in rows])
    parts = select(clients).where(of_them).order_by(clients.c.id).with_for_update()
    gone = [*rows, *session.execute(parts)]
    forget_consents(session, [each.id for each in gone])
    forget_in_imports(session, gone, desk)
    for each in gone:
        _blank(session, each, desk.vault, desk.now, desk.caller.id)
    for each in gone:
        desk.vault.destroy_key(each.id)


def _blank(session: Session, row: Row[Any], vault: Vault, now: datetime, by: UUID | None) -> None:
    session.execute(delete(search_index).where(search_index.c.client_id == row.id))
    session.execute(delete(findable).where(findable.c.client_id == row.id))
    session.execute(
        update(clients)
        .where(clients.c.id == row.id)
        .values(
            version=row.version + 1,
            erased_at=now,
            merged_into=None,
            person=None,
            sex=None,
            birth_band=None,
            health=None,
            reference_index=None,
            favourite_master_id=None,
            favourite_service_ids=[],
            convenient_times=[],
            **NO_LABELS,
        )
    )
    forget_sorting(session, row.id)
    forget_birthday(session, row.id)
    forget_occasions(session, row.id)
    forget_values(session, row.id)
    forget_versions(session, row.id)
    forget_belongings(session, row.id)
    forget_pairs(session, row.id)
    forget_money(session, row, now, by)
    vault.forget_replies(session, row.id)
    announce(session, ClientErased(row.id, max(row.told_version, row.version) + 1, now, by))
