"""What a rule looks at, and what it offers by itself before anything is combined."""

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.loyalty.domain.facts import Bill, BillLine
from services.loyalty.domain.programme import Programme, Reward
from services.loyalty.domain.referrals import plain
from services.loyalty.domain.standing import Standing, Visit, WantedLine
from services.loyalty.domain.verdict import Cap, Evidence, Progress

ZERO = Decimal(0)
Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One question to all rules. `bills` are the client's visits without the one that is priced.

    `explain`: whether what was looked at is written down; without it only what changes the price is. `found` is what
    rules have found of bills and people brought: a simulation asks of the same visit again, by other thresholds.
    """

    programme: Programme
    standing: Standing
    visit: Visit | None
    branch_id: UUID | None
    bills: tuple[Bill, ...]
    explain: bool
    found: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def at(self) -> datetime:
        return self.standing.at

    def once(self, key: Hashable, find: Callable[[], Any]) -> Any:
        """What `find` says of the client's bills or people brought, asked once; `key` is all else that it goes by."""
        if key not in self.found:
            self.found[key] = find()
        return self.found[key]

    def within(self, days: int | None) -> tuple[Bill, ...]:
        """The visits of the last `days`, or all."""
        if days is None:
            return self.bills
        since = self.standing.at - timedelta(days=days)
        return tuple(bill for bill in self.bills if bill.completed_at > since)


@dataclass(slots=True)
class Offer:
    """`percent` of the lines `line_ids` (None: of all), at most `limit` minor units, or a gift or an offer in words.

    `code` and `params` say what it is for, `refusal` and `refusal_params` why it is not given. `once` is the key under
    which it is given once. `bound`: the visit is dear enough for the limit to tell. `needs_visit`: it holds on some
    visits only, so it is nothing to tell before there is one.
    """

    rule: str
    kind: str
    code: str
    percent: Decimal = ZERO
    params: Params = ()
    line_ids: tuple[UUID, ...] | None = None
    refusal: str | None = None
    refusal_params: Params = ()
    limit: int | None = None
    bound: bool = False
    once: str | None = None
    gift: str | None = None
    offer: str | None = None
    needs_visit: bool = False
    evidence: tuple[Evidence, ...] = ()
    caps: tuple[Cap, ...] = ()
    progress: Progress | None = None

    def refuse(self, code: str, **params: str) -> "Offer":
        """The same, not given, because of `code`; the first reason stands."""
        if self.refusal is None:
            self.refusal, self.refusal_params = code, tuple(params.items())
        return self

    def reward(self, reward: Reward) -> "Offer":
        """The same, giving `reward`."""
        self.percent, self.gift, self.offer = reward.percent, reward.gift, reward.offer
        self.params += in_words(reward)
        return self


def in_words(reward: Reward) -> Params:
    """What is given, whole for an English sentence and by its kind for other languages."""
    if reward.gift is not None:
        return (("reward", f"a gift, {reward.gift}"), ("gift", reward.gift))
    if reward.offer is not None:
        return (("reward", f"an offer, {reward.offer}"), ("offer", reward.offer))
    percent = str(plain(reward.percent))
    return (("reward", f"{percent} %"), ("percent", percent))


def is_one_of(line: WantedLine | BillLine, service_ids: Collection[UUID], categories: Collection[str]) -> bool:
    """Whether a line is one of the services, or of the categories, that are named; none named: any is."""
    if not service_ids and not categories:
        return True
    return line.service_id in service_ids or (line.category is not None and line.category in categories)


def on_visit(case: Case, service_ids: Collection[UUID], categories: Collection[str]) -> tuple[UUID, ...] | None:
    """The lines of the visit that are meant; None: all of them, or no visit is there."""
    if case.visit is None or (not service_ids and not categories):
        return None
    return tuple(line.line_id for line in case.visit.lines if is_one_of(line, service_ids, categories))


def in_segments(segment_ids: Collection[UUID], case: Case) -> tuple[Evidence, ...]:
    """Which of these saved segments the client is in."""
    found = sorted(case.standing.segment_ids.intersection(segment_ids)) if segment_ids else ()
    return tuple(Evidence("segment", counted=True, id=each) for each in found)


def is_rendered(line: BillLine) -> bool:
    """Whether a line is a service that was not given back in full."""
    return line.kind == "service" and not (line.refunded and line.refunded >= line.due)


def is_kept(bill: Bill) -> bool:
    """Whether a visit had a service and was not given back in full: who undoes visits does not collect them."""
    refunded, served = 0, False
    for line in bill.lines:
        refunded += line.refunded
        served = served or line.kind == "service"
    return served and (not refunded or refunded < min(bill.due, bill.paid))


def money_kept(bill: Bill) -> int:
    """What was paid in money and stayed, in minor units: no points, certificates and memberships, refunds off."""
    return max(0, min(bill.due, bill.paid) - bill.tendered - bill.refunded)
