"""How what the rules offer becomes one discount: groups, caps, one rounding; lines and parts add up to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import floor
from uuid import UUID

from kernel.money import percent_of, share_out
from services.loyalty.domain.programme import Combination
from services.loyalty.domain.referrals import plain
from services.loyalty.domain.rounding import apportioned, half_up, split
from services.loyalty.domain.rules.offer import ZERO, Offer
from services.loyalty.domain.standing import Visit
from services.loyalty.domain.verdict import Cap, LineDiscount

HUNDRED = Decimal(100)
NOTHING = Fraction(0)
# Without a visit the discount is worked out on one line of this price, so that its minor units are hundredths of 1 %.
A_WHOLE = 10_000


@dataclass(slots=True)
class Outcome:
    """What came of the offers: `percents` and `amounts` are by offer, in their order."""

    percent: Decimal = ZERO
    discount: int = 0
    percents: dict[int, Decimal] = field(default_factory=dict)
    amounts: dict[int, int] = field(default_factory=dict)
    lines: tuple[LineDiscount, ...] = ()
    caps: tuple[Cap, ...] = ()


def combine(combination: Combination, offers: Sequence[Offer], visit: Visit | None) -> Outcome:
    """One discount out of `offers`; those that come to nothing are told why."""
    live = [place for place, offer in enumerate(offers) if offer.refusal is None and offer.percent > 0]
    if not live:
        return _nothing(visit)
    if visit is not None:
        _mark_bound([offers[place] for place in live], visit)
    if _plain(combination, [offers[place] for place in live]):
        return _best(offers, live, visit)
    return _Sum(combination, offers, live, visit).outcome()


def _mark_bound(live: Sequence[Offer], visit: Visit) -> None:
    """Mark the offers that come to more than their limit in money on this visit."""
    for offer in live:
        if offer.limit is not None:
            offer.bound = offer.percent * sum(line.price for line in visit.lines) > offer.limit * 100


def _nothing(visit: Visit | None) -> Outcome:
    lines = visit.lines if visit is not None else ()
    return Outcome(lines=tuple(LineDiscount(line.line_id, 0, ZERO) for line in lines))


def _plain(combination: Combination, live: Sequence[Offer]) -> bool:
    """Whether there is only the best of percentages of the whole visit: by far the most frequent case."""
    return (
        combination.by == "best"
        and not combination.groups
        and combination.max_percent_per_line >= HUNDRED
        and combination.max_percent_per_visit >= HUNDRED
        and all(offer.line_ids is None and not offer.bound and offer.percent <= HUNDRED for offer in live)
    )


def _best(offers: Sequence[Offer], live: Sequence[int], visit: Visit | None) -> Outcome:
    best = max(live, key=lambda place: offers[place].percent)
    winner = offers[best]
    for place in live:
        if place != best:
            _lost(offers[place], winner)
    outcome = Outcome(winner.percent, percents={best: winner.percent})
    if visit is not None:
        prices = [line.price for line in visit.lines]
        outcome.discount = percent_of(sum(prices), winner.percent)
        outcome.amounts = {best: outcome.discount}
        outcome.lines = tuple(
            LineDiscount(line.line_id, share, winner.percent)
            for line, share in zip(visit.lines, share_out(outcome.discount, prices), strict=True)
        )
    return outcome


def _lost(offer: Offer, winner: Offer | None) -> None:
    """Say what was better."""
    if winner is None or winner.percent < offer.percent:
        offer.refuse("nothing_left")
    elif winner.kind == "personal":
        offer.refuse("less_than_personal")
    elif offer.kind == "personal" and winner.kind != "promotion":
        offer.refuse("less_than_programme")
    else:
        offer.refuse("less_than", by=dict(winner.params).get("name", winner.rule))


def rounded(number: Fraction, places: int) -> Decimal:
    """`number`, not negative, to so many places, halves up, without trailing zeros."""
    return plain(Decimal(half_up(number * 10**places)).scaleb(-places))


class _Sum:
    """The general case, exact until the one rounding; `shares` is by line and then by offer, in per cent."""

    def __init__(
        self, combination: Combination, offers: Sequence[Offer], live: Sequence[int], visit: Visit | None
    ) -> None:
        self.combination = combination
        self.offers = offers
        self.visit = visit
        self.live = list(live)
        self.line_ids: list[UUID | None] = [None] if visit is None else [line.line_id for line in visit.lines]
        self.prices = [A_WHOLE] if visit is None else [line.price for line in visit.lines]
        self.whole = sum(self.prices)
        self.groups = self._groups()
        self.percents = [self._percent(offers[place]) for place in live]
        self.line_cap = min(Fraction(combination.max_percent_per_line), Fraction(100))
        self.visit_cap = min(Fraction(combination.max_percent_per_visit), Fraction(100))
        self.caps: list[Cap] = []

    def _groups(self) -> list[tuple[str, list[int]]]:
        """How each group chooses, and the offers in it, as places in `live`; first the groups that are named."""
        names = [self.offers[place].rule for place in self.live]
        groups: list[tuple[str, list[int]]] = []
        rest = set(range(len(names)))
        for group in self.combination.groups:
            places = [place for name in group.of for place in range(len(names)) if names[place] == name]
            rest.difference_update(places)
            groups.append((group.by, places))
        return [*(each for each in groups if each[1]), *([("best", sorted(rest))] if rest else [])]

    def _percent(self, offer: Offer) -> Fraction:
        """What is offered, less where a limit in money is nearer; then of every line alike."""
        percent = min(Fraction(offer.percent), Fraction(100))
        if not offer.bound or offer.limit is None or not self.whole:
            return percent
        offer.caps += (Cap("budget", rounded(percent * self.whole / 100, 0), Decimal(offer.limit)),)
        return min(percent, Fraction(100 * offer.limit, self.whole))

    def outcome(self) -> Outcome:
        shares = [self._on_line(line_id) for line_id in self.line_ids]
        self._tell_losers(shares)
        self._cap_lines(shares)
        self._cap_visit(shares)
        exact = [price * sum(line, NOTHING) / 100 for price, line in zip(self.prices, shares, strict=True)]
        most = [floor(price * self.line_cap / 100) for price in self.prices]
        discount = self._round(sum(exact, NOTHING), sum(room for room, each in zip(most, exact, strict=True) if each))
        taken = apportioned(discount, exact, most)
        return self._told(shares, discount, taken)

    def _on_line(self, line_id: UUID | None) -> list[Fraction]:
        """What each offer gives of one line once groups have chosen and are put together."""
        shares = [NOTHING] * len(self.live)
        left = Fraction(1)
        best: tuple[Fraction, list[int]] = (NOTHING, [])
        for by, group in self.groups:
            there = [place for place in group if self._is_for(place, line_id)]
            if by == "best" and there:
                there = [max(there, key=lambda place: self.percents[place])]
            total = min(sum((self.percents[place] for place in there), NOTHING), Fraction(100))
            if self.combination.by == "best":
                best = max(best, (total, there), key=lambda each: each[0])
                continue
            for place in there:
                shares[place] = self.percents[place] * left
            if self.combination.by == "cascade":
                self._shrink(shares, there, total * left)
                left *= 1 - total / 100
        for place in best[1]:
            shares[place] = self.percents[place]
        return shares

    @staticmethod
    def _shrink(shares: list[Fraction], places: Sequence[int], total: Fraction) -> None:
        """Keep `places` together within `total`."""
        there = sum((shares[place] for place in places), NOTHING)
        if there > total:
            for place in places:
                shares[place] = shares[place] * total / there

    def _is_for(self, place: int, line_id: UUID | None) -> bool:
        meant = self.offers[self.live[place]].line_ids
        return meant is None or line_id in meant

    def _tell_losers(self, shares: Sequence[Sequence[Fraction]]) -> None:
        for place, number in enumerate(self.live):
            if any(line[place] for line in shares):
                continue
            there = [line for line, line_id in zip(shares, self.line_ids, strict=True) if self._is_for(place, line_id)]
            if not there:
                self.offers[number].refuse("nothing_to_price")
                continue
            best = max(range(len(self.live)), key=lambda each: there[0][each])
            _lost(self.offers[number], self.offers[self.live[best]] if there[0][best] else None)

    def _cap_lines(self, shares: list[list[Fraction]]) -> None:
        before = max((sum(line, NOTHING) for line in shares), default=NOTHING)
        if before > self.line_cap:
            self.caps.append(Cap("max_percent_per_line", rounded(before, 4), rounded(self.line_cap, 4)))
        for line in shares:
            self._shrink(line, range(len(line)), self.line_cap)

    def _cap_visit(self, shares: list[list[Fraction]]) -> None:
        if not self.whole:
            return
        exact = (price * sum(line, NOTHING) for price, line in zip(self.prices, shares, strict=True))
        percent = sum(exact, NOTHING) / self.whole
        if percent > self.visit_cap:
            self.caps.append(Cap("max_percent_per_visit", rounded(percent, 4), rounded(self.visit_cap, 4)))
            for line in shares:
                line[:] = [share * self.visit_cap / percent for share in line]

    def _round(self, exact: Fraction, room: int) -> int:
        """The one rounding; down instead where it would lead over a cap."""
        wished = half_up(exact)
        discount = min(wished, room, floor(self.whole * self.visit_cap / 100))
        if discount < wished:
            self.caps.append(Cap("whole_units", Decimal(wished), Decimal(discount)))
        return discount

    def _told(self, shares: Sequence[Sequence[Fraction]], discount: int, taken: Sequence[int]) -> Outcome:
        by_offer = [
            sum((price * line[place] for price, line in zip(self.prices, shares, strict=True)), NOTHING) / 100
            for place in range(len(self.live))
        ]
        amounts = dict(zip(self.live, split(discount, by_offer), strict=True))
        if self.visit is None:
            percents = {number: plain(Decimal(amount).scaleb(-2)) for number, amount in amounts.items()}
            return Outcome(plain(Decimal(discount).scaleb(-2)), percents=percents, caps=tuple(self.caps))
        percents = {number: self._of_its_lines(place, shares) for place, number in enumerate(self.live)}
        lines = tuple(
            LineDiscount(line.line_id, each, rounded(sum(share, NOTHING), 4))
            for line, each, share in zip(self.visit.lines, taken, shares, strict=True)
        )
        whole = rounded(100 * sum(by_offer, NOTHING) / self.whole, 4) if self.whole else ZERO
        return Outcome(whole, discount, percents, amounts, lines, tuple(self.caps))

    def _of_its_lines(self, place: int, shares: Sequence[Sequence[Fraction]]) -> Decimal:
        """What an offer comes to, in per cent of the lines that it is for."""
        meant = [index for index, line_id in enumerate(self.line_ids) if self._is_for(place, line_id)]
        price = sum(self.prices[index] for index in meant)
        if not price:
            return rounded(max((shares[index][place] for index in meant), default=NOTHING), 4)
        return rounded(sum((self.prices[index] * shares[index][place] for index in meant), NOTHING) / price, 4)
