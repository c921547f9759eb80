"""What booking asks of others before its transaction, and what it goes by when they do not answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.auth import CheckUser
from contracts.clients import CheckClient, CheckClients, CheckConditions, ConvenientTime
from contracts.message import Request
from kernel.caller import Caller
from kernel.errors import Invalid, NotFound, Unavailable
from services.booking.domain.health import Health, Mark, judge
from services.booking.domain.terms import Offer
from services.booking.queries.catalogue import catalogue, remembered
from services.booking.tables import appointments, known_clients

AWAY = "away"


class Call(Protocol):
    """What the dispatcher lends to those who ask before the transaction; `reads` is a session to look something up."""

    reads: Callable[[], Session]

    def __call__(self, request: Request[Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class Checked:
    """What comparing the card with `marks`, those of the wanted services as they were remembered, has come to."""

    marks: frozenset[Mark] = frozenset()
    health: Health | None = None


UNMARKED = Checked()


@dataclass(frozen=True, slots=True)
class Asked:
    """What others said: the client's standing (`active`, `erased`, `unknown`, `away`), home and preferences.

    No `offer`: loyalty was not asked about the discount, or gave no answer.
    """

    standing: str = "active"
    offer: Offer | None = None
    home_branch_id: UUID | None = None
    favourite_master_id: UUID | None = None
    convenient_times: tuple[ConvenientTime, ...] = ()
    checked: Checked = UNMARKED
    merged_into: UUID | None = None
    were_homes: frozenset[UUID] = frozenset()  # of cards that became this one


def ask_about(call: Call, client_id: UUID, service_ids: Iterable[UUID] = ()) -> Asked:
    """Whether the client may book, and what speaks against the services."""
    return replace(ask_standing(call, client_id), checked=ask_health(call, client_id, service_ids))


def ask_health(call: Call, client_id: UUID, service_ids: Iterable[UUID]) -> Checked:
    """What the card says of the marks of the services; nobody is asked, and nothing read, where there are none.

    Who finds other marks under the locks asks again.
    """
    with call.reads() as session:
        marks = (remembered(session) or catalogue(session)).marks_of(service_ids)
    return Checked(marks, judge(marks, _matched(call, client_id, marks))) if marks else UNMARKED


def _matched(call: Call, client_id: UUID, marks: Iterable[Mark]) -> frozenset[str] | None:
    """The conditions that the card speaks of; None where nobody can say so."""
    conditions = tuple(sorted({mark.condition for mark in marks}))
    try:
        said = call(CheckConditions(client_id, conditions)).matched
    except (Unavailable, NotFound):  # not installed is not found
        return None
    return frozenset(condition for condition, met in zip(conditions, said, strict=True) if met)


def ask_standing(call: Call, client_id: UUID) -> Asked:
    """Whether the client may book, and what they prefer."""
    try:
        found = call(CheckClient(client_id))
    except Unavailable:
        return Asked(AWAY)
    except NotFound:  # clients is not installed: an id is all that there is of a client
        return Asked()
    return Asked(
        found.state,
        None,
        found.home_branch_id,
        found.favourite_master_id,
        found.convenient_times,
        merged_into=found.merged_into,
        were_homes=frozenset(found.were_homes),
    )


def ask_whether_active(call: Call, ids: Iterable[UUID]) -> frozenset[UUID] | None:
    """Those of `ids` who have a card; None where nobody can say so."""
    try:
        return frozenset(call(CheckClients(tuple(ids))).ids)
    except (Unavailable, NotFound):  # not installed is not found
        return None


def user_is_unknown(call: Call, user_id: UUID | None) -> bool:
    """Whether there is no such user; while auth does not answer, nobody can say so."""
    try:
        return user_id is not None and not call(CheckUser(user_id)).exists
    except (Unavailable, NotFound):  # not installed is not found
        return False


def check_client(session: Session, client_id: UUID, asked: Asked, caller: Caller) -> None:
    """Refuse a client who is unknown, erased, or of other branches than the caller's.

    While clients is away, booking goes by those it has heard of; where they are at home nobody can say then.
    """
    standing, into = asked.standing, asked.merged_into
    if standing == AWAY:
        known = session.execute(select(known_clients).where(known_clients.c.client_id == client_id)).one_or_none()
        if known is None:
            raise Unavailable("service_unavailable", "nobody can say whether there is such a client")
        standing, into = "erased" if known.erased else "active", known.merged_into
    if into is not None:
        why = "this card was merged into another one"
        raise Invalid("client_merged", why, errors={"client_id": [why]}, merged_into=str(into))
    if standing != "active":
        raise Invalid.field("client_id", "client_unknown", "there is no such client")
    if asked.standing != AWAY and not _theirs(session, client_id, asked, caller):
        raise NotFound("client_not_found", "there is no such client")


def _theirs(session: Session, client_id: UUID, asked: Asked, caller: Caller) -> bool:
    """Whether the caller sees the card, by the rule of clients: else an appointment would be a way to look into it."""
    own, home_branch_id = client_id == caller.client_id, asked.home_branch_id
    if caller.everywhere or own or (home_branch_id is not None and caller.in_branch(home_branch_id)):
        return True
    visited = select(appointments.c.branch_id).distinct().where(appointments.c.client_id == client_id)
    seen_in = asked.were_homes.union(session.scalars(visited))
    return bool(seen_in & caller.branch_ids) or (home_branch_id is None and not seen_in)
