"""Channels side by side: through which people came to know the salon, and through which they booked."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from contracts.message import Request
from kernel.money import Money


@dataclass(frozen=True)
class TouchFigures:
    """`clients` are distinct people, `new_clients` those of them whose first completed visit is among the visits."""

    visits: int
    clients: int
    new_clients: int
    revenue: Money
    margin: Money
    discount: Money


@dataclass(frozen=True)
class ChannelRow:
    """The same visits by `first_touch`, the channel of the first acquaintance (the root of the chain of those who
    brought the client), and by `last_touch`, the channel through which the visit was booked. `channel` null is none.
    """

    channel: str | None
    first_touch: TouchFigures
    last_touch: TouchFigures


@dataclass(frozen=True)
class ChannelRows:
    """Both columns add up to the same `total`, save distinct people, who may have booked through several channels."""

    rows: tuple[ChannelRow, ...]
    total: TouchFigures
    definition: str
    reason: Literal["no_visits"] | None = None


@dataclass(frozen=True)
class ShowChannels(Request[ChannelRows], permission="analytics.read", effects=False):
    """Completed visits on the dates from `from_` to `to`, by the channels of both touches, compared without case."""

    from_: date
    to: date
    branch_id: UUID | None = None
