"""Make two cards of one person one.

Notes, files, perks, consents and earlier versions stay where they are, under the key that they were sealed with, and
are read through all cards of the person (`queries.of_person`): so nothing has to be opened and sealed anew in one go.
The card that gives way is blank like an erased one, and what it said is kept as its last version.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, or_, select, update
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from chassis.outbox import announce
from chassis.rows import Rows, insert_rows
from contracts.booking import CheckMerge
from contracts.clients import Client, ClientsMerged, MergeClients, PersonalDataHandled
from kernel.caller import EVERYTHING, Caller
from kernel.errors import Conflict, Invalid, NotFound, Stale, Unavailable
from services.clients import domain, queries
from services.clients.domain.merges import united
from services.clients.queries.fields import values_of
from services.clients.tables import (
    PHONE,
    client_branches,
    clients,
    findable,
    merges,
    photos,
    search_index,
)
from services.clients.usecases.asking import Call
from services.clients.usecases.branches import keep_branches
from services.clients.usecases.desk import Desk, Entered
from services.clients.usecases.duplicates import forget_pairs
from services.clients.usecases.fields import keep_values
from services.clients.usecases.history import keep_version
from services.clients.usecases.keeping import keep_changed
from services.clients.usecases.merged_money import merge_money
from services.clients.usecases.occasions import forget_birthday, take_occasions
from services.clients.usecases.photos import keep_photo
from services.clients.usecases.refusing import REFERRERS
from services.clients.usecases.reveals import as_opened, look
from services.clients.usecases.sorting import NO_LABELS, forget_sorting, sorted_again
from services.clients.usecases.telling import last_version, mark_brought

PERMISSION = "clients.merge"


def ask_overlaps(call: Call, request: MergeClients, _caller: Caller) -> tuple[UUID, ...]:
    """Appointments to come of the two that lie over each other; without booking there are none."""
    if request.id == request.duplicate_id:
        return ()
    try:
        overlaps: tuple[UUID, ...] = call(CheckMerge(request.id, request.duplicate_id)).overlaps
    except NotFound:  # not installed is not found
        return ()
    return overlaps


def merge(session: Session, request: MergeClients, desk: Desk, overlaps: tuple[UUID, ...]) -> Client:
    kept_row, duplicate_row = _both(session, request, desk)
    kept, duplicate = queries.opened(kept_row, desk.vault), queries.opened(duplicate_row, desk.vault)
    if not desk.vault.reads_health:
        raise Unavailable("health_unreadable", "what the cards say of health cannot be read here, so not united")
    if overlaps:
        said = "appointments of the two lie over each other; move or cancel one of each two"
        raise Conflict("merge_overlaps", said, conflicts=[str(each) for each in overlaps])
    session.execute(select(func.pg_advisory_xact_lock(REFERRERS)))
    card, taken = united(
        kept.by_hand, duplicate.by_hand, request.take, lambda who: _may_have_brought(session, who, request)
    )
    card = sorted_again(session, card)
    values = _values(session, request, desk)
    keep_version(session, duplicate, desk)
    phones = _blank(session, duplicate, kept.id, desk.now)
    _take_referrals(session, kept.id, duplicate.id)
    keep_changed(session, kept, Entered(card), desk, taken_over=phones)
    mark_brought(session, kept.id)
    _take_branches(session, kept, duplicate, card)
    _keep_registration(session, kept, card)
    keep_values(session, kept.id, values, desk)
    pictured = _take_photo(session, request, desk)
    merge_money(session, kept.id, duplicate.id, desk)
    taken = (*taken, *(("custom",) if values else ()), *(("photo",) if pictured else ()))
    _record(session, kept, duplicate, card, taken, desk)
    return as_opened(session, card, desk, revealed=look(session, card, desk, spending=False))


# --- which two -------------------------------------------------------------------------------------------------------


def _both(session: Session, request: MergeClients, desk: Desk) -> tuple[Row[Any], Row[Any]]:
    """The cards as the caller saw them, both the caller's to merge and locked, with those whom the duplicate brought.

    In the order of ids, so that two who merge never wait for each other, and against everybody who would point to one:
    a referral that is being entered either is there already, or finds the card merged.
    """
    _found(session, request, desk)
    two = clients.c.id.in_((request.id, request.duplicate_id))
    held = select(clients.c.id).where(or_(two, clients.c.referrer_id == request.duplicate_id)).order_by(clients.c.id)
    session.execute(held.with_for_update())
    kept, duplicate = _found(session, request, desk)
    for row, seen in ((kept, request.kept_version), (duplicate, request.duplicate_version)):
        if seen is not None and seen != row.version:
            raise Stale(
                "version_stale", "somebody else changed one of the cards in the meantime", client_id=str(row.id)
            )
    return kept, duplicate


def _found(session: Session, request: MergeClients, desk: Desk) -> tuple[Row[Any], Row[Any]]:
    kept = queries.found(session, request.id, desk.caller, PERMISSION)
    if request.id == request.duplicate_id:
        raise Invalid.field("duplicate_id", "duplicate_is_self", "a card is no duplicate of itself")
    if session.scalar(select(clients.c.id).where(clients.c.id == request.duplicate_id)) is None:
        raise Invalid.field("duplicate_id", "client_unknown", "there is no such client")
    return kept, queries.found(session, request.duplicate_id, desk.caller, PERMISSION)


def _may_have_brought(session: Session, referrer_id: UUID, request: MergeClients) -> bool:
    """Whether `referrer_id` is neither of the two, nor somebody whom they brought, directly or through others."""
    two = {request.id, request.duplicate_id}
    return referrer_id not in two and not two & set(queries.above(session, referrer_id))


# --- what becomes of them --------------------------------------------------------------------------------------------


def _blank(session: Session, card: domain.Card, into: UUID, now: datetime) -> Mapping[bytes, bool]:
    """The card says nothing any more and is not found; its phones (blind), and whether they were shared."""
    session.execute(
        update(clients)
        .where(clients.c.id == card.id)
        .values(
            version=card.version + 1,
            erased_at=now,
            merged_into=into,
            person=None,
            sex=None,
            birth_band=None,
            health=None,
            referrer_id=None,
            favourite_master_id=None,
            favourite_service_ids=[],
            convenient_times=[],
            **NO_LABELS,
        )
    )
    forget_sorting(session, card.id)
    session.execute(update(clients).where(clients.c.merged_into == card.id).values(merged_into=into))
    session.execute(delete(findable).where(findable.c.client_id == card.id))
    forget_birthday(session, card.id)
    take_occasions(session, into, card.id)
    forget_pairs(session, card.id)
    gone = session.execute(delete(search_index).where(search_index.c.client_id == card.id).returning(search_index))
    return {row.value: row.shared for row in gone if row.kind == PHONE}


def _take_referrals(session: Session, kept_id: UUID, duplicate_id: UUID) -> None:
    """Whoever the duplicate brought was brought by the person. Their cards keep their versions: nobody changed them."""
    brought = (clients.c.referrer_id == duplicate_id) & (clients.c.id != kept_id)
    session.execute(update(clients).where(brought).values(referrer_id=kept_id))


def _take_branches(session: Session, kept: domain.Card, duplicate: domain.Card, card: domain.Card) -> None:
    """Whoever saw one of the two sees the person: where they had appointments, and where one of them was at home."""
    theirs = select(client_branches).where(client_branches.c.client_id == duplicate.id)
    for row in session.execute(theirs).all():
        keep_branches(session, [(kept.id, row.branch_id)], was_home=row.was_home)
    for branch_id in _other_homes(kept, duplicate, card):
        keep_branches(session, [(kept.id, branch_id)], was_home=True)


def _other_homes(*cards: domain.Card) -> tuple[UUID, ...]:
    """The homes of `cards` that are not that of the last of them."""
    return tuple({one.home_branch_id for one in cards if one.home_branch_id} - {cards[-1].home_branch_id})


def _keep_registration(session: Session, before: domain.Card, after: domain.Card) -> None:
    """Lists are in the order of registration, and the index by which cards are found has a copy of it."""
    if before.registered_at != after.registered_at:
        its = findable.c.client_id == after.id
        session.execute(update(findable).where(its).values(registered_at=after.registered_at))


def _values(session: Session, request: MergeClients, desk: Desk) -> dict[UUID, str | None]:
    """What the duplicate says in fields of the salon's own, where the card says nothing or is to give way."""
    everything = replace(desk.caller, marks=frozenset({EVERYTHING}))
    ours = {one.field_id for one in values_of(session, request.id, everything, desk.vault)}
    theirs = values_of(session, request.duplicate_id, everything, desk.vault)
    return {one.field_id: one.value for one in theirs if one.field_id not in ours or "custom" in request.take}


