"""How it is kept by what, and for whom, a card is found."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from services.clients import domain
from services.clients.tables import NO_BRANCH, findable
from services.clients.vault import Vault


def findable_row(card: domain.Card, vault: Vault) -> dict[str, Any]:
    return {
        "client_id": card.id,
        "registered_at": card.registered_at,
        "entries": vault.findable(card.person),
        "branch_ids": [card.home_branch_id or NO_BRANCH],
    }


def keep_findable(session: Session, before: domain.Card, after: domain.Card, vault: Vault) -> None:
    """Find `after` by what it says now. The home of before stays: who sees a card is not decided here."""
    if (entries := vault.findable(after.person)) != vault.findable(before.person):
        session.execute(update(findable).where(findable.c.client_id == after.id).values(entries=entries))
    if after.home_branch_id != before.home_branch_id:
        find_in_branches(session, [(after.id, after.home_branch_id or NO_BRANCH)])


def find_in_branches(session: Session, pairs: Iterable[tuple[UUID, UUID]]) -> None:
    """Let these cards be found in these branches, too.

    Nothing is taken away but that a card belongs to none, and the array is made from the row itself: so nothing is lost
    between an event and somebody who changes the card at the same moment.
    """
    pairs = sorted(set(pairs))
    if not pairs:
        return
    cards, branches = zip(*pairs, strict=True)
    ids = ARRAY(findable.c.client_id.type)
    unnested = func.unnest(literal(list(cards), ids), literal(list(branches), ids))
    pair = unnested.table_valued("client_id", "branch_id").render_derived()
    of_each = select(pair.c.client_id, func.array_agg(pair.c.branch_id, type_=ids).label("branch_ids"))
    told = of_each.group_by(pair.c.client_id).subquery("told")
    known = func.array_remove(findable.c.branch_ids, NO_BRANCH)
    each = func.unnest(func.array_cat(known, told.c.branch_ids)).column_valued("branch_id")
    session.execute(
        update(findable)
        .where(findable.c.client_id == told.c.client_id, ~findable.c.branch_ids.contains(told.c.branch_ids))
        .values(branch_ids=func.array(select(each).distinct().order_by(each).scalar_subquery()))
    )
