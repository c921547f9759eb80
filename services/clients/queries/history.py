"""Earlier versions of a card, and what changed between them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from chassis.wire import MASK, decode_cursor, encode_cursor, masked
from contracts.clients import CardChange, Client, FieldChange, FieldValue, ListClientChanges
from contracts.message import CONTACTS, PastPage
from kernel.caller import Caller
from kernel.errors import NotFound
from services.clients import domain
from services.clients.queries.cards import show
from services.clients.queries.fields import said_in_fields, which_are_personal
from services.clients.queries.reveals import concealed, is_counted
from services.clients.queries.sight import found, opened
from services.clients.queries.views import view
from services.clients.tables import card_rows, card_versions, clients, merges
from services.clients.vault import Vault

CURSOR = Annotated[int, Meta(ge=1, le=2**62)]


@dataclass(frozen=True)
class Version:
    """A card at one of its versions, and what it said in the fields of the salon's own; None: that was not kept."""

    card: domain.Card
    custom: Mapping[UUID, str] | None = None


def earlier(session: Session, client_id: UUID, version: int, vault: Vault) -> Version | None:
    """The card as it was at `version`, if that is still kept."""
    of_it = (card_versions.c.client_id == client_id) & (card_versions.c.version == version)
    row = session.execute(select(card_versions).where(of_it)).one_or_none()
    return None if row is None else version_in(row, vault)


def version_in(row: Row[Any], vault: Vault) -> Version | None:
    card = vault.open_version(row)
    return None if card is None else Version(card, _custom(row, vault))


def _custom(row: Row[Any], vault: Vault) -> Mapping[UUID, str] | None:
    """Kept since there are such fields in the history; what is damaged hides no more than itself."""
    if row.custom is None:
        return None
    try:
        custom: dict[UUID, str] = vault.open_for(row.client_id, custom_place(row), row.custom, dict[UUID, str])
    except Damaged as damage:
        log("clients").error("version_damaged", client_id=str(row.client_id), reason=str(damage))
        return None
    return custom


def custom_place(row: Any) -> str:
    """Where what a version says in the fields of the salon's own is bound to."""
    return f"version:{row.version}:custom"


def shown_now(session: Session, client_id: UUID, caller: Caller, vault: Vault) -> Client:
    return masked(show(session, client_id, caller, vault), Client, caller)


def shown(session: Session, version: Version, caller: Caller) -> Client:
    """The card as it is answered to `caller`, for where no reply goes through the masks."""
    card = _as_seen(version.card, caller)
    if version.custom is None:
        return card
    personal, all_of_it = which_are_personal(session), _sees_personal(version.card, caller)
    seen = [each for each in version.custom if each in personal and (all_of_it or not personal[each])]
    return replace(card, custom=tuple(FieldValue(each, version.custom[each]) for each in seen))


def _as_seen(card: domain.Card, caller: Caller) -> Client:
    client = masked(view(card), Client, caller)
    return concealed(client) if is_counted(caller, card.id) else client


def _sees_personal(card: domain.Card, caller: Caller) -> bool:
    return caller.sees(CONTACTS) and not is_counted(caller, card.id)


def changes(
    session: Session, request: ListClientChanges, caller: Caller, vault: Vault, since: date | None = None
) -> PastPage[CardChange]:
    """Each earlier version against the one that came after it, newest first."""
    found(session, request.id, caller, "client_changes.read")
    client_id = request.merged_id or request.id
    versions = select(card_versions).where(card_versions.c.client_id == client_id)
    if request.merged_id is not None:
        versions = versions.where(card_versions.c.version < _last_version(session, request.id, request.merged_id))
    if since is not None:
        versions = versions.where(card_versions.c.changed_at >= datetime.combine(since, time(), UTC))
    if request.cursor is not None:
        (below,) = decode_cursor(request.cursor, CURSOR)
        versions = versions.where(card_versions.c.version < below)
    rows = session.execute(versions.order_by(card_versions.c.version.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    items = tuple(change for _, change in changes_in(session, client_id, shown, caller, vault))
    return PastPage(items, encode_cursor(shown[-1].version) if len(rows) > len(shown) else None, since)


def _last_version(session: Session, client_id: UUID, merged_id: UUID) -> int:
    """What a card that was merged into this one said in the end."""
    into_it = (clients.c.id == merges.c.merged_id) & (clients.c.merged_into == client_id)
    version: int | None = session.scalar(
        select(merges.c.merged_version).join(clients, into_it).where(merges.c.merged_id == merged_id)
    )
    if version is None:
        raise NotFound("merge_not_found", "no such card was merged into this one")
    return version


def changes_in(
    session: Session, client_id: UUID, rows: Sequence[Row[Any]], caller: Caller, vault: Vault
) -> Iterator[tuple[Row[Any], CardChange]]:
    """What became of each of the versions in `rows`, whichever of them they are."""
    known = {row.version: version_in(row, vault) for row in rows}
    now = session.execute(card_rows.where(clients.c.id == client_id)).one()
    if now.person is not None:
        known[now.version] = Version(opened(now, vault), said_in_fields(session, client_id, vault))
    personal = which_are_personal(session)
    for row in rows:
        following = row.version + 1
        after = known[following] if following in known else earlier(session, client_id, following, vault)
        yield row, _change(row, known[row.version], after, caller, personal)


def _change(
    row: Row[Any], before: Version | None, after: Version | None, caller: Caller, personal: Mapping[UUID, bool]
) -> CardChange:
    """A version that is damaged hides what changed, not that something did."""
    if before is None or after is None:
        return CardChange(row.version + 1, row.changed_at, row.changed_by, ())
    different = (*_different(before.card, after.card, caller), *_answers(before, after, caller, personal))
    return CardChange(row.version + 1, row.changed_at, row.changed_by, different)


def _different(before: domain.Card, after: domain.Card, caller: Caller) -> Iterator[FieldChange]:
    before, after = before.by_hand, after.by_hand  # what rules gave meanwhile was nobody's change
    old, new = view(before), view(after)
    names = [part.name for part in fields(Client) if getattr(old, part.name) != getattr(new, part.name)]
    old, new = _as_seen(before, caller), _as_seen(after, caller)
    return (FieldChange(name, getattr(old, name), getattr(new, name)) for name in names if name != "version")


def _answers(before: Version, after: Version, caller: Caller, personal: Mapping[UUID, bool]) -> Iterator[FieldChange]:
    """What became of the fields of the salon's own, those that there still are."""
    if before.custom is None or after.custom is None:
        return
    for field_id in sorted(personal):
        old, new = before.custom.get(field_id), after.custom.get(field_id)
        if old != new:
            hidden = personal[field_id] and not _sees_personal(after.card, caller)
            old, new = (MASK if hidden and said else said for said in (old, new))
            yield FieldChange(f"custom.{field_id}", old, new)
