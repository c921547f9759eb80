"""Who is left out of what, now and at any instant."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from contracts import loyalty as wire
from kernel.caller import Caller
from services.loyalty.domain import facts
from services.loyalty.queries.visibility import visible_card
from services.loyalty.tables import exclusions
from services.loyalty.vault import Vault


def exclusion_facts(session: Session, client_ids: Collection[UUID]) -> list[facts.Exclusion]:
    """What was ever said of these clients, for judging. Reasons stay sealed: no discount depends on one."""
    wanted = select(exclusions).where(exclusions.c.client_id.in_(client_ids)).order_by(exclusions.c.at, exclusions.c.id)
    return [facts.Exclusion(row.client_id, row.at, row.excluded, row.rule) for row in session.execute(wanted)]


def show(session: Session, client_id: UUID, caller: Caller, vault: Vault) -> wire.Exclusions:
    visible_card(session, client_id, caller, "loyalty_exclusions.read")
    return held(session, client_id, vault)


def held(session: Session, client_id: UUID, vault: Vault) -> wire.Exclusions:
    """What is kept about the client, whoever asks."""
    rows = rows_of(session, client_id)
    entries = tuple(_view(row, vault) for row in rows)
    newest: dict[str | None, wire.Exclusion] = {}
    for entry in entries:
        newest.setdefault(entry.rule, entry)
    return wire.Exclusions(
        client_id, 1 + len(entries), tuple(each for each in newest.values() if each.excluded), entries
    )


def rows_of(session: Session, client_id: UUID) -> list[Row[Any]]:
    """The newest first."""
    wanted = select(exclusions).where(exclusions.c.client_id == client_id)
    return list(session.execute(wanted.order_by(exclusions.c.at.desc(), exclusions.c.id.desc())))


def place(id: UUID) -> str:  # noqa: A002
    """What binds a sealed reason to its row."""
    return f"exclusion:{id}:reason"


def _view(row: Row[Any], vault: Vault) -> wire.Exclusion:
    reason = None if row.reason is None else vault.open(row.client_id, place(row.id), row.reason)
    return wire.Exclusion(row.rule, row.excluded, row.at, row.by, reason)
