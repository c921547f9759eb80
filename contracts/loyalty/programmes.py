"""The rules in force."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from contracts.message import Request


@dataclass(frozen=True)
class Tier:
    """From `people` who count on, the discount is `percent`."""

    people: int
    percent: Decimal


@dataclass(frozen=True)
class Programme:
    """The rules in force: tiers of the number of people brought who count."""

    version: int
    in_force_since: datetime
    tiers: tuple[Tier, ...]


@dataclass(frozen=True)
class ShowProgramme(Request[Programme], permission="programme.read", effects=False):
    pass
