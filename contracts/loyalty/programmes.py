"""The rules: what is in force, what was and what will be; `docs/loyalty.md` explains the document."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from contracts.message import UNSET, Cursor, Limit, Name, Page, Request, UnsetType, Version

Document = dict[str, Any]
Documents = Annotated[tuple[Document, ...], Meta(max_length=200)]


@dataclass(frozen=True)
class Tier:
    """From `people` who count on, the discount is `percent`."""

    people: int
    percent: Decimal


@dataclass(frozen=True)
class Programme:
    """One version of the rules, in force from `in_force_since` until `until`, which is not included.

    `tiers` are those of its first rule about people brought; `document` is all of it in its normal form, for those who
    may read versions. `branch_id` None: it is the chain's, wherever no branch has its own. `newest` is the version that
    a change has to name: this one, or one that was published since and begins later.
    """

    version: int
    in_force_since: datetime
    tiers: tuple[Tier, ...]
    id: UUID | None = None
    name: str = ""
    branch_id: UUID | None = None
    until: datetime | None = None
    newest: int | None = None
    published_at: datetime | None = None
    published_by: UUID | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    simulation_id: UUID | None = None
    document: Document | None = None


@dataclass(frozen=True)
class ShowProgramme(Request[Programme], permission="programme.read", effects=False):
    """What holds in a branch, or what the chain has, now or `at` an instant."""

    branch_id: UUID | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class ListProgrammes(Request[Page[Programme]], permission="programme_versions.read", effects=False):
    """All that were ever published, the newest first; `branch_id`: only those of the branch's own."""

    branch_id: UUID | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ShowProgrammeVersion(Request[Programme], permission="programme_versions.read", effects=False):
    id: UUID


@dataclass(frozen=True, kw_only=True)
class PublishProgramme(Request[Programme], permission="programme.edit"):
    """Put rules into force, now or `from_` an instant on; what is in force in their scope then ends there.

    Either `rules` or, for the only rule beside personal discounts, `tiers`. Nothing is kept of the version before:
    the document is the whole programme. Every mistake is named with its place, and what is in force stays.
    """

    version: Version
    name: Name | UnsetType = UNSET
    rules: Documents | UnsetType = UNSET
    tiers: Documents | UnsetType = UNSET
    criterion: Document | None | UnsetType = UNSET
    checks: Document | None | UnsetType = UNSET
    sorting: Documents | UnsetType = UNSET
    enrolment: Document | None | UnsetType = UNSET
    combination: Document | None | UnsetType = UNSET
    points: Document | None | UnsetType = UNSET
    branch_id: UUID | None = None
    from_: datetime | None = None
    until: datetime | None = None
    simulation_id: UUID | None = None


@dataclass(frozen=True)
class EndProgramme(Request[Programme], permission="programme.edit"):
    """End a version now, or `until` a later instant; one that has not begun never begins.

    Where a branch's own ends, the chain's holds; where the chain's ends, nothing is given until another is published.
    """

    id: UUID
    until: datetime | None = None
