"""The facts of one person, in whatever order they came, and what they say at an instant."""

from bisect import bisect_right, insort
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.loyalty.domain.edges import Naming, naming_of
from services.loyalty.domain.facts import (
    Bill,
    Card,
    Erased,
    Exclusion,
    Fact,
    Occasion,
    PersonalDiscount,
    Review,
    Segmented,
    Staff,
)
from services.loyalty.domain.programme import Criterion
from services.loyalty.domain.qualifying import qualified_since
from services.loyalty.domain.standing import NEVER, Brought, Window


@dataclass(frozen=True, slots=True)
class Traits:
    """What is said of somebody besides whom they name and what they bought."""

    personal: PersonalDiscount | None = None
    occasions: tuple[Window, ...] = ()
    excluded: tuple[tuple[str | None, str | None], ...] = ()
    staff: bool = False
    erased_at: datetime | None = None
    segment_ids: frozenset[UUID] = frozenset()


PLAIN = Traits()
Other = PersonalDiscount | Occasion | Staff | Exclusion | Review | Segmented | Erased


class Person:
    """Facts are kept sorted, each once: so it does not matter when and how often they were told.

    What holds at the newest of them is worked out once, for a what-if asks for it at each visit.
    """

    __slots__ = ("_bills", "_naming", "_newest", "_paid", "_qualified", "_traits", "above", "bills", "brought", "cards",
                 "client_id", "named_by", "others")  # fmt: skip

    def __init__(self, client_id: UUID) -> None:
        self.client_id = client_id
        self.cards: list[Card] = []  # by version
        self.bills: list[Bill] = []  # by instant
        self.others: list[Other] = []
        self.above: list[Person] = []  # everybody whom their card has ever named
        self.named_by: list[Person] = []  # everybody whose card has ever named them
        self.brought: dict[tuple[int, UUID | None], tuple[Brought, ...]] = {}  # kept and forgotten by History
        self._newest = NEVER
        self._naming: Naming | None = None
        self._traits: Traits | None = None
        self._forget_bills()

    def _forget_bills(self) -> None:
        self._bills: tuple[Bill, ...] | None = None
        self._paid: tuple[Bill, ...] | None = None
        self._qualified: dict[Criterion, tuple[datetime | None, str | None]] = {}

    def tell(self, fact: Fact) -> None:
        match fact:
            case Bill():
                self._tell_bill(fact)
            case Card():
                if all(card.version != fact.version for card in self.cards):
                    insort(self.cards, fact, key=lambda card: card.version)
                self._naming = None
            case _:
                if fact not in self.others:
                    self.others.append(fact)
                self._traits = None
        self._newest = max(self._newest, fact.at)

    def _tell_bill(self, bill: Bill) -> None:
        if not self.bills or self.bills[-1].at < bill.at:
            self.bills.append(bill)
            self._add_visit(bill)
            return
        place = bisect_right(self.bills, _order(bill), key=_order)
        if not place or _order(self.bills[place - 1]) != _order(bill):
            self.bills.insert(place, bill)
            self._forget_bills()

    def _add_visit(self, bill: Bill) -> None:
        """What follows from the visits before it follows from them still: one more takes nothing away."""
        known = self._bills
        if not known or known[-1].completed_at >= bill.completed_at or _is_among(bill, known):
            self._forget_bills()
            return
        self._bills = (*known, bill)
        if self._paid is not None and bill.net > 0:
            self._paid = (*self._paid, bill)
        self._qualified = {criterion: met for criterion, met in self._qualified.items() if met[0] is not None}

    def cards_at(self, at: datetime) -> list[Card]:
        return [card for card in self.cards if card.at <= at]

    def naming_at(self, at: datetime) -> Naming | None:
        """Whom or what the card names at `at`; None while there is no card."""
        if at < self._newest:
            return naming_of(self.cards_at(at))
        if self._naming is None:
            self._naming = naming_of(self.cards)
        return self._naming

    def versions_at(self, at: datetime) -> list[Bill]:
        """All versions of all bills that count by `at`, in order of their instants."""
        if not self.bills or self.bills[-1].at <= at:
            return self.bills
        return self.bills[: bisect_right(self.bills, at, key=lambda bill: bill.at)]

    def bills_at(self, at: datetime) -> tuple[Bill, ...]:
        """The visits as they stood at `at`, by completion."""
        if at < self._newest:
            return _as_they_stand(self.versions_at(at))
        if self._bills is None:
            self._bills = _as_they_stand(self.bills)
        return self._bills

    def paid_at(self, at: datetime) -> tuple[Bill, ...]:
        """Those of the visits that brought in something."""
        if at < self._newest:
            return _paid(self.bills_at(at))
        if self._paid is None:
            self._paid = _paid(self.bills_at(at))
        return self._paid

    def qualified_at(self, at: datetime, criterion: Criterion) -> tuple[datetime | None, str | None]:
        if at < self._newest:
            return qualified_since(self.versions_at(at), criterion)
        if criterion not in self._qualified:
            self._qualified[criterion] = qualified_since(self.bills, criterion)
        return self._qualified[criterion]

    def traits_at(self, at: datetime) -> Traits:
        if not self.others:
            return PLAIN
        if at < self._newest:
            return _traits([fact for fact in self.others if fact.at <= at])
        if self._traits is None:
            self._traits = _traits(self.others)
        return self._traits

    def staff_at(self, at: datetime) -> bool:
        return bool(self.others) and _staff([fact for fact in self.others if fact.at <= at])

    def review_at(self, referrer_id: UUID, at: datetime) -> bool | None:
        """What the last look at whether `referrer_id` brought them came to; None: nobody has looked."""
        looks = [
            (fact.at, not fact.holds)
            for fact in self.others
            if isinstance(fact, Review) and fact.referrer_id == referrer_id and fact.at <= at
        ]
        return not max(looks)[1] if looks else None


