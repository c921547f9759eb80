"""What clients asks of others before its transaction."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.booking import CheckBranches, CheckFavourites
from contracts.clients import ChangeClient, ImportClients, Preferences, RegisterClient
from contracts.message import UNSET
from kernel.caller import Caller
from kernel.errors import NotFound, Unavailable

Call = Callable[[Any], Any]


@dataclass(frozen=True)
class Unknown:
    """What a card names that, as booking said, the salon does not have: branches; masters and services."""

    branches: frozenset[UUID]
    favourites: frozenset[UUID]


def ask_of_card(call: Call, request: RegisterClient | ChangeClient, _caller: Caller) -> Unknown:
    named = request.home_branch_id
    branches = unknown_branches(call, [] if named is UNSET or named is None else [named])
    return Unknown(branches, frozenset() if request.preferences is UNSET else _favourites(call, request.preferences))


def _favourites(call: Call, said: Preferences) -> frozenset[UUID]:
    """Masters and services that there are not; while booking does not answer, nobody can say so of any."""
    masters = (said.favourite_master_id,) if said.favourite_master_id else ()
    if not masters and not said.favourite_service_ids:
        return frozenset()
    try:
        unknown = call(CheckFavourites(masters, said.favourite_service_ids))
    except (Unavailable, NotFound):  # not installed is not found
        return frozenset()
    return frozenset((*unknown.master_ids, *unknown.service_ids))


def ask_of_cards(call: Call, request: ImportClients, _caller: Caller) -> frozenset[UUID]:
    return unknown_branches(call, [said.home_branch_id for said in request.clients if said.home_branch_id])


def unknown_branches(call: Call, branch_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of `branch_ids` that are no branches; while booking does not answer, nobody can say so of any."""
    ids = tuple(sorted(set(branch_ids)))
    try:
        return frozenset(call(CheckBranches(ids)).ids) if ids else frozenset()
    except (Unavailable, NotFound):  # not installed is not found
        return frozenset()
