"""What clients asks of others before its transaction."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from contracts.booking import CheckBranches
from contracts.clients import ChangeClient, ImportClients, RegisterClient
from contracts.message import UNSET
from kernel.caller import Caller
from kernel.errors import NotFound, Unavailable

Call = Callable[[Any], Any]


def ask_of_card(call: Call, request: RegisterClient | ChangeClient, _caller: Caller) -> frozenset[UUID]:
    """The branch that the card names, if there is none such."""
    named = request.home_branch_id
    return unknown_branches(call, [] if named is UNSET or named is None else [named])


def ask_of_cards(call: Call, request: ImportClients, _caller: Caller) -> frozenset[UUID]:
    return unknown_branches(call, [said.home_branch_id for said in request.clients if said.home_branch_id])


def unknown_branches(call: Call, branch_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of `branch_ids` that are no branches; while booking does not answer, nobody can say so of any."""
    ids = tuple(sorted(set(branch_ids)))
    try:
        return frozenset(call(CheckBranches(ids)).ids) if ids else frozenset()
    except (Unavailable, NotFound):  # not installed is not found
        return frozenset()
