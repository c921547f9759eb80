"""When the list of clients may leave: two people, little time, once; and the order that tells one file from others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from uuid import UUID

from kernel.errors import Conflict, Forbidden

ASKED_FOR = timedelta(days=7)
APPROVED_FOR = timedelta(hours=24)
AGAIN_WITHIN = timedelta(minutes=15)  # from the first byte of a download that broke off
READ_WITHIN = timedelta(hours=1)  # from then on nobody's line is that slow
TRIES = 3  # of one download

ASKED, APPROVED, TAKEN, REFUSED, EXPIRED = "asked", "approved", "taken", "refused", "expired"

LOCKED = Conflict("exports_locked", "taking lists of clients out is locked")


@dataclass(frozen=True)
class Taking:
    """One export as far as time and people decide on it.

    The last download began at `taken_at` and was tried so many times; `ended` says that it was read to its end.
    """

    state: str
    asked_by: UUID
    asked_at: datetime
    decided_at: datetime | None = None
    taken_at: datetime | None = None
    tries: int = 0
    ended: bool = False

    def state_at(self, now: datetime) -> str:
        """Nobody has to be there for something to expire."""
        return EXPIRED if self.until is not None and self.until <= now else self.state

    @property
    def until(self) -> datetime | None:
        """When it expires, if nothing happens."""
        if self.state == ASKED:
            return self.asked_at + ASKED_FOR
        if self.state == APPROVED:
            assert self.decided_at is not None
            return self.decided_at + APPROVED_FOR
        return None

    def refuse_approval(self, by: UUID | None, now: datetime) -> None:
        if by == self.asked_by:
            raise Forbidden("own_export", "somebody else has to approve what one has asked for")
        self._refuse_unless(now, ASKED)

    def refuse_refusal(self, now: datetime) -> None:
        self._refuse_unless(now, ASKED, APPROVED)

    def is_begun_again(self, by: UUID | None, now: datetime) -> bool:
        """Whether a download that `by` begins now is the last one again; refused if it may not begin at all."""
        self._refuse_others(by)
        broke_off = self.taken_at is not None and not self.ended and now < self.taken_at + AGAIN_WITHIN
        if broke_off and self.tries < TRIES and self.state in (APPROVED, TAKEN):
            return True
        self._refuse_unless(now, APPROVED)
        return False

    def refuse_reading(self, by: UUID | None, now: datetime) -> None:
        """Parts are read while the download is on its way."""
        self._refuse_others(by)
        if self.taken_at is None or self.ended or now >= self.taken_at + READ_WITHIN:
            raise Conflict("download_ended", "this download is over; begin another one")
        if self.state not in (APPROVED, TAKEN):
            self._refuse_unless(now, APPROVED)

    def _refuse_others(self, by: UUID | None) -> None:
        if by != self.asked_by:
            raise Forbidden("not_own_export", "only who asked for it may take it out")

    def _refuse_unless(self, now: datetime, *states: str) -> None:
        state = self.state_at(now)
        if state not in states:
            raise Conflict(f"export_{state}", f"this export is {state}")


def rank(key: bytes, client_id: UUID) -> bytes:
    """Where a card stands in the file whose `key` this is. The database sorts by the same."""
    return sha256(key + client_id.bytes).digest()


def likeness(key: bytes, ids: Sequence[UUID]) -> float:
    """The share of neighbours in the order of `key`: 1 for rows of its file, whatever is missing among them."""
    places = [rank(key, one) for one in ids]
    pairs = list(pairwise(places))
    return sum(first < second for first, second in pairs) / len(pairs) if pairs else 0.0
