"""Memberships: which counter pays a line, what one is good for at an instant, and how long it may be frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from kernel.errors import Conflict, Invalid
from kernel.money import Money

DAY = timedelta(days=1)
PUNCTUAL = timedelta(minutes=5)  # what a desk's clock may be late by when it says "from now on"

State = Literal["active", "frozen", "used_up", "expired"]


@dataclass(frozen=True)
class Counter:
    """So many visits (`unit` visits) or minor units (money) for the services named, or for any."""

    place: int
    unit: Literal["visits", "money"]
    left: int
    reserved: int
    service_ids: frozenset[UUID] = frozenset()
    categories: frozenset[str] = frozenset()

    @property
    def free(self) -> int:
        return self.left - self.reserved

    def pays(self, service_id: UUID | None, category: str | None) -> bool:
        if not self.service_ids and not self.categories:
            return True
        return service_id in self.service_ids or category in self.categories

    def units_for(self, amount: int) -> int:
        """How much of the counter `amount` minor units on a line take."""
        return 1 if self.unit == "visits" else amount


@dataclass(frozen=True)
class Pause:
    """A freeze from `starts` up to, not including, `ends`, for which the membership expires `days` later."""

    starts: datetime
    ends: datetime
    days: int


def counter_for(counters: Sequence[Counter], service_id: UUID | None, category: str | None, amount: int) -> Counter:
    """The counter that pays `amount` on a line: the one that names least, of those with enough on them.

    So visits of a service of its own are used before those that are good for everything.
    """
    fitting = [counter for counter in counters if counter.pays(service_id, category)]
    if not fitting:
        raise Invalid("membership_other_service", "this membership is not for that service")
    enough = [counter for counter in fitting if counter.free >= counter.units_for(amount)]
    if not enough:
        some = any(counter.free for counter in fitting)
        if some:
            raise Invalid("membership_balance_too_small", "there is less than that on this membership")
        raise Invalid("membership_used_up", "nothing is left on this membership for that service")
    return min(enough, key=lambda counter: (_breadth(counter, service_id), counter.place))


def _breadth(counter: Counter, service_id: UUID | None) -> tuple[int, int]:
    """How much else the counter is good for: the service alone, its category, everything."""
    if service_id in counter.service_ids:
        return 0, len(counter.service_ids) + len(counter.categories)
    return (1, len(counter.categories)) if counter.categories else (2, 0)


def state_of(counters: Sequence[Counter], expires_at: datetime, pauses: Sequence[Pause], now: datetime) -> State:
    if expires_at <= now:
        return "expired"
    if any(pause.starts <= now < pause.ends for pause in pauses):
        return "frozen"
    return "active" if any(counter.left for counter in counters) else "used_up"


def refuse_terms(
    price: Money, amount: Money | None, counters: int, *, valid_days: int, freeze_days: int, currency: str | None
) -> None:
    """Refuse terms that say nothing, or two things; `counters` is how many there are."""
    if price.amount < 0:
        raise Invalid.field("price", "price_negative", "a price is not below nothing")
    if currency is not None and price.currency != currency:
        raise Invalid.field("price", "currency_differs", f"prices here are in {currency}")
    if (amount is None) == (counters == 0):
        raise Invalid.field("counters", "counters_or_amount", "a membership has counters of visits or an amount")
    if amount is not None and amount.amount <= 0:
        raise Invalid.field("amount", "amount_not_positive", "an amount is more than nothing")
    if amount is not None and amount.currency != price.currency:
        raise Invalid.field("amount", "currency_differs", f"the price is in {price.currency}")
    if freeze_days > 10 * valid_days:
        raise Invalid.field("freeze_days", "freeze_too_long", "no more than ten times as long as it is valid")


# --- freezing --------------------------------------------------------------------------------------------------------


def freeze(
    starts: datetime | None, days: int, *, pauses: Sequence[Pause], days_left: int, expires_at: datetime, now: datetime
) -> Pause:
    """The freeze of `days` from `starts` on (None: now); the membership then expires so many days later."""
    begins = now if starts is None else max(starts, now)
    if starts is not None and starts < now - PUNCTUAL:
        raise Invalid.field("starts", "freeze_in_past", "what is past cannot be frozen")
    if expires_at <= now:
        raise Conflict("membership_expired", "this membership has expired")
    if begins >= expires_at:
        raise Invalid.field("starts", "freeze_after_expiry", "the membership has expired by then")
    if days > days_left:
        raise Invalid.field("days", "freeze_too_long", f"{days_left} days of freezing are left")
    pause = Pause(begins, begins + days * DAY, days)
    if any(pause.starts < other.ends and other.starts < pause.ends for other in pauses):
        raise Conflict("membership_frozen_then", "the membership is frozen then already")
    return pause


def unfreeze(pauses: Sequence[Pause], now: datetime) -> tuple[Pause, Pause]:
    """The freeze that ends at `now`, as it was and as it is: a day that has begun counts, the others were not frozen.

    Of several that have not begun the first; such a one is as if it had never been.
    """
    open_ = sorted((pause for pause in pauses if now < pause.ends), key=lambda pause: pause.starts)
    if not open_:
        raise Conflict("membership_not_frozen", "this membership is not frozen")
    pause = open_[0]
    begun = max(0, -((pause.starts - now) // DAY))
    return pause, Pause(pause.starts, max(now, pause.starts), min(begun, pause.days))


def too_late(pauses: Sequence[Pause], expires_at: datetime) -> list[Pause]:
    """Freezes that begin when the membership has expired without them, since one before them ended early.

    They would freeze nothing and yet put off `expires_at`, which counts the days of all `pauses`.
    """
    until = expires_at - sum(pause.days for pause in pauses) * DAY
    late = []
    for pause in sorted(pauses, key=lambda pause: pause.starts):
        if pause.starts >= until:
            late.append(pause)
        else:
            until += pause.days * DAY
    return late
