"""The hierarchy of sources: channels, below them clients, below them those whom they brought."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.message import Code, Request
from kernel.money import Money


@dataclass(frozen=True)
class OwnFigures:
    """`margin` is revenue less the salon's own cost of what was done and sold."""

    clients: int
    visits: int
    revenue: Money
    margin: Money | None = None
    discount: Money | None = None
    returned: int = 0


@dataclass(frozen=True)
class SourceNode:
    """A channel or a client from whom clients came; figures include the subtree, `own` holds the node's alone.

    `discount` is what was given away, `returned` the people who came on more than one day of the period, and
    `return_rate` their share in per cent. `cost` is what the channel itself cost; null for one branch and for who is
    bound to branches, because a channel is paid for the chain. Children that are not listed are on demand: there are
    some where a node has more people or visits than of its `own`; `left_out` of those asked for were too many to list.
    The topmost node says how it is worked out, and the `reason` if nobody came.
    """

    name: str | None
    kind: Literal["root", "channel", "client"]
    clients: int
    visits: int
    revenue: Money
    own: OwnFigures
    children: tuple["SourceNode", ...] = ()
    client_id: UUID | None | UnsetType = UNSET
    margin: Money | None = None
    discount: Money | None = None
    returned: int = 0
    return_rate: Decimal | None = None
    cost: Money | None = None
    left_out: int = 0
    definition: str | UnsetType = UNSET
    reason: Literal["no_visits"] | UnsetType = UNSET


@dataclass(frozen=True)
class ShowSources(Request[SourceNode], permission="analytics.read", effects=False, timeout=10.0):
    """People who completed a visit on the dates from `from_` to `to`, below those who brought them.

    The whole tree, or the part `under` a client or a `channel`; `depth` levels of it, at most `limit` children of each
    node. Without `depth` it is whole while it is small, and one level where more than 2,000 people came.
    """

    from_: date
    to: date
    branch_id: UUID | None = None
    under: UUID | None = None
    channel: Code | None = None
    depth: Annotated[int, Meta(ge=1, le=100)] | None = None
    limit: Annotated[int, Meta(ge=1, le=2_000)] = 2_000
