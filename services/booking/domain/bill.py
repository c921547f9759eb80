"""The visit's bill: lines with their share of the discount, payments by kind, refunds linked to their line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from kernel.errors import Invalid
from kernel.money import percent_of, share_out

DEAREST = 10**11  # minor units; ten of them, the longest visit, still add up to an amount that Money holds


class LineKind(StrEnum):
    SERVICE = "service"
    RETAIL = "retail"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class Line:
    """What one thing on the bill costs, in minor units.

    `refunded` is what of it was given back, `cost` what it costs the salon itself.
    """

    id: UUID
    kind: LineKind
    price: int
    discount: int = 0
    refunded: int = 0
    segment_id: UUID | None = None
    service_id: UUID | None = None
    master_id: UUID | None = None
    text: str | None = None
    cost: int | None = None

    @property
    def due(self) -> int:
        return self.price - self.discount


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in; with `refund` money that went back, its amount below zero."""

    id: UUID
    kind: str
    amount: int
    received_at: datetime
    refund: bool = False


@dataclass(frozen=True, slots=True)
class Refund:
    """What was given back of one line, and by which payments."""

    id: UUID
    line_id: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class Bill:
    """Lines and payments in one currency; `percent` is the discount on services, `as_of` since when it holds."""

    currency: str
    lines: tuple[Line, ...] = ()
    payments: tuple[Payment, ...] = ()
    percent: Decimal = Decimal(0)
    as_of: datetime | None = None

    @property
    def total(self) -> int:
        return sum(line.price for line in self.lines)

    @property
    def discount(self) -> int:
        return sum(line.discount for line in self.lines)

    @property
    def due(self) -> int:
        return self.total - self.discount

    @property
    def paid(self) -> int:
        return sum(payment.amount for payment in self.payments if not payment.refund)

    @property
    def refunded(self) -> int:
        return sum(line.refunded for line in self.lines)


def discounted(bill: Bill, percent: Decimal, as_of: datetime | None) -> Bill:
    """`bill` with `percent` off its services: rounded once, then shared out, so that the lines add up."""
    services = [line for line in bill.lines if line.kind is LineKind.SERVICE]
    off = percent_of(sum(line.price for line in services), percent)
    shares = dict(zip((line.id for line in services), share_out(off, [line.price for line in services]), strict=True))
    lines = tuple(replace(line, discount=shares.get(line.id, 0)) for line in bill.lines)
    return replace(bill, lines=lines, percent=percent, as_of=as_of)


def better(promised: tuple[Decimal, datetime | None], current: tuple[Decimal, datetime | None]) -> tuple[
    Decimal, datetime | None
]:  # fmt: skip
    """The promised discount or the one in force, whichever is more for the client."""
    return current if current[0] >= promised[0] else promised


def repriced(bill: Bill, prices: Mapping[UUID, int]) -> Bill:
    """`bill` with the final `prices` by segment; the discount has to be worked out again."""
    lines = (
        replace(line, price=prices.get(line.segment_id, line.price)) if line.segment_id else line for line in bill.lines
    )
    return replace(bill, lines=tuple(lines))


def paid_with(bill: Bill, payments: Sequence[tuple[str, int]] | None, now: datetime, new: Callable[[], UUID]) -> Bill:
    """`bill` with `payments` (kind, amount), or in full by card; together they may stay below what is due."""
    if payments is None:
        payments = [("card", bill.due)] if bill.due else []
    elif any(amount <= 0 for _, amount in payments):
        place = next(place for place, (_, amount) in enumerate(payments) if amount <= 0)
        raise Invalid.field(f"payments.{place}.amount", "amount_not_positive", "a payment is more than nothing")
    elif sum(amount for _, amount in payments) > bill.due:
        raise Invalid.field("payments", "overpaid", "the payments are more than what is due")
    return replace(bill, payments=tuple(Payment(new(), kind, amount, now) for kind, amount in payments))


def paid_on(bill: Bill) -> dict[UUID, int]:
    """What was paid on each line: its due if all is paid, else its share."""
    if bill.paid == bill.due:
        return {line.id: line.due for line in bill.lines}
    shares = share_out(bill.paid, [line.due for line in bill.lines])
    return {line.id: share for line, share in zip(bill.lines, shares, strict=True)}


def check_refunds(bill: Bill, wanted: Sequence[tuple[UUID, int]]) -> None:
    """Refuse `wanted` (line, amount) where it is wrong in itself."""
    known = {line.id for line in bill.lines}
    for place, (line_id, amount) in enumerate(wanted):
        if line_id not in known:
            raise Invalid.field(f"lines.{place}.line_id", "line_unknown", "this line is not on the bill")
        if amount <= 0:
            raise Invalid.field(f"lines.{place}.amount", "amount_not_positive", "a refund is more than nothing")


def refunded(
    bill: Bill, wanted: Sequence[tuple[UUID, int]], now: datetime, new: Callable[[], UUID]
) -> tuple[Bill, list[Refund]]:
    """`bill` after `wanted` (line, amount) went back: never more than was paid on the line and is still there."""
    check_refunds(bill, wanted)
    lines = {line.id: line for line in bill.lines}
    paid = paid_on(bill)
    refunds = []
    for place, (line_id, amount) in enumerate(wanted):
        line = replace(lines[line_id], refunded=lines[line_id].refunded + amount)
        lines[line_id] = line
        # The whole bill counts, too: another of its lines may be an offset below zero.
        if line.refunded > paid[line_id] or sum(each.refunded for each in lines.values()) > bill.paid:
            raise Invalid.field(f"lines.{place}.amount", "refund_too_large", "less than that is left of what was paid")
        refunds.append(Refund(new(), line_id, amount))
    back = _given_back(bill.payments, sum(refund.amount for refund in refunds))
    payments = tuple(Payment(new(), kind, -amount, now, refund=True) for kind, amount in back)
    return replace(bill, lines=tuple(lines.values()), payments=bill.payments + payments), refunds


def _given_back(payments: Sequence[Payment], amount: int) -> list[tuple[str, int]]:
    """Money goes back the way it came: by each kind at most what it brought, the earliest kind first."""
    brought: dict[str, int] = {}
    for payment in payments:
        brought[payment.kind] = brought.get(payment.kind, 0) + payment.amount
    back = []
    for kind, there in brought.items():
        part = min(amount, there)
        if part > 0:
            back.append((kind, part))
            amount -= part
    return back
