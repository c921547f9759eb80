"""The visit's bill: lines with their share of the discount, payments by kind, refunds linked to their line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from kernel.errors import Invalid
from kernel.money import share_out
from services.booking.domain.terms import NOTHING, Offer, Priced, Source, Terms, codes_of, off, percents, shared

TENDERS = ("points", "certificate", "membership")  # what pays and is not money: loyalty keeps it
DEAREST = 10**11  # minor units; ten of them, the longest visit, still add up to an amount that Money holds


class LineKind(StrEnum):
    SERVICE = "service"
    RETAIL = "retail"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class Line:
    """What one thing on the bill costs, in minor units.

    `percent` is what the discount was made of, `refunded` what of it was given back, `cost` what it costs the salon
    itself.
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
    percent: Decimal = Decimal(0)

    @property
    def due(self) -> int:
        return self.price - self.discount


@dataclass(frozen=True, slots=True)
class Payment:
    """What came in; with `refund` what went back, its amount below zero.

    `reservation_id` is where loyalty has set aside what is not money, `line_id` the one line that a membership pays.
    """

    id: UUID
    kind: str
    amount: int
    received_at: datetime
    refund: bool = False
    reservation_id: UUID | None = None
    line_id: UUID | None = None


class Paying(NamedTuple):
    """What shall pay: a kind, minor units, and the one line that it is for, if it is a membership."""

    kind: str
    amount: int
    line_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """What was given back of one line."""

    id: UUID
    line_id: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class Bill:
    """Lines and payments in one currency, and the terms of the discount on services."""

    currency: str
    lines: tuple[Line, ...] = ()
    payments: tuple[Payment, ...] = ()
    terms: Terms = NOTHING

    @property
    def services(self) -> list[Line]:
        """What is discounted."""
        return [line for line in self.lines if line.kind is LineKind.SERVICE]

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


def discounted(bill: Bill, offer: Offer) -> Bill:
    """`bill` with what `offer` takes off its services."""
    services = bill.services
    amounts = off(offer, [line.price for line in services])
    said = zip(amounts, percents(offer, len(services)), strict=True)
    taken = {line.id: (amount, percent) for line, (amount, percent) in zip(services, said, strict=True)}
    lines = []
    for line in bill.lines:
        amount, percent = taken.get(line.id, (0, Decimal(0)))
        lines.append(replace(line, discount=amount, percent=percent))
    return replace(bill, lines=tuple(lines), terms=replace(offer.terms, parts=shared(offer.terms.parts, sum(amounts))))


def promise_of(bill: Bill, among: Sequence[UUID] | None = None) -> Offer:
    """What the bill promises for its services, or for those `among` lines, of which it may not know some yet."""
    there = {line.id: Priced(line.price, line.discount, line.percent) for line in bill.services}
    return Offer(bill.terms, tuple(there.get(line_id) for line_id in (there if among is None else among)))


def better(bill: Bill, promised: Offer, current: Offer) -> Bill:
    """`bill` by what was promised or by what holds now, whichever takes more off this visit; a gift decides a tie."""
    then, now = discounted(bill, promised), discounted(bill, current)
    kept = (then.discount, bool(then.terms.gifts)) > (now.discount, bool(now.terms.gifts))
    if then.discount and then.discount == now.discount and now.terms.source is not Source.LOYALTY:
        kept = True  # the older word of loyalty is as good as the copy, and has its reasons
    codes = codes_of(promised.terms.codes, current.terms.codes)
    refused = {code.casefold() for code in current.refused_codes}
    if kept:
        return replace(then, terms=replace(then.terms, source=Source.PROMISE, codes=codes))
    given = tuple(code for code in codes if code.casefold() not in refused)
    return replace(now, terms=replace(now.terms, codes=given))


def repriced(bill: Bill, prices: Mapping[UUID, int]) -> Bill:
    """`bill` with the final `prices` by segment; the discount has to be worked out again."""
    lines = (
        replace(line, price=prices.get(line.segment_id, line.price)) if line.segment_id else line for line in bill.lines
    )
    return replace(bill, lines=tuple(lines))


def paid_with(
    bill: Bill,
    payments: Sequence[Paying] | None,
    now: datetime,
    new: Callable[[], UUID],
    reservation_id: UUID | None = None,
) -> Bill:
    """`bill` with `payments`, or in full by card; together they may stay below what is due.

    What is not money was set aside by `reservation_id`.
    """
    if payments is None:
        payments = [Paying("card", bill.due)] if bill.due else []
    elif any(each.amount <= 0 for each in payments):
        place = next(place for place, each in enumerate(payments) if each.amount <= 0)
        raise Invalid.field(f"payments.{place}.amount", "amount_not_positive", "a payment is more than nothing")
    elif sum(each.amount for each in payments) > bill.due:
        raise Invalid.field("payments", "overpaid", "the payments are more than what is due")
    paid = (
        Payment(
            new(),
            each.kind,
            each.amount,
            now,
            reservation_id=reservation_id if each.kind in TENDERS else None,
            line_id=each.line_id,
        )
        for each in payments
    )
    return replace(bill, payments=tuple(paid))


def paid_on(bill: Bill) -> dict[UUID, int]:
    """What was paid on each line: its due if all is paid, else what paid it alone and its share of the rest."""
    if bill.paid == bill.due:
        return {line.id: line.due for line in bill.lines}
    alone: dict[UUID | None, int] = {}
    for payment in bill.payments:
        if not payment.refund:
            alone[payment.line_id] = alone.get(payment.line_id, 0) + payment.amount
    shares = share_out(alone.get(None, 0), [line.due - alone.get(line.id, 0) for line in bill.lines])
    return {line.id: alone.get(line.id, 0) + share for line, share in zip(bill.lines, shares, strict=True)}


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
    back = _given_back(bill.payments, refunds)
    payments = tuple(
        Payment(new(), way.kind, -amount, now, refund=True, reservation_id=way.reservation_id, line_id=way.line_id)
        for way, amount in back
    )
    return replace(bill, lines=tuple(lines.values()), payments=bill.payments + payments), refunds


def brought(payments: Sequence[Payment]) -> dict[tuple[str, UUID | None], int]:
    """What came in less what went back, by kind and by where it was set aside, the earliest first."""
    sums: dict[tuple[str, UUID | None], int] = {}
    for payment in payments:
        key = (payment.kind, payment.reservation_id)
        sums[key] = sums.get(key, 0) + payment.amount
    return sums


class _Way(NamedTuple):
    """By what something came in, and goes back."""

    kind: str
    reservation_id: UUID | None
    line_id: UUID | None


def _given_back(payments: Sequence[Payment], refunds: Sequence[Refund]) -> list[tuple[_Way, int]]:
    """It goes back the way it came: what paid the line alone first, then by each kind at most what it brought, the
    earliest kind first. What paid another line alone is touched last, where lines below zero leave nothing else.
    """
    left: dict[_Way, int] = {}
    for payment in payments:
        way = _Way(payment.kind, payment.reservation_id, payment.line_id)
        left[way] = left.get(way, 0) + payment.amount
    before = dict(left)
    for refund in refunds:
        amount = refund.amount
        for way in sorted(left, key=lambda way: (way.line_id != refund.line_id, way.line_id is not None)):
            part = max(0, min(amount, left[way]))
            left[way] -= part
            amount -= part
    return [(way, before[way] - left[way]) for way in left if left[way] < before[way]]