def _take_photo(session: Session, request: MergeClients, desk: Desk) -> bool:
    """The duplicate's photo, where the card has none or is to give way: sealed anew, because a card has only one."""
    rows = {
        row.client_id: row
        for row in session.execute(
            select(photos).where(photos.c.client_id.in_((request.id, request.duplicate_id))).with_for_update()
        )
    }
    ours, theirs = rows.get(request.id), rows.get(request.duplicate_id)
    has_one = ours is not None and ours.content is not None
    if theirs is None or theirs.content is None or (has_one and "photo" not in request.take):
        return False
    try:
        content = desk.vault.open_bytes_for(theirs.client_id, f"photo:{theirs.version}", theirs.content)
    except Damaged as damage:  # nothing is lost by leaving it where nobody can read it
        log("clients").error("photo_damaged", client_id=str(theirs.client_id), reason=str(damage))
        return False
    keep_photo(session, request.id, content, (theirs.width, theirs.height), desk.vault)
    return True


def _record(
    session: Session,
    kept: domain.Card,
    duplicate: domain.Card,
    card: domain.Card,
    taken: tuple[str, ...],
    desk: Desk,
) -> None:
    """Who made which card a part of which, for the trace, the journal and the other services."""
    row = {
        "merged_id": duplicate.id,
        "kept_id": kept.id,
        "merged_version": duplicate.version,
        "merged_at": desk.now,
        "merged_by": desk.caller.id,
        "taken": list(taken),
    }
    insert_rows(session, Rows(merges, [row]))
    homes = _other_homes(kept, duplicate, card)
    last = last_version(session, duplicate.id)
    merged = ClientsMerged(kept.id, kept.version + 1, duplicate.id, last, desk.now, homes)
    announce(session, merged)
    details = {"merged": (str(duplicate.id),), "taken": taken}
    announce(
        session,
        PersonalDataHandled(
            "client.merged", "client", desk.now, subject_id=kept.id, actor_id=desk.caller.id, details=details
        ),
    )
