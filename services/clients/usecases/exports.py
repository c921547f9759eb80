"""Ask for the list of clients, let somebody else decide, and hand it out once; every step is on the record."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Row, delete, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.outbox import announce
from chassis.wire import decoder, encode
from contracts.clients import (
    LISTED_AT_ONCE,
    ApproveBulkExport,
    AskBulkExport,
    BulkExport,
    ChangeExportRules,
    Download,
    EndDownload,
    EndedDownload,
    ExportRules,
    LockExports,
    PersonalDataHandled,
    RefuseBulkExport,
    TakeBulkExport,
    TraceExport,
)
from contracts.message import UNSET
from kernel.errors import Conflict, Invalid
from services.clients.domain import exports as rules
from services.clients.phones import read_phone
from services.clients.queries.exports import (
    TAKE,
    bound,
    bulk_export,
    count_listed,
    count_noted,
    export_row,
    filter_of,
    listed,
    refuse_hidden_columns,
    refuse_unknown,
    show_export_rules,
    taking_of,
)
from services.clients.tables import bulk_export_parts, bulk_exports, clients, export_rules
from services.clients.usecases.changes import check_version
from services.clients.usecases.desk import Desk

APPROVE = "clients.approve_export"
MOST_ROWS = {"xlsx": 1_000_000, "csv": 10_000_000}  # a sheet ends at 1,048,576


def ask(session: Session, request: AskBulkExport, desk: Desk) -> BulkExport:
    if len(set(request.columns)) < len(request.columns):
        raise Invalid.field("columns", "column_twice", "a column may be asked for once")
    refuse_hidden_columns(request.columns, desk.caller)
    refuse_unknown(session, request.filter, desk.caller)
    set_rules = _unlocked(session)
    branch_ids = _branches(request, desk)
    cards = count_listed(session, request.filter, bound(desk.caller, branch_ids), desk.now)
    if cards > MOST_ROWS[request.format]:
        raise Invalid.field("format", "too_many_rows", f"{request.format} holds {MOST_ROWS[request.format]} rows")
    alone = not set_rules.two_person
    export_id = new_id()
    values = {
        "id": export_id,
        "state": rules.APPROVED if alone else rules.ASKED,
        "format": request.format,
        "separator": request.separator,
        "columns": list(request.columns),
        "filter": decoder(dict[str, Any])(encode(request.filter)),
        "reason": desk.vault.seal_reason(export_id, request.reason),
        "branch_ids": branch_ids,
        "cards": cards,
        "asked_by": desk.caller.id,
        "asked_at": desk.now,
        "decided_at": desk.now if alone else None,
        "version": 1,
    }
    row = session.execute(insert(bulk_exports).values(values).returning(bulk_exports)).one()
    _note_cards(session, row, desk)
    _tell(session, "client.list_asked", row, desk, cards, columns=request.columns)
    return bulk_export(row, desk.vault, desk.now)


def approve(session: Session, request: ApproveBulkExport, desk: Desk) -> BulkExport:
    row = export_row(session, request.id, desk.caller, APPROVE, locked=True)
    taking_of(row).refuse_approval(desk.caller.id, desk.now)
    _unlocked(session)
    row = _decide(session, row, rules.APPROVED, desk)
    _tell(session, "client.list_approved", row, desk, row.cards)
    return bulk_export(row, desk.vault, desk.now)


def refuse(session: Session, request: RefuseBulkExport, desk: Desk) -> BulkExport:
    row = export_row(session, request.id, desk.caller, APPROVE, locked=True)
    taking_of(row).refuse_refusal(desk.now)
    row = _decide(session, row, rules.REFUSED, desk)
    _forget_cards(session, row.id)
    _tell(session, "client.list_refused", row, desk, row.cards)
    return bulk_export(row, desk.vault, desk.now)


def take(session: Session, request: TakeBulkExport, desk: Desk) -> Download:
    """Count the download before the first byte of it has left."""
    row = export_row(session, request.id, desk.caller, TAKE, locked=True)
    begun_again = taking_of(row).is_begun_again(desk.caller.id, desk.now)
    set_rules = _unlocked(session)
    if not begun_again and row.downloads >= set_rules.downloads:  # the rules allow less by now
        raise Conflict("export_taken", "this export is taken")
    refuse_hidden_columns(tuple(row.columns), desk.caller)
    values: dict[str, Any] = {"tries": row.tries + 1, "version": row.version + 1}
    if not begun_again:
        last = row.downloads + 1 >= set_rules.downloads
        values |= {"downloads": row.downloads + 1, "taken_at": desk.now, "tries": 1, "ended": False}
        values |= {"state": rules.TAKEN} if last else {}
    row = _change(session, row.id, values)
    parts, cards = count_noted(session, row, desk.caller)
    _tell(session, "client.list_taken", row, desk, cards, tries=(str(row.tries),))
    return Download(row.id, row.format, row.separator, tuple(row.columns), parts, row.taken_at)


def end(session: Session, request: EndDownload, desk: Desk) -> EndedDownload:
    """Which cards it was made of goes at once, if it was the last time."""
    row = export_row(session, request.id, desk.caller, TAKE, locked=True)
    taking_of(row).refuse_reading(desk.caller.id, desk.now)
    _change(session, row.id, {"ended": True, "version": row.version + 1})
    if row.state == rules.TAKEN:
        _forget_cards(session, row.id)
    return EndedDownload(row.id)


def forget_parts(session: Session, now: datetime) -> None:
    """Of what nobody has decided on, fetched or read to its end in time."""
    kept = bulk_exports.c
    begun = kept.taken_at.is_not(None) & (kept.taken_at >= now - rules.READ_WITHIN)
    late = or_(
        (kept.state == rules.ASKED) & (kept.asked_at < now - rules.ASKED_FOR),
        (kept.state == rules.APPROVED) & (kept.decided_at < now - rules.APPROVED_FOR) & ~begun,
        (kept.state == rules.TAKEN) & ~begun,
    )
    session.execute(delete(bulk_export_parts).where(bulk_export_parts.c.export_id.in_(select(kept.id).where(late))))


def phones_of(request: TraceExport, desk: Desk) -> list[str]:
    """The phones as cards hold them, the first of a cell, without the apostrophe of a spreadsheet."""
    if (request.client_ids is None) == (request.phones is None):
        raise Invalid.field("client_ids", "rows_missing", "say the rows by client_ids or by phones")
    read = (read_phone(phone.lstrip("'").partition(",")[0], desk.phone_region) for phone in request.phones or ())
    return [phone for phone in read if phone]


# --- the rules ------------------------------------------------------------------------------------------------------


def change_rules(session: Session, request: ChangeExportRules, desk: Desk) -> ExportRules:
    before = _rules_to_change(session, request.version)
    said = {"two_person": request.two_person, "downloads": request.downloads}
    changed = {name: value for name, value in said.items() if value not in (UNSET, getattr(before, name))}
    if changed:
        session.execute(update(export_rules).values(changed | {"version": before.version + 1}))
        details = {name: (str(value).lower(),) for name, value in changed.items()}
        announce(
            session,
            PersonalDataHandled(
                "export_rules.changed", "export_rules", desk.now, actor_id=desk.caller.id, details=details
            ),
        )
    return show_export_rules(session)


def lock(session: Session, request: LockExports, desk: Desk) -> ExportRules:
    before = _rules_to_change(session, request.version)
    if request.locked != before.locked:
        session.execute(update(export_rules).values(locked=request.locked, version=before.version + 1))
        action = "client.lists_locked" if request.locked else "client.lists_unlocked"
        announce(session, PersonalDataHandled(action, "export_rules", desk.now, actor_id=desk.caller.id))
    return show_export_rules(session)


def _rules_to_change(session: Session, version: int) -> Row[Any]:
    row = session.execute(select(export_rules).with_for_update()).one()
    check_version(version, row.version)
    return row


def _unlocked(session: Session) -> ExportRules:
    """The rules, held until the end of this transaction: a lock that is answered has no export behind it."""
    session.execute(select(export_rules.c.one).with_for_update(read=True))
    found = show_export_rules(session)
    if found.locked:
        raise rules.LOCKED
    return found


# --- how it is kept -------------------------------------------------------------------------------------------------


def _branches(request: AskBulkExport, desk: Desk) -> list[UUID] | None:
    """What it is bound to from now on; a single branch can be approved by who is there."""
    if request.filter.branch_id is not None:
        return [request.filter.branch_id]
    return None if desk.caller.everywhere else sorted(desk.caller.branch_ids)


def _note_cards(session: Session, row: Row[Any], desk: Desk) -> None:
    """Which cards it is about, in the order of this export alone: what changes later only takes some away.

    The database sorts them: a hundred thousand are not for Python.
    """
    cards = listed(filter_of(row), bound(desk.caller, row.branch_ids), row.asked_at)
    key = literal(desk.vault.list_key(row.id), LargeBinary)
    ranked = func.row_number().over(order_by=func.sha256(key.op("||")(func.uuid_send(clients.c.id))))
    inner = select(clients.c.id, (ranked - 1).label("place")).where(*cards).subquery()
    number = (inner.c.place // LISTED_AT_ONCE).label("number")
    ids = func.array_agg(aggregate_order_by(inner.c.id, inner.c.place))
    parts = select(literal(row.id, bulk_exports.c.id.type), number, ids).group_by(number)
    session.execute(insert(bulk_export_parts).from_select(["export_id", "number", "client_ids"], parts))


def _forget_cards(session: Session, export_id: UUID) -> None:
    session.execute(delete(bulk_export_parts).where(bulk_export_parts.c.export_id == export_id))


def _decide(session: Session, row: Row[Any], state: str, desk: Desk) -> Row[Any]:
    values = {"state": state, "decided_by": desk.caller.id, "decided_at": desk.now, "version": row.version + 1}
    return _change(session, row.id, values)


def _change(session: Session, export_id: UUID, values: dict[str, Any]) -> Row[Any]:
    changed = update(bulk_exports).where(bulk_exports.c.id == export_id).values(values).returning(bulk_exports)
    return session.execute(changed).one()


def _tell(session: Session, action: str, row: Row[Any], desk: Desk, cards: int, **more: tuple[str, ...]) -> None:
    details = {"cards": (str(cards),), "format": (row.format,)} | more
    branch_id = row.branch_ids[0] if row.branch_ids and len(row.branch_ids) == 1 else None
    announce(session, PersonalDataHandled(action, "client_list", desk.now, row.id, desk.caller.id, branch_id, details))
