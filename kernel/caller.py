"""Who asks: an identity with its rights and the branches that they reach."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from kernel.errors import Forbidden


class Reach(StrEnum):
    """How far a right goes, widest first."""

    CHAIN = "chain"
    BRANCHES = "branches"
    OWN = "own"


EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Caller:
    """A user, a service or nobody (`id` None: signed out).

    `permissions` holds words such as `appointments.read`; `appointments.read.own` reaches only what is the caller's
    own, `*` is every permission. `marks` are the kinds of sensitive fields that the caller may see. `everywhere`
    lifts the limit to `branch_ids`. `reveals_per_shift` is how many clients' contacts they may have shown in a shift,
    `history_days` how far back they see what became of clients; None is no bound.
    """

    id: UUID | None = None
    kind: str = "nobody"  # user · service · nobody
    permissions: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    branch_ids: frozenset[UUID] = frozenset()
    everywhere: bool = False
    client_id: UUID | None = None
    session_id: UUID | None = None
    service: str | None = None
    reveals_per_shift: int | None = None
    history_days: int | None = None

    def reach(self, permission: str) -> Reach | None:
        """How far `permission` goes for this caller; None if it is not theirs."""
        if EVERYTHING in self.permissions or permission in self.permissions:
            return Reach.CHAIN if self.everywhere else Reach.BRANCHES
        return Reach.OWN if f"{permission}.own" in self.permissions else None

    def may(self, permission: str) -> bool:
        return self.reach(permission) is not None

    def must(self, permission: str) -> Reach:
        """How far `permission` goes; `Forbidden` if it is not the caller's."""
        reach = self.reach(permission)
        if reach is None:
            raise Forbidden("permission_missing", f"this needs the permission {permission}")
        return reach

    def sees(self, mark: str) -> bool:
        return mark in self.marks or EVERYTHING in self.marks

    def history_from(self, today: date) -> date | None:
        """The first day that the caller may look back to; None if they see all."""
        if self.history_days is None:
            return None
        return max(today, date(1, 1, 1) + timedelta(self.history_days)) - timedelta(self.history_days)

    def in_branch(self, branch_id: UUID) -> bool:
        return self.everywhere or branch_id in self.branch_ids


NOBODY = Caller()
