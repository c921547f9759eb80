"""What booking asks about a person's health: only whether, never what else."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.message import INTERNAL, Name, Request


@dataclass(frozen=True)
class MatchedConditions:
    """For each condition that was asked about, in that order, whether the card speaks of it."""

    matched: tuple[bool, ...]


@dataclass(frozen=True)
class CheckConditions(Request[MatchedConditions], permission=INTERNAL, timeout=1.0, effects=False):
    """Whether the card speaks of any of `conditions`, with which services are marked.

    Nothing is said of whatever else it holds. Refused as unavailable if the card cannot be read.
    """

    client_id: UUID
    conditions: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=500)]
