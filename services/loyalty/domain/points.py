"""Bonus points: what a visit earns, what they pay, in which order they are spent, and when they lapse.

The ledger holds signed entries in whole points. What is left of each lot of them follows from the entries alone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from uuid import UUID

from kernel.errors import Invalid
from services.loyalty.domain.programme import Points

# Points that a salon gives back were not there to be spent meanwhile: so much time they have at least.
GRACE = timedelta(days=30)
MOST = 10**12  # points of one entry


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: `points` came (above zero, until `expires_at`) or went.

    What is taken back of a visit's goes from what it earned first; what lapsed goes from `lot_id` alone. `redeems`: it
    pays for the visit.
    """

    id: UUID
    points: int
    expires_at: datetime | None = None
    appointment_id: UUID | None = None
    lot_id: UUID | None = None
    takes_back: bool = False
    redeems: bool = False


@dataclass(slots=True)
class Lot:
    """What is left of the points that came by one entry; None: they never lapse."""

    entry_id: UUID
    left: int
    expires_at: datetime | None
    appointment_id: UUID | None


@dataclass(frozen=True, slots=True)
class Spent:
    """Points of one redemption that were taken from a lot which would have lapsed at `expires_at`."""

    points: int
    expires_at: datetime | None


class Lots:
    """What is left of each lot after all entries in their order; `debt` is what went and was not there any more."""

    def __init__(self) -> None:
        self.debt = 0
        self._lots: list[Lot] = []
        self._spent: dict[UUID, list[Spent]] = {}

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Lots":
        lots = cls()
        for entry in entries:
            lots.apply(entry)
        return lots

    @property
    def balance(self) -> int:
        return sum(lot.left for lot in self._lots) - self.debt

    @property
    def next_expiry(self) -> datetime | None:
        """When the next of what is left lapses."""
        return min((lot.expires_at for lot in self._lots if lot.left and lot.expires_at), default=None)

    def by_expiry(self) -> list[Lot]:
        """Lots with something left, in the order in which they are spent: first what lapses first."""
        return sorted((lot for lot in self._lots if lot.left), key=_lapses)

    def apply(self, entry: Entry) -> None:
        if entry.points > 0:
            self._come(entry)
        elif entry.points < 0:
            self._go(entry)

    def lapsed(self, at: datetime, set_aside: int = 0) -> list[tuple[Lot, int]]:
        """What has lapsed by `at`, by lot. What is set aside for a visit would be spent first, and waits for it."""
        gone = []
        for lot in self.by_expiry():
            kept = min(lot.left, set_aside)
            set_aside -= kept
            if lot.expires_at is not None and lot.expires_at <= at and lot.left > kept:
                gone.append((lot, lot.left - kept))
        return gone

    def spent_on(self, appointment_id: UUID) -> list[Spent]:
        """What paid for a visit, as it was taken."""
        return list(self._spent.get(appointment_id, ()))

    def _come(self, entry: Entry) -> None:
        """New points pay off a debt first."""
        paid = min(self.debt, entry.points)
        self.debt -= paid
        self._lots.append(Lot(entry.id, entry.points - paid, entry.expires_at, entry.appointment_id))

    def _go(self, entry: Entry) -> None:
        wanted = -entry.points
        for lot in self._in_turn(entry):
            taken = min(lot.left, wanted)
            if not taken:
                continue
            lot.left -= taken
            wanted -= taken
            if entry.redeems and entry.appointment_id is not None:
                self._spent.setdefault(entry.appointment_id, []).append(Spent(taken, lot.expires_at))
        self.debt += wanted

    def _in_turn(self, entry: Entry) -> list[Lot]:
        if entry.lot_id is not None:
            return [lot for lot in self._lots if lot.entry_id == entry.lot_id]
        lots = self.by_expiry()
        if entry.takes_back and entry.appointment_id is not None:
            lots.sort(key=lambda lot: lot.appointment_id != entry.appointment_id)  # stable: the rest stays in order
        return lots


def _lapses(lot: Lot) -> tuple[bool, float]:
    return (lot.expires_at is None, lot.expires_at.timestamp() if lot.expires_at else 0.0)


def given_back(spent: Iterable[Spent], points: int, already: int, at: datetime) -> Iterator[Spent]:
    """`points` of what was `spent` as they come back, after `already` came back: what was taken last comes first.

    They lapse when they would have, but not within `GRACE` of `at`.
    """
    skipped = already
    for each in reversed(list(spent)):
        left = each.points - min(skipped, each.points)
        skipped -= each.points - left
        taken = min(left, points)
        if taken:
            points -= taken
            yield Spent(taken, each.expires_at and max(each.expires_at, at + GRACE))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a completed visit came to, refunds taken off, in minor units.

    `services` of the `net` are for services; `money` is what of it was paid in money: points, certificates and
    memberships pay nothing that earns. `kept` is how much of what was due is there.
    """

    due: int
    net: int
    services: int
    money: int
    kept: int
    served: bool  # at least one service

    @property
    def counts(self) -> bool:
        """Not if nothing was paid for it, or all of it went back; a visit that was free does."""
        return self.served and (self.due == 0 or self.kept > 0)

    @property
    def money_for_services(self) -> int:
        """Money pays each line in proportion."""
        if self.net <= 0 or self.services <= 0:
            return 0
        money = max(0, min(self.money, self.net))
        return min(money * self.services // self.net, self.services)


def receipt_of(nets: Iterable[tuple[str, int]], *, due: int, paid: int, refunded: int, money: int) -> Receipt:
    """What points go by of a bill whose lines, of a kind each, came to `nets`."""
    lines = list(nets)
    services = [net for kind, net in lines if kind == "service"]
    return Receipt(
        due=due,
        net=sum(net for _, net in lines),
        services=sum(services),
        money=money,
        kept=min(due, paid) - refunded,
        served=bool(services),
    )


def earned(rules: Points, receipt: Receipt) -> int:
    """What a visit earns by its bill as it stands: whole points, rounded down."""
    if not receipt.counts:
        return 0
    share = rules.percent * receipt.money_for_services / 100
    return rules.per_visit + int((share / rules.value).to_integral_value(ROUND_FLOOR))


def lapses_at(rules: Points, since: datetime) -> datetime | None:
    """When points that came `since` then lapse."""
    return None if rules.expire_after_days is None else since + timedelta(days=rules.expire_after_days)


def payable(rules: Points, due: int) -> int:
    """How many points a visit of `due` minor units may be paid with."""
    most = Decimal(due) * rules.max_percent_of_visit / 100
    return int(most.to_integral_value(ROUND_FLOOR)) // rules.value


def check_payment(rules: Points, amount: int, due: int, place: str) -> int:
    """How many points pay `amount` minor units of a visit of `due`."""
    if amount <= 0:
        raise Invalid.field(place, "amount_not_positive", "a payment is more than nothing")
    points, rest = divmod(amount, rules.value)
    if rest:
        raise Invalid.field(place, "points_not_whole", f"points are whole: {rules.value} minor units each")
    if points > payable(rules, due):
        percent = f"{rules.max_percent_of_visit:f}"
        raise Invalid.field(place, "points_over_cap", f"points pay at most {percent} per cent of a visit")
    return points


def left_after_refund(net: int, value: int) -> int:
    """How many points stay redeemed when `net` minor units of the payment do: only whole ones go back."""
    return -(-max(net, 0) // value)
