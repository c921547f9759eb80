"""What booking asks about a visit: its discount, and what pays for it that is not money."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from contracts.message import INTERNAL, Request


@dataclass(frozen=True)
class AskedLine:
    """A service that is to be priced: `price` in minor units before any discount."""

    line_id: UUID
    service_id: UUID | None
    price: int
    category: str | None = None


@dataclass(frozen=True)
class QuotedPart:
    """What one rule takes off the visit, in minor units, with its reason in words."""

    rule: str
    kind: str
    text: str
    amount: int
    percent: Decimal


@dataclass(frozen=True)
class QuotedLine:
    """What comes off a line, in minor units, and the percentage that it was made of."""

    line_id: UUID
    discount: int
    percent: Decimal


@dataclass(frozen=True)
class VisitQuote:
    """What the client gets for this visit by what is known at `as_of`; the lines add up to `discount`.

    `decision` is the one thing to tell the client first; `gifts` and `offers` are in words. `percent` is what holds at
    any visit, for the copy that booking keeps.
    """

    client_id: UUID
    as_of: datetime
    programme_version: int
    percent: Decimal
    discount: int
    lines: tuple[QuotedLine, ...]
    parts: tuple[QuotedPart, ...]
    decision: str
    gifts: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    refused_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuoteVisit(Request[VisitQuote], permission=INTERNAL, timeout=0.5, effects=False):
    """What somebody of whom nothing was heard yet gets is nothing. `codes` are of promotions."""

    client_id: UUID
    branch_id: UUID
    local_date: date
    currency: str
    lines: tuple[AskedLine, ...]
    appointment_id: UUID | None = None
    codes: tuple[str, ...] = ()


# --- what pays for a visit and is not money --------------------------------------------------------------------------


@dataclass(frozen=True)
class Tender:
    """Points, a gift certificate or a membership that shall pay `amount` minor units of a visit.

    `code` is that of the certificate, `membership_id` and `line_id` say which service (of which category) a membership
    pays; its amount is then what is due on that line.
    """

    kind: Literal["points", "certificate", "membership"]
    amount: int
    code: str | None = None
    membership_id: UUID | None = None
    line_id: UUID | None = None
    service_id: UUID | None = None
    category: str | None = None


@dataclass(frozen=True)
class Reserved:
    """It is set aside until `expires_at`; the bill confirms it, or it is free again."""

    reservation_id: UUID
    expires_at: datetime


@dataclass(frozen=True)
class ReserveTenders(Request[Reserved], permission=INTERNAL, timeout=2.0):
    """Set aside what pays for a visit, all of it or nothing: once for each `reservation_id`.

    `due` is the whole bill in minor units. Refusals name the place (`tenders.0.amount`).
    """

    reservation_id: UUID
    appointment_id: UUID
    client_id: UUID
    branch_id: UUID
    currency: str
    due: int
    tenders: tuple[Tender, ...]


@dataclass(frozen=True)
class Released:
    reservation_id: UUID


@dataclass(frozen=True)
class ReleaseTenders(Request[Released], permission=INTERNAL, timeout=2.0):
    """What was set aside is free again; nothing if it was confirmed or is not known."""

    reservation_id: UUID
