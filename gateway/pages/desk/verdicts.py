"""What loyalty gives for a visit, told in the visitor's language."""

from collections.abc import Iterator

from contracts.booking import Appointment, VisitVerdict
from gateway.pages import formats
from gateway.pages.languages import SOURCE, chosen
from gateway.pages.languages import gettext as _
from gateway.pages.loyalty.fields import RULES


def given(visit: Appointment | None) -> tuple[str, ...]:
    """Loyalty says in one English sentence why; elsewhere each part is told by the kind of its rule."""
    verdict = visit.verdict if visit else None
    if verdict is None:
        return ()
    if chosen() == SOURCE:
        return (verdict.text,) if verdict.text else ()
    return tuple(_parts(verdict))


def _parts(verdict: VisitVerdict) -> Iterator[str]:
    for part in verdict.parts:
        if part.amount.amount:
            kind = RULES.get(part.kind)
            yield f"{_(kind.label) if kind else part.text}: −{formats.money(part.amount)}"
    for gift in verdict.gifts:
        yield _("gift: %(gift)s", gift=gift)
    for offer in verdict.offers:
        yield _("offer: %(offer)s", offer=offer)
