"""Clients who are left out of the programme, or of one rule of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.message import Name, Request, Version

ExclusionReason = Annotated[str, Meta(min_length=1, max_length=2_000)]


@dataclass(frozen=True)
class Exclusion:
    """From `at` on the client was left out (or, `excluded` false, taken in again); `rule` None: of the whole programme.

    `reason` is None after the client was erased, and where there is none.
    """

    rule: str | None
    excluded: bool
    at: datetime
    by: UUID | None
    reason: str | None


@dataclass(frozen=True)
class Exclusions:
    """What the client is left out of now, and every entry that there ever was, the newest first. Version 1: none."""

    client_id: UUID
    version: int
    excluded: tuple[Exclusion, ...]
    history: tuple[Exclusion, ...]


@dataclass(frozen=True)
class ShowExclusions(Request[Exclusions], permission="loyalty_exclusions.read", effects=False):
    client_id: UUID


@dataclass(frozen=True)
class ExcludeClient(Request[Exclusions], permission="loyalty.exclude"):
    """Leave the client out of a rule in force, of `promotions`, or (no `rule`) of the whole programme."""

    client_id: UUID
    version: Version
    reason: ExclusionReason
    rule: Name | None = None


@dataclass(frozen=True)
class TakeClientIn(Request[Exclusions], permission="loyalty.exclude"):
    """End an exclusion: that of a rule, or (no `rule`) that of the whole programme."""

    client_id: UUID
    version: Version
    rule: Name | None = None
