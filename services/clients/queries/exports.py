"""Lists that were taken out, and the cards that one holds."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, decoder, encode, encode_cursor
from contracts.clients import (
    BulkExport,
    ExportFilter,
    ExportPart,
    ExportRules,
    Likeness,
    ListBulkExports,
    ListedClient,
    ReadExportPart,
    TracedExport,
    TraceExport,
)
from contracts.message import CONTACTS, Page
from kernel.caller import Caller, Reach
from kernel.errors import Forbidden, Invalid, NotFound
from services.clients import domain
from services.clients.domain import exports as rules
from services.clients.queries.lookups import who_has
from services.clients.queries.sight import among, visible
from services.clients.tables import (
    bulk_export_parts,
    bulk_exports,
    card_rows,
    client_branches,
    client_categories,
    clients,
    export_rules,
    sources,
)
from services.clients.vault import Vault

READ = "client_exports.read"
TAKE = "clients.export_list"
COMPARED = 300  # exports in one trace, the newest
LIKELY = 5  # of them are told

MARKS = {field.name: mark for field in fields(ListedClient) if (mark := field.metadata.get("sensitive"))}


# --- what was asked for ---------------------------------------------------------------------------------------------


def export_row(session: Session, export_id: UUID, caller: Caller, permission: str, *, locked: bool = False) -> Row[Any]:
    statement = select(bulk_exports).where(bulk_exports.c.id == export_id, _shown_to(caller, permission))
    row = session.execute(statement.with_for_update() if locked else statement).one_or_none()
    if row is None:
        raise NotFound("export_not_found", "there is no such export")
    return row


def bulk_export(row: Row[Any], vault: Vault, now: datetime) -> BulkExport:
    taking = taking_of(row)
    state = taking.state_at(now)
    return BulkExport(
        id=row.id,
        state=state,  # type: ignore[arg-type]  # the database keeps these words only
        format=row.format,
        separator=row.separator,
        columns=tuple(row.columns),
        filter=filter_of(row),
        reason=vault.open_reason(row.id, row.reason),
        cards=row.cards,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        until=taking.until if state == row.state else None,
        downloads=row.downloads,
        version=row.version,
    )


def list_bulk_exports(
    session: Session, request: ListBulkExports, caller: Caller, vault: Vault, now: datetime
) -> Page[BulkExport]:
    query = select(bulk_exports).where(_shown_to(caller, READ))
    if request.cursor:
        query = query.where(bulk_exports.c.id < decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(bulk_exports.c.id.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    following = encode_cursor(shown[-1].id) if len(rows) > len(shown) else None
    return Page(tuple(bulk_export(row, vault, now) for row in shown), following)


def taking_of(row: Row[Any]) -> rules.Taking:
    return rules.Taking(
        state=row.state,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
        taken_at=row.taken_at,
        tries=row.tries,
        ended=row.ended,
    )


def filter_of(row: Row[Any]) -> ExportFilter:
    found: ExportFilter = decoder(ExportFilter)(encode(row.filter))
    return found


def _shown_to(caller: Caller, permission: str) -> ColumnElement[bool]:
    """Their own, and what is bound to branches of theirs: to approve the rest they would have to see it."""
    reach = caller.must(permission)
    own = bulk_exports.c.asked_by == caller.id
    if reach is Reach.CHAIN:
        return true()
    if reach is Reach.OWN:
        return own
    theirs = literal(sorted(caller.branch_ids), ARRAY(clients.c.id.type))
    return or_(own, bulk_exports.c.branch_ids.contained_by(theirs))


# --- the cards ------------------------------------------------------------------------------------------------------


def refuse_hidden_columns(columns: tuple[str, ...], caller: Caller) -> None:
    """A column of masks helps nobody, and would be asked for again by somebody with the right."""
    for place, column in enumerate(columns):
        mark = MARKS.get(column)
        if mark is not None and not caller.sees(mark):
            problem = {f"columns.{place}": [f"this takes the right to {mark}"]}
            raise Forbidden("mark_missing", f"the column {column} takes the right to {mark}", errors=problem)


def bound(caller: Caller, branch_ids: list[UUID] | None) -> Caller:
    """The caller as far as an export reaches: more branches since then are not what was approved."""
    if branch_ids is None:
        return caller
    both = frozenset(branch_ids) if caller.everywhere else frozenset(branch_ids) & caller.branch_ids
    return replace(caller, everywhere=False, branch_ids=both)


def listed(wanted: ExportFilter, caller: Caller, asked_at: datetime) -> list[ColumnElement[bool]]:
    """The cards that an export holds, if they were noted when it was asked for: none that came after that."""
    later = domain.first_id_of(asked_at + timedelta(milliseconds=1))
    return [
        clients.c.erased_at.is_(None),
        clients.c.person.is_not(None),
        clients.c.id < later,
        visible(caller, TAKE),
        *_filtered(wanted),
    ]


def _filtered(wanted: ExportFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.category_id is not None:
        yield clients.c.category_ids.contains(literal([wanted.category_id], clients.c.category_ids.type))
    if wanted.importance is not None:
        yield clients.c.importance == wanted.importance
    if wanted.branch_id is not None:
        there = client_branches.c.client_id == clients.c.id, client_branches.c.branch_id == wanted.branch_id
        yield or_(clients.c.home_branch_id == wanted.branch_id, exists().where(*there))
    if wanted.source_id is not None:
        yield clients.c.channel_key.in_(_keys_below(wanted.source_id))
    if wanted.registered_from is not None:
        yield clients.c.registered_at >= datetime.combine(wanted.registered_from, time(), UTC)
    if wanted.registered_to is not None:
        yield clients.c.registered_at < datetime.combine(wanted.registered_to, time(), UTC) + timedelta(days=1)


def _keys_below(source_id: UUID) -> Select[tuple[str]]:
    """Those of a source and of what hangs below it."""
    below = select(sources.c.id, sources.c.key).where(sources.c.id == source_id).cte(recursive=True)
    # UNION, not UNION ALL: should a loop ever exist, this ends all the same.
    below = below.union(select(sources.c.id, sources.c.key).join(below, sources.c.parent_id == below.c.id))
    return select(below.c.key)


def count_listed(session: Session, wanted: ExportFilter, caller: Caller, asked_at: datetime) -> int:
    counted = select(func.count()).select_from(clients).where(*listed(wanted, caller, asked_at))
    return session.execute(counted).scalar_one()


def count_noted(session: Session, row: Row[Any], caller: Caller) -> tuple[int, int]:
    """How many parts an export has, and how many of the cards noted in them it still holds."""
    part = bulk_export_parts.c
    noted = select(func.unnest(part.client_ids)).where(part.export_id == row.id)
    held = listed(filter_of(row), bound(caller, row.branch_ids), row.asked_at)
    cards = select(func.count()).select_from(clients).where(clients.c.id.in_(noted), *held)
    parts = select(func.count()).where(part.export_id == row.id)
    return session.execute(parts).scalar_one(), session.execute(cards).scalar_one()


def export_part(session: Session, request: ReadExportPart, caller: Caller, vault: Vault, now: datetime) -> ExportPart:
    part = bulk_export_parts.c.export_id == request.id, bulk_export_parts.c.number == request.number
    ids = session.scalar(select(bulk_export_parts.c.client_ids).where(*part))
    row = export_row(session, request.id, caller, TAKE)  # after the part: if that has just gone, this says why
    taking_of(row).refuse_reading(caller.id, now)
    refuse_hidden_columns(tuple(row.columns), caller)
    if session.execute(select(export_rules.c.locked)).scalar_one():
        raise rules.LOCKED
    if ids is None:
        raise NotFound("part_not_found", "the export has fewer parts")
    held = listed(filter_of(row), bound(caller, row.branch_ids), row.asked_at)
    rows = session.execute(card_rows.where(among(clients.c.id, ids), *held)).all()
    cards = vault.open(rows)
    names = _category_names(session) if "categories" in row.columns else {}
    return ExportPart(tuple(_listed_client(cards[one], row.columns, names) for one in ids if one in cards))


def _category_names(session: Session) -> dict[UUID, str]:
    return {row.id: row.name for row in session.execute(select(client_categories.c.id, client_categories.c.name))}


def _listed_client(card: domain.Card, columns: list[str], names: dict[UUID, str]) -> ListedClient:
    person = card.person
    said: dict[str, Any] = {
        "id": card.id,
        "reference": person.reference,
        "registered_at": card.registered_at,
        "last_name": person.last_name,
        "first_name": person.first_name,
        "patronymic": person.patronymic,
        "preferred_name": person.preferred_name,
        "sex": person.sex,
        "birth_date": person.birth_date,
        "phones": person.phones,
        "email": person.email,
        "source": card.channel,
        "source_detail": person.source_detail,
        "campaign": person.source_campaign,
        "referrer_id": card.referrer_id,
        "home_branch_id": card.home_branch_id,
        "importance": card.importance,
        "categories": tuple(names[one] for one in card.category_ids if one in names),
        "contraindications": card.contraindications,
        "comment": person.comment,
    }
    return ListedClient(**{column: said[column] for column in columns})


# --- where a file comes from ----------------------------------------------------------------------------------------


def traced_export(
    session: Session, request: TraceExport, caller: Caller, vault: Vault, phones: list[str]
) -> TracedExport:
    """Compare the order of the rows with that of every export that was taken. `phones` are those asked for, as read."""
    ids = list(dict.fromkeys(request.client_ids or _with_phones(session, phones, caller, vault)))
    known = session.execute(select(func.count()).select_from(clients).where(among(clients.c.id, ids))).scalar_one()
    taken = select(bulk_exports).where(bulk_exports.c.taken_at.is_not(None), _shown_to(caller, READ))
    rows = session.execute(taken.order_by(bulk_exports.c.id.desc()).limit(COMPARED)).all()
    found = [
        Likeness(row.id, row.asked_by, row.taken_at, rules.likeness(vault.list_key(row.id), ids), len(ids) - 1)
        for row in rows
    ]
    found.sort(key=lambda one: one.share, reverse=True)
    return TracedExport(known, tuple(found[:LIKELY]))


def _with_phones(session: Session, phones: list[str], caller: Caller, vault: Vault) -> Iterator[UUID]:
    if not caller.sees(CONTACTS):  # else one could try which phones are known
        raise Forbidden("mark_missing", "phones take the right to contacts")
    blind = [vault.blind_phone(phone) for phone in phones]
    holders = who_has(session, blind)
    return (holders[one] for one in blind if one in holders)


# --- the rules ------------------------------------------------------------------------------------------------------


def show_export_rules(session: Session) -> ExportRules:
    row = session.execute(select(export_rules)).one()
    return ExportRules(row.two_person, row.downloads, row.locked, row.version)


def refuse_unknown(session: Session, wanted: ExportFilter, caller: Caller) -> None:
    """What a filter names has to be there, and a branch has to be the caller's."""
    if wanted.branch_id is not None and not caller.in_branch(wanted.branch_id):
        raise Invalid.field("filter.branch_id", "branch_unknown", "there is no such branch")
    if wanted.source_id is not None and not _is_there(session, sources.c.id, wanted.source_id):
        raise Invalid.field("filter.source_id", "source_unknown", "there is no such source")
    if wanted.category_id is not None and not _is_there(session, client_categories.c.id, wanted.category_id):
        raise Invalid.field("filter.category_id", "category_unknown", "there is no such category")
    if wanted.registered_from and wanted.registered_to and wanted.registered_to < wanted.registered_from:
        raise Invalid.field("filter.registered_to", "period_invalid", "the period ends before it begins")


def _is_there(session: Session, column: ColumnElement[UUID], value: UUID) -> bool:
    return bool(session.scalar(select(exists().where(column == value))))
