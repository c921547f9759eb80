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
from services.loyalty.domain.standing import Visit
from services.loyalty.domain.verdict import Cap, LineDiscount

HUNDRED = Decimal(100)
NOTHING = Fraction(0)
# Without a visit the discount is worked out on one line of this price, so that its minor units are hundredths of 1 %.
A_WHOLE = 10_000
Pattern = tuple[bool, ...]  # which of the offers are meant for a line
Shares = dict[Pattern, list[Fraction]]


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

    `shares` are what each offer gives of a line, in per cent. Lines for which the same offers are meant have them in
    common: `patterns` says by line which offers those are.
    """

    def __init__(
        self, combination: Combination, offers: Sequence[Offer], live: Sequence[int], visit: Visit | None
    ) -> None:
        self.combination = combination
        self.offers = offers
        self.visit = visit
        self.live = list(live)
        line_ids: list[UUID | None] = [None] if visit is None else [line.line_id for line in visit.lines]
        self.prices = [A_WHOLE] if visit is None else [line.price for line in visit.lines]
        self.whole = sum(self.prices)
        self.patterns = [tuple(self._meant(offers[place], line_id) for place in live) for line_id in line_ids]
        self.groups = self._groups()
        self.percents = [self._percent(offers[place]) for place in live]
        self.line_cap = min(Fraction(combination.max_percent_per_line), Fraction(100))
        self.visit_cap = min(Fraction(combination.max_percent_per_visit), Fraction(100))
        self.caps: list[Cap] = []

    @staticmethod
    def _meant(offer: Offer, line_id: UUID | None) -> bool:
        return offer.line_ids is None or line_id in offer.line_ids

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
        if not offer.bound or offer.limit is None:
            return percent
        offer.caps += (Cap("budget", rounded(percent * self.whole / 100, 0), Decimal(offer.limit)),)
        return Fraction(100 * offer.limit, self.whole)

    def outcome(self) -> Outcome:
        shares = {pattern: self._on_line(pattern) for pattern in dict.fromkeys(self.patterns)}
        self._tell_losers(shares)
        self._cap_lines(shares)
        exact = self._exact(shares)
        exact = self._cap_visit(shares, exact)
        most = [_part_of(price, self.line_cap) for price in self.prices]
        discount = self._round(sum(exact, NOTHING), sum(room for room, each in zip(most, exact, strict=True) if each))
        return self._told(shares, exact, discount, apportioned(discount, exact, most))

    def _on_line(self, pattern: Pattern) -> list[Fraction]:
        """What each offer gives of one line once groups have chosen and are put together."""
        shares = [NOTHING] * len(self.live)
        left = Fraction(1)
        best: tuple[Fraction, list[int]] = (NOTHING, [])
        for by, group in self.groups:
            there = [place for place in group if pattern[place]]
            if by == "best" and there:
                there = [max(there, key=lambda place: self.percents[place])]
            total = min(sum((self.percents[place] for place in there), NOTHING), Fraction(100))
            if self.combination.by == "best":
                best = max(best, (total, there), key=lambda each: each[0])
                continue
            for place in there:
                shares[place] = self.percents[place] * left
            if self.combination.by == "cascade":
                _shrink(shares, there, total * left)
                left *= 1 - total / 100
        for place in best[1]:
            shares[place] = self.percents[place]
        return shares

    def _tell_losers(self, shares: Shares) -> None:
        for place, number in enumerate(self.live):
            meant = [shares[pattern] for pattern in self.patterns if pattern[place]]
            if any(line[place] for line in meant):
                continue
            if not meant:
                self.offers[number].refuse("nothing_to_price")
                continue
            best = max(range(len(self.live)), key=lambda each: meant[0][each])
            better = meant[0][best] and self.percents[best] >= self.percents[place]
            _lost(self.offers[number], self.offers[self.live[best]] if better else None)

    def _cap_lines(self, shares: Shares) -> None:
        before = max((sum(line, NOTHING) for line in shares.values()), default=NOTHING)
        if before > self.line_cap:
            self.caps.append(Cap("max_percent_per_line", rounded(before, 4), rounded(self.line_cap, 4)))
            for line in shares.values():
                _shrink(line, range(len(line)), self.line_cap)

    def _exact(self, shares: Shares) -> list[Fraction]:
        percents = {pattern: sum(line, NOTHING) / 100 for pattern, line in shares.items()}
        return [price * percents[pattern] for price, pattern in zip(self.prices, self.patterns, strict=True)]

    def _cap_visit(self, shares: Shares, exact: list[Fraction]) -> list[Fraction]:
        whole = sum(exact, NOTHING)
        if 100 * whole <= self.visit_cap * self.whole:
            return exact
        percent = 100 * whole / self.whole
        self.caps.append(Cap("max_percent_per_visit", rounded(percent, 4), rounded(self.visit_cap, 4)))
        for line in shares.values():
            line[:] = [share * self.visit_cap / percent for share in line]
        return self._exact(shares)

    def _round(self, exact: Fraction, room: int) -> int:
        """The one rounding; down instead where it would lead over a cap."""
        wished = half_up(exact)
        discount = min(wished, room, _part_of(self.whole, self.visit_cap))
        if discount < wished:
            self.caps.append(Cap("whole_units", Decimal(wished), Decimal(discount)))
        return discount

    def _told(self, shares: Shares, exact: Sequence[Fraction], discount: int, taken: Sequence[int]) -> Outcome:
        priced = list(zip(self.prices, self.patterns, strict=True))
        by_offer = [
            sum((price * shares[pattern][place] for price, pattern in priced if pattern[place]), NOTHING) / 100
            for place in range(len(self.live))
        ]
        amounts = dict(zip(self.live, split(discount, by_offer), strict=True))
        if self.visit is None:
            percents = {number: plain(Decimal(amount).scaleb(-2)) for number, amount in amounts.items()}
            return Outcome(plain(Decimal(discount).scaleb(-2)), percents=percents, caps=tuple(self.caps))
        percents = {number: self._of_its_lines(place, shares) for place, number in enumerate(self.live)}
        of_lines = {pattern: rounded(sum(line, NOTHING), 4) for pattern, line in shares.items()}
        lines = tuple(
            LineDiscount(line.line_id, each, of_lines[pattern])
            for line, each, pattern in zip(self.visit.lines, taken, self.patterns, strict=True)
        )
        whole = (
            rounded(100 * sum(exact, NOTHING) / self.whole, 4) if self.whole else min(of_lines.values(), default=ZERO)
        )
        return Outcome(whole, discount, percents, amounts, lines, tuple(self.caps))

    def _of_its_lines(self, place: int, shares: Shares) -> Decimal:
        """What an offer comes to, in per cent of the lines that it is for."""
        found = {shares[pattern][place] for pattern in self.patterns if pattern[place]}
        if len(found) == 1:
            return rounded(found.pop(), 4)
        meant = [
            (price, shares[pattern][place])
            for price, pattern in zip(self.prices, self.patterns, strict=True)
            if pattern[place]
        ]
        price = sum(price for price, _ in meant)
        return rounded(sum((each * share for each, share in meant), NOTHING) / price, 4) if price else ZERO


def _part_of(amount: int, percent: Fraction) -> int:
    """`percent` of `amount`, rounded down."""
    return amount * percent.numerator // (100 * percent.denominator)


def _shrink(shares: list[Fraction], places: Sequence[int], total: Fraction) -> None:
    """Keep `places` together within `total`."""
    there = sum((shares[place] for place in places), NOTHING)
    if there > total:
        for place in places:
            shares[place] = shares[place] * total / there
