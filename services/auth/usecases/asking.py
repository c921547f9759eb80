"""What auth asks of others before its transaction."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from contracts.booking import CheckBranches
from contracts.clients import CardOfPhone, CheckClient, ListCardsOfPhone
from kernel.errors import Invalid, NotFound, Unavailable

Call = Callable[[Any], Any]


def refuse_unknown_branches(unknown: frozenset[UUID], branch_ids: Iterable[UUID]) -> None:
    for place, branch_id in enumerate(branch_ids):
        if branch_id in unknown:
            raise Invalid.field(f"branch_ids.{place}", "branch_unknown", "there is no such branch")


def client_is_unknown(call: Call, client_id: UUID | None) -> bool:
    """Whether there is no such client; while clients does not answer, nobody can say so."""
    try:
        return client_id is not None and call(CheckClient(client_id)).state != "active"
    except (Unavailable, NotFound):
        return False


def cards_with(call: Call, phone: str | None) -> tuple[CardOfPhone, ...]:
    """The living cards with a phone that somebody has just proved to be theirs; of none, nobody is asked."""
    if phone is None:
        return ()
    items: tuple[CardOfPhone, ...] = call(ListCardsOfPhone(phone)).items
    return items


def unknown_branches(call: Call, branch_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of `branch_ids` that are no branches; while booking does not answer, nobody can say so of any."""
    ids = tuple(sorted(set(branch_ids)))
    try:
        return frozenset(call(CheckBranches(ids)).ids) if ids else frozenset()
    except (Unavailable, NotFound):  # not installed is not found
        return frozenset()
