"""The referral graph over time: what was true of a client at any instant, by the facts that count from then on."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from services.loyalty.domain.edges import NOBODY, Edge, Judgement, Naming, Seen, check, crowded, parent_of, stretches
from services.loyalty.domain.facts import Card, Fact, Review, Staff
from services.loyalty.domain.person import Person
from services.loyalty.domain.programme import Checks, Criterion, Programme
from services.loyalty.domain.standing import NEVER, Brought, Standing

INSTANT = timedelta(microseconds=1)


class History:
    """Facts of any people, told in any order and any number of times; all answers are functions of the set of them.

    It is fast where facts are told in order of `at` and asked about as of the newest: then what was worked out of a
    person and those below is kept until a fact bears on it. For `client_id`s answer it needs the facts of the client,
    of everybody below down to the programme's depth whose card ever named them (or those who did), and the cards of
    everybody above for loops.
    """

    def __init__(self) -> None:
        self._people: dict[UUID, Person] = {}
        self._newest = NEVER
        self._depth = 1  # the deepest programme that was asked about
        self._lenses: dict[tuple[Criterion, Checks, int], int] = {}
        self._programmes: dict[int, tuple[Programme, int]] = {}

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "History":
        history = cls()
        for fact in facts:
            history.apply(fact)
        return history

    def apply(self, fact: Fact) -> None:
        """Take in one more fact, wherever in time it lies."""
        person = self._person(fact.client_id)
        if isinstance(fact, Card) and fact.referrer_id is not None:
            referrer = self._person(fact.referrer_id)
            if referrer not in person.above:
                person.above.append(referrer)
                referrer.named_by.append(person)
        person.tell(fact)
        self._newest = max(self._newest, fact.at)
        self._forget(person)

    def _person(self, client_id: UUID) -> Person:
        person = self._people.get(client_id)
        if person is None:
            person = self._people[client_id] = Person(client_id)
        return person

    def _forget(self, person: Person) -> None:
        """Whatever was worked out for anybody whom `person` is, was or will be below of."""
        person.brought.clear()
        level = {person}
        for _ in range(self._depth):
            level = {above for each in level for above in each.above}
            if not level:
                break
            for each in level:
                each.brought.clear()

    # --- what is true of a client -------------------------------------------------------------------------------------

    def standing(self, client_id: UUID, at: datetime, programme: Programme) -> Standing:
        """All that counts for a client at `at` by the checks, the criterion and the depth of `programme`.

        It holds nothing of what is given once and of budgets used: those are told from elsewhere.
        """
        person = self._people.get(client_id)
        if person is None:
            return Standing(client_id, at)
        naming, traits = person.naming_at(at), person.traits_at(at)
        card = naming.card if naming else None
        return Standing(
            client_id,
            at,
            self._brought(person, at, programme),
            person.bills_at(at),
            traits.personal,
            card.category_ids if card else frozenset(),
            card.importance if card else "none",
            traits.segment_ids,
            occasions=traits.occasions,
            excluded=traits.excluded,
            staff=traits.staff,
            erased=traits.erased_at is not None,
        )

    def _brought(self, person: Person, at: datetime, programme: Programme) -> tuple[Brought, ...]:
        if not person.named_by:
            return ()
        loop = self._refused_in_loop(person, at)
        if at < self._newest:
            return self._below(person, at, programme, loop)
        key = (self._lens(programme), loop)
        if key not in person.brought:
            person.brought[key] = self._below(person, at, programme, loop)
        return person.brought[key]

    def _lens(self, programme: Programme) -> int:
        """Programmes that look at the graph in the same way have the same number."""
        known = self._programmes.get(id(programme))
        if known is not None:
            return known[1]
        looks_at = (programme.criterion, programme.checks, programme.depth)
        lens = self._lenses.setdefault(looks_at, len(self._lenses))
        self._programmes[id(programme)] = (programme, lens)  # kept, or another one could come to have its id
        self._depth = max(self._depth, programme.depth)
        return lens

    def _below(self, top: Person, at: datetime, programme: Programme, loop: UUID | None) -> tuple[Brought, ...]:
        found: list[Brought] = []
        level = [(top, NEVER)]
        for depth in range(1, programme.depth + 1):
            judged = [
                self._judged(child, referrer, naming, at, programme, depth, above, crowd=crowd, loop=loop)
                for referrer, above in level
                for children in (self._named(referrer, at),)
                for crowd in (_crowd(children, programme.checks),)
                for child, naming in children
            ]
            judged.sort(key=lambda each: (each[0].since, each[0].client_id))
            found += [brought for brought, _ in judged]
            level = [(self._people[brought.client_id], brought.path_since) for brought, leads_on in judged if leads_on]
            if not level:
                break
        return tuple(found)

    def _judged(
        self,
        child: Person,
        referrer: Person,
        naming: Naming,
        at: datetime,
        programme: Programme,
        level: int,
        above: datetime,
        *,
        crowd: frozenset[UUID],
        loop: UUID | None,
    ) -> tuple[Brought, bool]:
        """Somebody brought, and whether the graph goes on below them; `above` is the path's age down to `referrer`."""
        sight = _Sight(child, referrer, naming, at, child.client_id in crowd, child.client_id == loop)
        verdict, reasons = check(sight.seen(at), programme.checks)
        flags = reasons if verdict == "flagged" else ()
        bills = child.paid_at(at)
        path = max(naming.since, above)
        if not _leads_on(verdict, programme.checks):
            return Brought(child.client_id, level, naming.since, None, reasons[0], flags, bills, path), False
        met, reason = child.qualified_at(at, programme.criterion)
        since = max(met, sight.held_since(programme.checks)) if met else None
        return Brought(child.client_id, level, naming.since, since, reason, flags, bills, path), True

    # --- the graph ----------------------------------------------------------------------------------------------------

    def _named(self, referrer: Person, at: datetime) -> list[tuple[Person, Naming]]:
        """Those whose cards name `referrer` at `at`, refused or not."""
        namings = ((person, person.naming_at(at)) for person in referrer.named_by)
        return [(p, naming) for p, naming in namings if naming and naming.card.referrer_id == referrer.client_id]

    def _refused_in_loop(self, person: Person, at: datetime) -> UUID | None:
        """If claims lead from `person` back to them: of that loop the one whose claim is the youngest, as in
        `referrals.refused`. Everybody names one at most, so nobody below is on another loop.
        """
        path: dict[UUID, Naming] = {}
        above: Person | None = person
        while above is not None and above.client_id not in path:
            naming = above.naming_at(at)
            if naming is None or naming.card.referrer_id is None:
                return None
            path[above.client_id] = naming
            above = self._people.get(naming.card.referrer_id)
        if above is not person:
            return None
        return max(path, key=lambda client_id: (path[client_id].since, client_id))

    def ancestors(self, client_id: UUID, depth: int, at: datetime) -> tuple[UUID, ...]:
        """For whom a fact about `client_id` matters besides themselves, by all that cards have claimed until `at`,
        refused or not: the nearest first, up to `depth`; and everybody above if that leads back to the client.
        """
        found: dict[UUID, int] = {}
        level, steps, loops = [client_id], 0, False
        while level:
            steps += 1
            above = {named for each in level for named in self._claimed(each, at)}
            loops = loops or client_id in above
            level = sorted(above - found.keys() - {client_id})
            found.update(dict.fromkeys(level, steps))
        return tuple(each for each, steps in found.items() if loops or steps <= depth)

    def _claimed(self, client_id: UUID, at: datetime) -> set[UUID]:
        person = self._people.get(client_id)
        return {card.referrer_id for card in person.cards_at(at) if card.referrer_id} if person else set()

    def edge(self, client_id: UUID, at: datetime, programme: Programme) -> Edge | None:
        """The edge above a client at `at`; None if their card names nobody and no channel."""
        person = self._people.get(client_id)
        naming = person.naming_at(at) if person else None
        if person is None or naming is None or parent_of(naming.card) == NOBODY:
            return None
        referrer_id = naming.card.referrer_id
        if referrer_id is None:
            return _edge(naming.card, naming.since)
        referrer = self._people[referrer_id]
        crowd = _crowd(self._named(referrer, at), programme.checks)
        in_loop = self._refused_in_loop(person, at) == client_id
        sight = _Sight(person, referrer, naming, at, client_id in crowd, in_loop)
        return _edge(naming.card, naming.since, None, *check(sight.seen(at), programme.checks))

    def edges_above(self, client_id: UUID, at: datetime, programme: Programme) -> tuple[Edge, ...]:
        """All edges that a client has had until `at`, the oldest first; those that ended as they stood in the end."""
        person = self._people.get(client_id)
        found: list[Edge] = []
        for card, since, until in stretches(person.cards_at(at)) if person else ():
            then = self.edge(client_id, at if until is None else until - INSTANT, programme)
            verdict = (then.verdict, then.reasons) if then else ("holds", ())
            found.append(_edge(card, since, until, *verdict))
        return tuple(found)

    def edges_below(self, client_id: UUID, at: datetime, programme: Programme) -> tuple[Edge, ...]:
        """The edges of everybody whose card names the client at `at`, in the order in which they were brought."""
        person = self._people.get(client_id)
        named = [child.client_id for child, _ in self._named(person, at)] if person else ()
        edges = (self.edge(each, at, programme) for each in named)
        return tuple(sorted((edge for edge in edges if edge), key=lambda edge: (edge.since, edge.client_id)))


