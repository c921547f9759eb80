"""The timeline of a client: rows of many tables in one order, each kind as far as the caller may see it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from heapq import nlargest
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from msgspec import Meta
from sqlalchemy import BigInteger, ColumnElement, Row, Select, exists, select, tuple_
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import ShowTimeline, TimelineEntry, TimelineKind
from contracts.message import CONTACTS, HEALTH, PastPage
from kernel.caller import EVERYTHING, Caller, Reach
from services.clients.queries.accounts import ENTRIES, entry_views
from services.clients.queries.accounts import READ as READ_ACCOUNT
from services.clients.queries.consents import consent, consents_of
from services.clients.queries.enquiries import READ as READ_ENQUIRIES
from services.clients.queries.enquiries import enquiries_seen, enquiry_view
from services.clients.queries.files import READ as READ_FILES
from services.clients.queries.files import file_view
from services.clients.queries.history import changes_in
from services.clients.queries.merges import merge_view
from services.clients.queries.notes import READ as READ_NOTES
from services.clients.queries.notes import note_view, seen_by
from services.clients.queries.perks import perk_views
from services.clients.queries.reveals import enquiry_listed
from services.clients.queries.sight import among, found, of_person, visible
from services.clients.queries.visits import Zones, entry
from services.clients.tables import (
    account_entries,
    card_versions,
    clients,
    consents,
    enquiries,
    files,
    merges,
    notes,
    perks,
    visits,
    withdrawals,
)
from services.clients.vault import Vault

LARGEST = 2**62  # version of a card
CURSOR = (Annotated[datetime, Meta(tz=True)], TimelineKind, UUID)


@dataclass(frozen=True)
class Sight:
    """Who looks at whose timeline, and what it takes to show it."""

    session: Session
    client_id: UUID
    caller: Caller
    vault: Vault
    zones: Zones


class Place(NamedTuple):
    """A place on the timeline."""

    at: datetime
    kind: TimelineKind
    key: UUID


Rows = Sequence[Row[Any]]
Entries = Iterable[tuple[UUID, TimelineEntry]]


@dataclass(frozen=True)
class Part:
    """One kind of moments: `rows` of the client that the caller sees, by `at` and `key`, and entries of some of them.

    What is damaged has no entry; it must not stop the rest.
    """

    kind: TimelineKind
    permission: str
    at: ColumnElement[datetime]
    key: ColumnElement[Any]
    rows: Callable[[Sight], Select[Any]]
    entries: Callable[[Sight, Rows], Entries]

    def behind(self, place: Place) -> ColumnElement[bool]:
        """Kinds of one moment follow each other by their names, backwards like everything here."""
        if self.kind != place.kind:
            return self.at <= place.at if self.kind < place.kind else self.at < place.at
        key = min(place.key.int, LARGEST) if isinstance(self.key.type, BigInteger) else place.key
        return tuple_(self.at, self.key) < tuple_(place.at, key)

    def place(self, row: Row[Any]) -> Place:
        return Place(row.timeline_at, self.kind, _key(row.timeline_key))


def timeline(
    session: Session, request: ShowTimeline, caller: Caller, vault: Vault, zones: Zones, since: date | None = None
) -> PastPage[TimelineEntry]:
    """A page of what happened, newest first."""
    found(session, request.id, caller, "clients.read")
    sight = Sight(session, request.id, caller, vault, zones)
    after = Place(*decode_cursor(request.cursor, *CURSOR)) if request.cursor else None
    rows: list[tuple[Place, Part, Row[Any]]] = []
    for part in PARTS:
        if _may_see(sight, part.permission):
            some = part.rows(sight).add_columns(part.at.label("timeline_at"), part.key.label("timeline_key"))
            if after:
                some = some.where(part.behind(after))
            if since:
                some = some.where(part.at >= datetime.combine(since, time(), UTC))
            some = some.order_by(part.at.desc(), part.key.desc()).limit(request.limit + 1)
            rows += ((part.place(row), part, row) for row in session.execute(some))
    newest = nlargest(request.limit + 1, rows, key=lambda each: each[0])
    shown = newest[: request.limit]
    following = encode_cursor(*shown[-1][0]) if len(newest) > len(shown) else None
    return PastPage(tuple(_entries(sight, shown)), following, since)


def _entries(sight: Sight, shown: Sequence[tuple[Place, Part, Row[Any]]]) -> Iterable[TimelineEntry]:
    """Those that can be read, in the order of `shown`; each part shows all of its own at once."""
    made: dict[tuple[TimelineKind, UUID], TimelineEntry] = {}
    for part in PARTS:
        if rows := [row for _, of, row in shown if of is part]:
            made |= {(part.kind, key): each for key, each in part.entries(sight, rows)}
    return (made[place.kind, place.key] for place, _, _ in shown if (place.kind, place.key) in made)


def _may_see(sight: Sight, permission: str) -> bool:
    if not sight.caller.may(permission):
        return False
    there = exists().where(clients.c.id == sight.client_id, visible(sight.caller, permission))
    return bool(sight.session.scalar(select(there)))


def _key(key: UUID | int) -> UUID:
    return UUID(int=key) if isinstance(key, int) else key


# --- the parts -------------------------------------------------------------------------------------------------------


def _visits(sight: Sight) -> Select[Any]:
    theirs = select(visits).where(of_person(visits.c.client_id, sight.client_id))
    if sight.caller.must("visits.read") is Reach.BRANCHES:
        return theirs.where(among(visits.c.branch_id, sorted(sight.caller.branch_ids)))
    return theirs


def _visit_entries(sight: Sight, rows: Rows) -> Entries:
    for row in rows:
        tz = sight.zones.get(row.branch_id, UTC)
        yield (
            row.appointment_id,
            TimelineEntry(row.starts.astimezone(tz), "visit", visit=entry(row, sight.zones)),
        )


def _note_entries(sight: Sight, rows: Rows) -> Entries:
    for row in rows:
        if note := note_view(row, sight.vault, sight.client_id):
            yield row.id, TimelineEntry(row.written_at, "note", row.author_id, note=note)


def _file_entries(sight: Sight, rows: Rows) -> Entries:
    for row in rows:
        if file := file_view(row, sight.vault, sight.client_id):
            yield row.id, TimelineEntry(row.added_at, "file", row.added_by, file=file)


def _perk_entries(sight: Sight, rows: Rows) -> Entries:
    for perk in perk_views(sight.session, sight.client_id, rows, sight.vault):
        yield perk.id, TimelineEntry(perk.given_at, "perk", perk.given_by, perk=perk)


def _consent_entries(sight: Sight, rows: Rows) -> Entries:
    for row in rows:
        yield (
            row.id,
            TimelineEntry(row.given_at, "consent", row.recorded_by, consent=consent(row, sight.vault, sight.client_id)),
        )


def _withdrawal_entries(sight: Sight, rows: Rows) -> Entries:
    for row in rows:
        said = consent(row, sight.vault, sight.client_id)
        yield row.id, TimelineEntry(row.withdrawn_at, "withdrawal", row.withdrawal_recorded_by, consent=said)


def _change_entries(sight: Sight, rows: Rows) -> Entries:
    """What was changed of health is read in the list of changes, where it is told to the journal."""
    reader = replace(sight.caller, marks=sight.caller.marks - {HEALTH, EVERYTHING})
    if EVERYTHING in sight.caller.marks:
        reader = replace(reader, marks=reader.marks | {CONTACTS})
    for row, change in changes_in(sight.session, sight.client_id, rows, reader, sight.vault):
        yield UUID(int=row.version), TimelineEntry(row.changed_at, "change", row.changed_by, change=change)


def _money_entries(sight: Sight, rows: Rows) -> Entries:
    for each in entry_views(rows, sight.caller, sight.vault):
        yield each.id, TimelineEntry(each.at, "money", each.author_id, money=each)


def _enquiry_entries(sight: Sight, rows: Rows) -> Entries:
    for row in rows:
        if enquiry := enquiry_view(row, sight.vault):
            yield row.id, TimelineEntry(row.received_at, "enquiry", enquiry=enquiry_listed(enquiry, sight.caller))


def _merge_entries(sight: Sight, rows: Rows) -> Entries:
    for row in rows:
        merge = merge_view(sight.session, row, sight.caller, sight.vault)
        yield row.merged_id, TimelineEntry(row.merged_at, "merge", row.merged_by, merge=merge)


def _registered_entries(_sight: Sight, rows: Rows) -> Entries:
    for row in rows:
        yield row.id, TimelineEntry(row.registered_at, "registered")


PARTS = (
    Part("visit", "visits.read", visits.c.starts, visits.c.appointment_id, _visits, _visit_entries),
    Part(
        "note",
        READ_NOTES,
        notes.c.written_at,
        notes.c.id,
        lambda sight: select(notes).where(of_person(notes.c.client_id, sight.client_id), seen_by(sight.caller)),
        _note_entries,
    ),
    Part(
        "file",
        READ_FILES,
        files.c.added_at,
        files.c.id,
        lambda sight: select(files).where(of_person(files.c.client_id, sight.client_id)),
        _file_entries,
    ),
    Part(
        "perk",
        "clients.read",
        perks.c.given_at,
        perks.c.id,
        lambda sight: select(perks).where(of_person(perks.c.client_id, sight.client_id)),
        _perk_entries,
    ),
    Part(
        "consent",
        "consents.read",
        consents.c.given_at,
        consents.c.id,
        lambda sight: consents_of(sight.client_id),
        _consent_entries,
    ),
    Part(
        "withdrawal",
        "consents.read",
        withdrawals.c.withdrawn_at,
        consents.c.id,
        lambda sight: consents_of(sight.client_id).where(withdrawals.c.withdrawn_at.is_not(None)),
        _withdrawal_entries,
    ),
    Part(
        "change",
        "client_changes.read",
        card_versions.c.changed_at,
        card_versions.c.version,
        lambda sight: select(card_versions).where(card_versions.c.client_id == sight.client_id),
        _change_entries,
    ),
    Part(
        "money",
        READ_ACCOUNT,
        account_entries.c.at,
        account_entries.c.id,
        lambda sight: ENTRIES.where(of_person(account_entries.c.client_id, sight.client_id)),
        _money_entries,
    ),
    Part(
        "enquiry",
        READ_ENQUIRIES,
        enquiries.c.received_at,
        enquiries.c.id,
        lambda sight: enquiries_seen(sight.caller, READ_ENQUIRIES).where(
            of_person(enquiries.c.client_id, sight.client_id)
        ),
        _enquiry_entries,
    ),
    Part(
        "merge",
        "client_changes.read",
        merges.c.merged_at,
        merges.c.merged_id,
        lambda sight: select(merges).where(of_person(merges.c.kept_id, sight.client_id)),
        _merge_entries,
    ),
    Part(
        "registered",
        "clients.read",
        clients.c.registered_at,
        clients.c.id,
        lambda sight: select(clients.c.id, clients.c.registered_at).where(clients.c.id == sight.client_id),
        _registered_entries,
    ),
)
