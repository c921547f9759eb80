"""What loyalty asks of booking before its transaction: whether branches and services are there, what prices are in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.booking import CheckBranches, CheckFavourites, ShowCurrency
from contracts.loyalty import (
    ChangeMembershipType,
    CreateMembershipType,
    IssueLoyaltyCard,
    SellCertificate,
    SellMembership,
    VisitCounter,
)
from contracts.message import UNSET
from kernel.caller import Caller
from kernel.errors import Invalid, NotFound, Unavailable

Call = Callable[[Any], Any]
Sale = SellCertificate | SellMembership | IssueLoyaltyCard
Terms = CreateMembershipType | ChangeMembershipType


@dataclass(frozen=True)
class Asked:
    """What booking said: the currency of prices, and those ids of the request that are not there."""

    currency: str | None = None
    unknown_branches: frozenset[UUID] = frozenset()
    unknown_services: frozenset[UUID] = frozenset()


def ask_of_sale(call: Call, request: Sale, _caller: Caller) -> Asked:
    return Asked(_currency(call), unknown_branches(call, [request.branch_id]))


def ask_of_terms(call: Call, request: Terms, _caller: Caller) -> Asked:
    branches = () if request.branch_ids is UNSET else request.branch_ids
    counters: tuple[VisitCounter, ...] = () if request.counters is UNSET else request.counters
    services = {service for counter in counters for service in counter.service_ids}
    return Asked(_currency(call), unknown_branches(call, branches), unknown_services(call, services))


def refuse_branch(branch_id: UUID, asked: Asked, caller: Caller) -> None:
    """Refuse to do something in what is no branch, or none of the caller's."""
    if branch_id in asked.unknown_branches:
        raise Invalid.field("branch_id", "branch_unknown", "there is no such branch")
    if not caller.in_branch(branch_id):
        raise NotFound("branch_not_found", "there is no such branch")


def _currency(call: Call) -> str | None:
    """None where booking does not say so, or has no prices yet."""
    try:
        currency: str | None = call(ShowCurrency()).currency
    except (Unavailable, NotFound):  # not installed is not found
        return None
    return currency


def unknown_branches(call: Call, ids: Iterable[UUID]) -> frozenset[UUID]:
    """While booking does not answer, nobody can say so of any."""
    wanted = tuple(sorted(set(ids)))[:500]  # as many as it looks at
    try:
        return frozenset(call(CheckBranches(wanted)).ids) if wanted else frozenset()
    except (Unavailable, NotFound):
        return frozenset()


def unknown_services(call: Call, ids: Iterable[UUID]) -> frozenset[UUID]:
    wanted = tuple(sorted(set(ids)))[:500]  # as many as it looks at
    try:
        return frozenset(call(CheckFavourites((), wanted)).service_ids) if wanted else frozenset()
    except (Unavailable, NotFound):
        return frozenset()
