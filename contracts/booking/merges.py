"""Whether the appointments of two clients can be one person's."""

from dataclasses import dataclass
from uuid import UUID

from contracts.message import INTERNAL, Request


@dataclass(frozen=True)
class MergeCheck:
    """Appointments to come that lie over one of the other client's."""

    overlaps: tuple[UUID, ...]


@dataclass(frozen=True)
class CheckMerge(Request[MergeCheck], permission=INTERNAL, timeout=2.0, effects=False):
    client_id: UUID
    duplicate_id: UUID
