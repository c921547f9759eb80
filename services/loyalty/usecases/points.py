"""Write entries of points: the only place that does. What people give and take by hand; what lapses; merged cards."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, insert, select, text, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.outbox import announce
from contracts.loyalty import AdjustPoints, LoyaltyHandled, PointEntry
from kernel.caller import Caller
from kernel.errors import Invalid
from services.loyalty.domain.points import Entry, Lots, lapses_at
from services.loyalty.queries.points import aside_by_client, lots_by_client, place_of_reason, show_entry
from services.loyalty.queries.programmes import in_force
from services.loyalty.queries.visibility import visible_card
from services.loyalty.tables import point_accounts, point_entries, point_texts, reservations, unsettled_payments
from services.loyalty.vault import Vault

BATCH = 200  # accounts whose points lapse, in one transaction

# In order of their ids, here and in `LOCK`: who locks many does not deadlock with who locks others of them.
OPEN = text(
    """
    INSERT INTO point_accounts (client_id, balance, entries)
    SELECT client_id, 0, 0 FROM unnest(CAST(:clients AS UUID[])) AS client (client_id) ORDER BY client_id
    ON CONFLICT DO NOTHING
    """
)
LOCK = (
    select(point_accounts)
    .where(point_accounts.c.client_id.in_(bindparam("clients", expanding=True)))
    .order_by(point_accounts.c.client_id)
    .with_for_update()
)
KEEP = text(
    """
    UPDATE point_accounts SET balance = kept.balance, entries = kept.entries, next_expiry = kept.next_expiry
    FROM unnest(CAST(:clients AS UUID[]), CAST(:balances AS BIGINT[]), CAST(:entries AS BIGINT[]),
        CAST(:expiries AS TIMESTAMPTZ[])) AS kept (client_id, balance, entries, next_expiry)
    WHERE point_accounts.client_id = kept.client_id
    """
)


@dataclass(frozen=True)
class Posting:
    """What is to be entered: `points` come (above zero) or go, brought about by `cause`, which is entered once."""

    kind: str
    about: str
    points: int
    cause: str
    expires_at: datetime | None = None
    appointment_id: UUID | None = None
    reservation_id: UUID | None = None
    person_id: UUID | None = None
    lot_id: UUID | None = None
    author_id: UUID | None = None


class Account:
    """The points of a client, nobody else's to write; what has lapsed by `now` is entered first.

    `aside` is what is set aside of them, by reservation.
    """

    def __init__(self, row: Row[Any], lots: Lots, aside: Mapping[UUID, int], now: datetime) -> None:
        self.client_id: UUID = row.client_id
        self.entries: int = row.entries
        self.lots = lots
        self.new: list[dict[str, Any]] = []
        self._aside = dict(aside)
        self._now = now
        for lot, points in lots.lapsed(now, sum(aside.values())):
            cause = f"lot {lot.entry_id} {lot.left}"
            self.post(Posting("expire", "lot", -points, cause, lot_id=lot.entry_id))

    def available(self, besides: Collection[UUID] = ()) -> int:
        """What may be spent: without what is set aside, but for the reservations `besides`."""
        aside = sum(points for id_, points in self._aside.items() if id_ not in besides)
        return max(0, self.lots.balance - aside)

    def let_go(self, reservations_: Collection[UUID]) -> None:
        """They set nothing aside any more."""
        for id_ in reservations_:
            self._aside.pop(id_, None)

    def post(self, posting: Posting) -> UUID:
        """Enter it. Triggers check at the commit that everything adds up."""
        entry_id = new_id()
        self.entries += 1
        self.lots.apply(
            Entry(
                entry_id,
                posting.points,
                posting.expires_at,
                posting.appointment_id,
                posting.lot_id,
                takes_back=posting.kind == "reverse" and posting.points < 0,
                redeems=posting.kind == "redeem",
            )
        )
        self.new.append(
            {
                "id": entry_id,
                "client_id": self.client_id,
                "number": self.entries,
                "balance": self.lots.balance,
                "at": self._now,
                **{name: getattr(posting, name) for name in Posting.__dataclass_fields__},
            }
        )
        return entry_id


@contextmanager
def accounts_of(session: Session, client_ids: Iterable[UUID], now: datetime) -> Iterator[Mapping[UUID, Account]]:
    """The accounts of clients, opened where there are none, locked until the transaction ends, and kept at the end."""
    ids = sorted(set(client_ids))
    if not ids:
        yield {}
        return
    session.execute(OPEN, {"clients": ids})
    rows = session.execute(LOCK, {"clients": ids}).all()
    lots, aside = lots_by_client(session, ids), aside_by_client(session, ids, now)
    accounts = {row.client_id: Account(row, lots[row.client_id], aside[row.client_id], now) for row in rows}
    yield accounts
    _keep(session, [account for account in accounts.values() if account.new])


@contextmanager
def account_of(session: Session, client_id: UUID, now: datetime) -> Iterator[Account]:
    with accounts_of(session, [client_id], now) as accounts:
        yield accounts[client_id]


def _keep(session: Session, changed: Sequence[Account]) -> None:
    if not changed:
        return
    session.execute(insert(point_entries), [entry for account in changed for entry in account.new])
    session.execute(
        KEEP,
        {
            "clients": [account.client_id for account in changed],
            "balances": [account.lots.balance for account in changed],
            "entries": [account.entries for account in changed],
            "expiries": [account.lots.next_expiry for account in changed],
        },
    )


def adjust_points(session: Session, request: AdjustPoints, caller: Caller, vault: Vault, now: datetime) -> PointEntry:
    visible_card(session, request.client_id, caller, "points.adjust")
    reason = request.reason.strip()
    if not reason:
        raise Invalid.field("reason", "reason_missing", "say why")
    if request.points == 0:
        raise Invalid.field("points", "points_zero", "nothing would change")
    rules = in_force(session, None, now).points
    with account_of(session, request.client_id, now) as account:
        if -request.points > account.available():
            raise Invalid.field("points", "points_not_enough", f"there are {account.available()} points")
        expires_at = lapses_at(rules, now) if rules and request.points > 0 else None
        cause = f"hand {new_id()}"
        posting = Posting("adjust", "hand", request.points, cause, expires_at=expires_at, author_id=caller.id)
        entry_id = account.post(posting)
    sealed = vault.seal(request.client_id, place_of_reason(entry_id), reason)
    session.execute(insert(point_texts).values(entry_id=entry_id, client_id=request.client_id, text=sealed))
    details = {"points": (str(request.points),), "entry": (str(entry_id),)}
    announce(session, LoyaltyHandled("points.adjusted", "client", now, request.client_id, caller.id, details=details))
    return show_entry(session, entry_id, vault)


def let_points_lapse(session: Session, now: datetime) -> bool:
    """Enter what has lapsed; whether there is more. Nobody waits for it: what has lapsed counts nowhere."""
    due = select(point_accounts.c.client_id).where(point_accounts.c.next_expiry <= now)
    clients = session.scalars(due.order_by(point_accounts.c.client_id).limit(BATCH)).all()
    with accounts_of(session, clients, now) as accounts:
        lapsed = any(account.new for account in accounts.values())
    return lapsed and len(clients) == BATCH


def move_points(session: Session, vault: Vault, merged_id: UUID, into_id: UUID, now: datetime) -> None:
    """What is left of each lot goes to the card that is kept, with its day, and so does a debt."""
    for table in (reservations, unsettled_payments):
        session.execute(update(table).where(table.c.client_id == merged_id).values(client_id=into_id))
    with accounts_of(session, (merged_id, into_id), now) as accounts:
        old, new = accounts[merged_id], accounts[into_id]
        moved = [(lot.left, lot.expires_at) for lot in old.lots.by_expiry()]
        moved += [(-old.lots.debt, None)] if old.lots.debt else []
        for place, (points, expires_at) in enumerate(moved, 1):
            old.post(Posting("merge", "card", -points, f"card {merged_id} out {place}"))
            new.post(Posting("merge", "card", points, f"card {merged_id} in {place}", expires_at=expires_at))
    _move_texts(session, vault, merged_id, into_id)


def _move_texts(session: Session, vault: Vault, merged_id: UUID, into_id: UUID) -> None:
    """Reasons are sealed under the key of the card that is kept; the other's will be destroyed."""
    for row in session.execute(select(point_texts).where(point_texts.c.client_id == merged_id)).all():
        one = point_texts.c.entry_id == row.entry_id
        anew = vault.moved(row.text, place_of_reason(row.entry_id), merged_id=merged_id, into_id=into_id)
        if anew is None:
            session.execute(delete(point_texts).where(one))
        else:
            session.execute(update(point_texts).where(one).values(client_id=into_id, text=anew))


def forget_points(session: Session, client_id: UUID) -> None:
    """What was said of the entries goes with the person; the entries stay, for the sums, of an id without a name."""
    session.execute(delete(point_texts).where(point_texts.c.client_id == client_id))
