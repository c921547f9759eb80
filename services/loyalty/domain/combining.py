"""How what the rules offer becomes one discount: groups, caps, one rounding; lines and parts add up to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from kernel.money import percent_of, share_out
from services.loyalty.domain.programme import Combination
from services.loyalty.domain.referrals import plain
from services.loyalty.domain.rounding import apportioned, half_up, split
from services.loyalty.domain.rules.offer import ZERO, Offer
from services.loyalty.domain.stacking import NOTHING, Stack, stacked
from services.loyalty.domain.standing import Visit
from services.loyalty.domain.verdict import Cap, LineDiscount

HUNDRED = Decimal(100)
# Without a visit the discount is worked out on one line of this price, so that its minor units are hundredths of 1 %.
A_WHOLE = 10_000
Pattern = tuple[int, ...]  # the offers that are meant for a line, by their place


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
    if _is_plain(combination, [offers[place] for place in live]):
        outcome = _best(combination, offers, live, visit)
        if outcome is not None:
            return outcome
    return _General(combination, offers, live, visit).outcome()


def _mark_bound(live: Sequence[Offer], visit: Visit) -> None:
    """Mark the offers that come to more than their limit in money on this visit."""
    for offer in live:
        if offer.limit is not None:
            offer.bound = offer.percent * sum(line.price for line in visit.lines) > offer.limit * 100


def _nothing(visit: Visit | None) -> Outcome:
    lines = visit.lines if visit is not None else ()
    return Outcome(lines=tuple(LineDiscount(line.line_id, 0, ZERO) for line in lines))


def _is_plain(combination: Combination, live: Sequence[Offer]) -> bool:
    """Whether there is only the best of percentages of the whole visit: by far the most frequent case."""
    return (
        combination.by == "best"
        and not combination.groups
        and all(offer.line_ids is None and not offer.bound for offer in live)
    )


def _best(
    combination: Combination, offers: Sequence[Offer], live: Sequence[int], visit: Visit | None
) -> Outcome | None:
    """What `_General` finds, in a fifth of the time; None where rounding would lead over the cap of a line."""
    best = max(live, key=lambda place: offers[place].percent)
    winner = offers[best]
    cap = min(combination.max_percent_per_line, combination.max_percent_per_visit, HUNDRED)
    if winner.percent > cap or (visit is None and winner.percent * 100 % 1):
        return None
    outcome = Outcome(winner.percent, percents={best: winner.percent})
    if visit is not None:
        prices = [line.price for line in visit.lines]
        outcome.discount = percent_of(sum(prices), winner.percent)
        shares = share_out(outcome.discount, prices)
        if cap < HUNDRED and not _is_within(cap, outcome.discount, shares, prices):
            return None
        outcome.amounts = {best: outcome.discount}
        outcome.lines = tuple(
            LineDiscount(line.line_id, share, winner.percent) for line, share in zip(visit.lines, shares, strict=True)
        )
    for place in live:
        if place != best:
            _lost(offers[place], winner)
    return outcome


def _is_within(cap: Decimal, whole: int, shares: Sequence[int], prices: Sequence[int]) -> bool:
    return 100 * whole <= cap * sum(prices) and all(
        100 * share <= cap * price for share, price in zip(shares, prices, strict=True)
    )


def _lost(offer: Offer, winner: Offer | None) -> None:
    """Say what was better; None: what there was had been given before."""
    if winner is None:
        offer.refuse("nothing_left")
    elif winner.kind == "personal":
        offer.refuse("less_than_personal")
    elif offer.kind == "personal" and winner.kind != "promotion":
        offer.refuse("less_than_programme")
    else:
        offer.refuse("less_than", by=dict(winner.params).get("name", winner.rule))


def rounded(number: Fraction, places: int) -> Decimal:
    """`number`, not negative, to so many places, halves up, without trailing zeros."""
    if number.denominator == 1:
        return Decimal(number.numerator)
    return plain(Decimal(half_up(number * 10**places)).scaleb(-places))


class _General:
    """Any combination, exact until the one rounding.

    Lines for which the same offers are meant come to the same: `patterns` says by line which of the offers those are.
    """

    def __init__(
        self, combination: Combination, offers: Sequence[Offer], live: Sequence[int], visit: Visit | None
    ) -> None:
        self.combination = combination
        self.offers = offers
        self.visit = visit
        self.live = live
        line_ids: list[UUID | None] = [None] if visit is None else [line.line_id for line in visit.lines]
        self.prices = [A_WHOLE] if visit is None else [line.price for line in visit.lines]
        self.whole = sum(self.prices)
        self.patterns = [tuple(place for place in live if _is_for(offers[place], line_id)) for line_id in line_ids]
        self.percents = {place: self._percent(offers[place]) for place in live}
        self.stacks = {pattern: self._stack(pattern) for pattern in dict.fromkeys(self.patterns)}
        self.caps: list[Cap] = []
        self.scale = Fraction(1)  # what the cap of the visit leaves of everything

    def _percent(self, offer: Offer) -> Decimal | Fraction:
        """What is offered, less where a limit in money is nearer; then of every line alike."""
        if not offer.bound or offer.limit is None:
            return offer.percent
        offer.caps += (Cap("budget", rounded(Fraction(offer.percent) * self.whole / 100, 0), Decimal(offer.limit)),)
        return Fraction(100 * offer.limit, self.whole)

    def _stack(self, pattern: Pattern) -> Stack:
        return stacked(self.combination, tuple((self.offers[place].rule, self.percents[place]) for place in pattern))

    def outcome(self) -> Outcome:
        self._tell_losers()
        self._cap_lines()
        exact = [price * self.stacks[pattern].rate for price, pattern in zip(self.prices, self.patterns, strict=True)]
        whole = self._cap_visit(sum(exact, NOTHING))
        most = [_part_of(price, self.combination.max_percent_per_line) for price in self.prices]
        discount = self._round(whole, sum(room for room, each in zip(most, exact, strict=True) if each))
        amounts = self._amounts(discount)
        if self.visit is None:
            percents = {place: plain(Decimal(amount).scaleb(-2)) for place, amount in amounts.items()}
            return Outcome(plain(Decimal(discount).scaleb(-2)), percents=percents, caps=tuple(self.caps))
        percents = {place: self._of_its_lines(place) for place in self.live}
        of_lines = {pattern: self._told(100 * stack.rate) for pattern, stack in self.stacks.items()}
        lines = tuple(
            LineDiscount(line.line_id, taken, of_lines[pattern])
            for line, taken, pattern in zip(
                self.visit.lines, apportioned(discount, exact, most), self.patterns, strict=True
            )
        )
        percent = rounded(100 * whole / self.whole, 4) if self.whole else min(of_lines.values(), default=ZERO)
        return Outcome(percent, discount, percents, amounts, lines, tuple(self.caps))

    def _tell_losers(self) -> None:
        for place in self.live:
            meant = [pattern for pattern in self.patterns if place in pattern]
            if any(self.stacks[pattern].chosen[pattern.index(place)] for pattern in meant):
                continue
            if not meant:
                self.offers[place].refuse("nothing_to_price")
                continue
            share, best = max(zip(self.stacks[meant[0]].chosen, meant[0], strict=True), key=lambda each: each[0])
            better = share and self.percents[best] >= self.percents[place]
            _lost(self.offers[place], self.offers[best] if better else None)

    def _cap_lines(self) -> None:
        """Say what the stacks have done."""
        before = max((stack.before for stack in self.stacks.values()), default=NOTHING)
        cap = min(self.combination.max_percent_per_line, HUNDRED)
        if before > cap:
            self.caps.append(Cap("max_percent_per_line", rounded(before, 4), plain(cap)))

    def _cap_visit(self, whole: Fraction) -> Fraction:
        cap = min(self.combination.max_percent_per_visit, HUNDRED)
        if cap == HUNDRED or 100 * whole <= Fraction(cap) * self.whole:
            return whole
        most = Fraction(cap) * self.whole / 100
        self.caps.append(Cap("max_percent_per_visit", rounded(100 * whole / self.whole, 4), plain(cap)))
        self.scale = most / whole
        return most

    def _round(self, exact: Fraction, room: int) -> int:
        """The one rounding; down instead where it would lead over a cap."""
        wished = half_up(exact)
        discount = min(wished, room, _part_of(self.whole, self.combination.max_percent_per_visit))
        if discount < wished:
            self.caps.append(Cap("whole_units", Decimal(wished), Decimal(discount)))
        return discount

    def _amounts(self, discount: int) -> dict[int, int]:
        """What each offer takes off, in whole units."""
        exact = dict.fromkeys(self.live, NOTHING)
        for price, pattern in zip(self.prices, self.patterns, strict=True):
            for place, rate in zip(pattern, self.stacks[pattern].rates, strict=True):
                if rate:
                    exact[place] += price * rate
        found = list(exact.values()) if self.scale == 1 else [each * self.scale for each in exact.values()]
        return dict(zip(exact, split(discount, found), strict=True))

    def _of_its_lines(self, place: int) -> Decimal:
        """What an offer comes to, in per cent of the lines that it is for."""
        meant = [
            (price, self.stacks[pattern].rates[pattern.index(place)])
            for price, pattern in zip(self.prices, self.patterns, strict=True)
            if place in pattern
        ]
        if len({rate for _, rate in meant}) == 1:
            return self._told(100 * meant[0][1])
        price = sum(price for price, _ in meant)
        return self._told(100 * sum((each * rate for each, rate in meant), NOTHING) / price) if price else ZERO

    def _told(self, percent: Fraction) -> Decimal:
        return rounded(percent if self.scale == 1 else percent * self.scale, 4)


def _is_for(offer: Offer, line_id: UUID | None) -> bool:
    return offer.line_ids is None or line_id in offer.line_ids


def _part_of(amount: int, cap: Decimal) -> int:
    """`cap` per cent of `amount`, rounded down, and not more than it."""
    return amount if cap >= HUNDRED else int(amount * cap // HUNDRED)
