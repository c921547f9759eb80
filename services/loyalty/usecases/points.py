"""Write entries of points: the only place that does. What people give and take by hand; what lapses; merged cards."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.outbox import announce
from contracts.loyalty import AdjustPoints, LoyaltyHandled, PointEntry
from kernel.caller import Caller
from kernel.errors import Invalid
from services.loyalty.domain.points import Entry, lapses_at
from services.loyalty.queries.points import lots_of, place_of_reason, set_aside, show_entry
from services.loyalty.queries.programmes import in_force
from services.loyalty.queries.visibility import visible_card
from services.loyalty.tables import point_accounts, point_entries, point_texts, reservations, unsettled_payments
from services.loyalty.vault import Vault

BATCH = 200  # accounts whose points lapse, in one transaction

_THEIRS = point_accounts.c.client_id == bindparam("client")
OPEN = upsert(point_accounts).values(client_id=bindparam("client"), balance=0, entries=0).on_conflict_do_nothing()
LOCK = select(point_accounts).where(_THEIRS).with_for_update()
KEEP = update(point_accounts).where(_THEIRS).values(
    balance=bindparam("held"), entries=bindparam("made"), next_expiry=bindparam("expiry")
)  # fmt: skip


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
    """The points of a client, nobody else's to write; what has lapsed by `now` is entered first."""

    def __init__(self, session: Session, row: Any, now: datetime) -> None:
        self.client_id: UUID = row.client_id
        self._session = session
        self._now = now
        self._entries: int = row.entries
        self._new: list[dict[str, Any]] = []
        self.lots = lots_of(session, self.client_id)
        self._let_lapse()

    @property
    def grew(self) -> bool:
        return bool(self._new)

    def available(self, besides: Collection[UUID] = ()) -> int:
        """What may be spent: without what is set aside, but for the reservations `besides`."""
        aside = set_aside(self._session, self.client_id, self._now, besides=besides)
        return max(0, self.lots.balance - aside)

    def post(self, posting: Posting) -> UUID:
        """Enter it. Triggers check at the commit that everything adds up."""
        entry_id = new_id()
        self._entries += 1
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
        self._new.append(
            {
                "id": entry_id,
                "client_id": self.client_id,
                "number": self._entries,
                "balance": self.lots.balance,
                "at": self._now,
                **{name: getattr(posting, name) for name in Posting.__dataclass_fields__},
            }
        )
        return entry_id

    def keep(self) -> None:
        if not self._new:
            return
        self._session.execute(insert(point_entries), self._new)
        self._session.execute(
            KEEP,
            {
                "client": self.client_id,
                "held": self.lots.balance,
                "made": self._entries,
                "expiry": self.lots.next_expiry,
            },
        )

    def _let_lapse(self) -> None:
        aside = set_aside(self._session, self.client_id, self._now)
        for lot, points in self.lots.lapsed(self._now, aside):
            cause = f"lot {lot.entry_id} {lot.left}"
            self.post(Posting("expire", "lot", -points, cause, lot_id=lot.entry_id))


@contextmanager
def account_of(session: Session, client_id: UUID, now: datetime) -> Iterator[Account]:
    """The account of a client, opened if there is none, locked until the transaction ends, and kept at the end."""
    session.execute(OPEN, {"client": client_id})
    account = Account(session, session.execute(LOCK, {"client": client_id}).one(), now)
    yield account
    account.keep()


def adjust_points(session: Session, request: AdjustPoints, caller: Caller, vault: Vault, now: datetime) -> PointEntry:
    visible_card(session, request.client_id, caller)
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
    lapsed = 0
    for client_id in clients:
        with account_of(session, client_id, now) as account:
            lapsed += account.grew
    return len(clients) == BATCH and lapsed > 0


def move_points(session: Session, vault: Vault, merged_id: UUID, into_id: UUID, now: datetime) -> None:
    """What is left of each lot goes to the card that is kept, with its day, and so does a debt."""
    for client_id in sorted((merged_id, into_id)):
        session.execute(OPEN, {"client": client_id})
        session.execute(LOCK, {"client": client_id})
    for table in (reservations, unsettled_payments):
        session.execute(update(table).where(table.c.client_id == merged_id).values(client_id=into_id))
    with account_of(session, merged_id, now) as old, account_of(session, into_id, now) as new:
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