class _Sight:
    """One edge as the checks see it; loops and crowds as they are in the end, whatever the instant."""

    __slots__ = ("at", "child", "crowded", "in_loop", "naming", "referrer")

    def __init__(
        self,
        child: Person,
        referrer: Person,
        naming: Naming,
        at: datetime,
        crowded: bool,
        in_loop: bool,
    ) -> None:
        self.child, self.referrer, self.naming, self.at = child, referrer, naming, at
        self.crowded, self.in_loop = crowded, in_loop

    def seen(self, at: datetime) -> Seen:
        child, referrer = self.child, self.referrer
        bills = child.bills_at(self.at)
        card = self.naming.card if at == self.at else child.cards_at(at)[-1]
        return Seen(
            self.naming,
            min(bill.starts for bill in bills) if bills else None,
            card.shared_contact,
            child.staff_at(at),
            referrer.staff_at(at),
            referrer.traits_at(self.at).erased_at,
            self.crowded,
            self.in_loop,
            child.review_at(referrer.client_id, at) if child.others else None,
        )

    def held_since(self, checks: Checks) -> datetime:
        """The first instant of the present stretch in which the edge holds."""
        since = self.naming.since
        for instant in sorted(self._instants(), reverse=True):
            if not _leads_on(check(self.seen(instant - INSTANT), checks)[0], checks):
                return instant
        return since

    def _instants(self) -> set[datetime]:
        """When something that the checks look at may have become another, since the referrer was named."""
        found = {fact.at for each in (self.child, self.referrer) for fact in each.others if isinstance(fact, Staff)}
        found |= {fact.at for fact in self.child.others if isinstance(fact, Review)}
        cards = self.child.cards
        if any(card.shared_contact for card in cards):
            found |= {card.at for card in cards}
        return {at for at in found if self.naming.since < at <= self.at}


def _leads_on(verdict: Judgement, checks: Checks) -> bool:
    return verdict == "holds" or (verdict == "flagged" and checks.flagged_count)


def _crowd(children: list[tuple[Person, Naming]], checks: Checks) -> frozenset[UUID]:
    return crowded(((naming.since, child.client_id) for child, naming in children), checks)


def _edge(
    card: Card,
    since: datetime,
    until: datetime | None = None,
    verdict: Judgement = "holds",
    reasons: tuple[str, ...] = (),
) -> Edge:
    return Edge(card.client_id, since, until, *parent_of(card), verdict, reasons)
