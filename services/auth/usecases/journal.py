"""Write down what was done, at the end of the transaction that does it."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from chassis.crypto import blind_index
from contracts.clients import ClientErased
from contracts.journal import Deed
from kernel.errors import Conflict, Invalid
from services.auth import chain, queries
from services.auth.chain import Entry
from services.auth.tables import journal
from services.auth.usecases.desk import Desk
from services.auth.vault import login_key

HERE = "auth"
IN_TURN = select(func.pg_advisory_xact_lock(1_004))
LOGIN = "login"
Details = Mapping[str, Collection[object]]
NONE: Details = {}


def record(session: Session, desk: Desk, *entries: Entry) -> None:
    """Append `entries`. Comes last in a transaction: until that ends, nobody else appends."""
    if entries:
        session.execute(IN_TURN)
        links = chain.linked(desk.keys.journal, queries.journal_head(session), entries)
        session.execute(
            insert(journal),
            [
                {"number": link.number, "previous": link.previous, "hash": link.hash, **asdict(link.entry)}
                for link in links
            ],
        )


def entry(
    desk: Desk,
    action: str,
    subject_kind: str,
    subject_id: UUID | None = None,
    details: Details = NONE,
    *,
    actor_id: UUID | None = None,
    address: bytes | None = None,
) -> Entry:
    """An entry about something done here and now, by the caller unless `actor_id` says who proved to be somebody."""
    whose = actor_id or desk.caller.id
    return Entry(
        at=desk.now,
        actor_kind="user" if whose else "nobody",
        actor_id=whose,
        told_by=HERE,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        address=address,
        details=_sorted(details),
    )


def own_entry(desk: Desk, action: str, subject_kind: str, subject_id: UUID, details: Details = NONE) -> Entry:
    """An entry about what this service did by itself."""
    return Entry(desk.now, "service", None, HERE, action, subject_kind, subject_id, details=_sorted(details))


def _sorted(details: Details) -> dict[str, list[str]]:
    return {name: sorted(map(str, said)) for name, said in details.items() if said}


def login_print(desk: Desk, login: str) -> str:
    """A keyed fingerprint of a login that nobody has."""
    return blind_index(desk.keys.failures, f"{LOGIN}:{login_key(login)}").hex()


def verify(session: Session, desk: Desk, noted: str | None) -> str:
    """The head of the journal as one word; `Conflict` if an entry was removed, changed, moved or put in."""
    try:
        anchor = None if noted is None else _head(noted)
        with closing(queries.journal_links(session)) as links:
            head = chain.walked(desk.keys.journal, links, anchor)
    except chain.Broken as broken:
        raise Conflict("journal_broken", str(broken)) from None
    return f"{head.number}:{head.hash.hex()}"


def _head(noted: str) -> chain.Head:
    number, _, text = noted.partition(":")
    malformed = Invalid("head_malformed", "a head is the number and the hash of an entry: 17:5f0a…")
    try:
        head = chain.Head(int(number), bytes.fromhex(text))
    except ValueError:
        raise malformed from None
    if len(head.hash) != len(chain.START) or head.number < 0 or (head.number == 0 and head != chain.Head()):
        raise malformed  # what no entry can be would be compared with none
    return head


# --- what other services tell ---------------------------------------------------------------------------------------


def keep_deeds(session: Session, deeds: Sequence[Deed], told_by: str, desk: Desk) -> None:
    record(
        session,
        desk,
        *(
            Entry(
                at=deed.occurred_at,
                actor_kind="user" if deed.actor_id else "service",
                actor_id=deed.actor_id,
                told_by=told_by,
                action=deed.action,
                subject_kind=deed.subject_kind,
                subject_id=deed.subject_id,
                branch_id=deed.branch_id,
                details={name: list(said) for name, said in deed.details.items()},
            )
            for deed in deeds
        ),
    )


def erasure(event: ClientErased) -> Deed:
    """What an erasure is to the journal."""
    return Deed("client.erased", "client", event.occurred_at, event.client_id, event.erased_by)