def _traits(said: list[Other]) -> Traits:
    personal = max(
        (fact for fact in said if isinstance(fact, PersonalDiscount)), key=lambda fact: fact.version, default=None
    )
    erased = min((fact.at for fact in said if isinstance(fact, Erased)), default=None)
    return Traits(personal, _open(said), _excluded(said), _staff(said), erased, _segments(said))


def _as_they_stand(versions: list[Bill]) -> tuple[Bill, ...]:
    newest: dict[UUID, Bill] = {}
    for bill in versions:
        known = newest.get(bill.appointment_id)
        if known is None or known.version < bill.version:
            newest[bill.appointment_id] = bill
    return tuple(sorted(newest.values(), key=lambda bill: (bill.completed_at, bill.appointment_id)))


def _is_among(bill: Bill, known: tuple[Bill, ...]) -> bool:
    visit = bill.appointment_id
    return any(each.appointment_id == visit for each in known)


def _paid(bills: tuple[Bill, ...]) -> tuple[Bill, ...]:
    return tuple(bill for bill in bills if bill.net > 0)


def _order(bill: Bill) -> tuple[datetime, UUID, int]:
    return (bill.at, bill.appointment_id, bill.version)


# Of two facts of one instant the stricter counts: whichever came first, the answer is the same.


def _staff(said: list[Other]) -> bool:
    last = max(((fact.at, fact.staff) for fact in said if isinstance(fact, Staff)), default=None)
    return last is not None and last[1]


def _open(said: list[Other]) -> tuple[Window, ...]:
    last: dict[tuple[str, int], Occasion] = {}
    for fact in said:
        if isinstance(fact, Occasion):
            known = last.get((fact.kind, fact.year))
            if known is None or (known.at, not known.open) < (fact.at, not fact.open):
                last[fact.kind, fact.year] = fact
    return tuple(Window(kind, year, fact.at) for (kind, year), fact in sorted(last.items()) if fact.open)


def _excluded(said: list[Other]) -> tuple[tuple[str | None, str | None], ...]:
    last: dict[str | None, Exclusion] = {}
    for fact in said:
        if isinstance(fact, Exclusion):
            known = last.get(fact.rule)
            if known is None or _strictness(known) < _strictness(fact):
                last[fact.rule] = fact
    return tuple((rule, last[rule].reason) for rule in sorted(last, key=lambda each: each or "") if last[rule].excluded)


def _strictness(fact: Exclusion) -> tuple[datetime, bool, str]:
    return (fact.at, fact.excluded, fact.reason or "")


def _segments(said: list[Other]) -> frozenset[UUID]:
    """Somebody is in a segment if any of the cards that became theirs is."""
    last: dict[tuple[UUID, UUID], Segmented] = {}
    for fact in said:
        if isinstance(fact, Segmented):
            known = last.get((fact.segment_id, fact.card_id))
            if known is None or known.position < fact.position:
                last[fact.segment_id, fact.card_id] = fact
    return frozenset(fact.segment_id for fact in last.values() if fact.member)
