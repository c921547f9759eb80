"""The terms of a visit as they are kept, and the verdict as the desk sees it: one thing to tell the client, and why."""

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from contracts import booking as wire
from kernel.money import Money
from services.booking.domain.bill import Bill
from services.booking.domain.terms import Part, Source, Terms


def terms_of(row: Row[Any]) -> Terms:
    """Of a row of `appointments`; `usecases.record` writes them."""
    return Terms(
        percent=row.percent,
        as_of=row.discount_as_of,
        source=Source(row.discount_source),
        programme_version=row.programme_version,
        parts=tuple(Part(**part) for part in row.verdict.get("parts", ())),
        gifts=tuple(row.verdict.get("gifts", ())),
        offers=tuple(row.verdict.get("offers", ())),
        codes=tuple(row.codes),
    )


def shown_verdict(bill: Bill, tz: ZoneInfo) -> wire.VisitVerdict:
    """Whatever is on the bill comes first; a gift or an offer only where nothing comes off."""
    terms, discount = bill.terms, bill.discount
    decision: Any = terms.decision(discount)
    source: Any = terms.source.value
    return wire.VisitVerdict(
        decision=decision,
        source=source,
        text=terms.text(discount),
        parts=tuple(
            wire.VerdictPart(part.rule, part.kind, part.text, Money(part.amount, bill.currency)) for part in terms.parts
        ),
        gifts=terms.gifts,
        offers=terms.offers,
        codes=terms.codes,
        as_of=terms.as_of.astimezone(tz) if terms.as_of else None,
        programme_version=terms.programme_version,
    )
