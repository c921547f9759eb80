"""All that loyalty goes by when it judges some clients: facts, programmes, and what earlier visits were given."""

import gc
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from services.loyalty.domain.facts import Bill, Card, Fact, PersonalDiscount, Review, Staff
from services.loyalty.domain.granting import NOTHING, Had
from services.loyalty.domain.history import History
from services.loyalty.domain.standing import Standing
from services.loyalty.domain.timeline import Timeline
from services.loyalty.queries.facts import Given, look
from services.loyalty.queries.programmes import timeline

BEARS = (Bill, Review, Staff)  # what about somebody who was brought bears on who brought them, beside cards
A_YEAR = 366  # what fades is looked at day by day, so far back


@contextmanager
def without_collecting() -> Iterator[None]:
    """While facts are read and judged nothing of them is garbage, and looking for some again and again would cost more
    than half of the time.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Dossier:
    """What is known of some clients and of everybody whom an answer about them needs."""

    def __init__(self, facts: list[Fact], programmes: Timeline, had: dict[UUID, list[Given]]) -> None:
        self.facts = facts
        self.programmes = programmes
        self.history = History.of(facts)
        self._had = had
        self._namings = _namings(facts)
        self._by_client: dict[UUID, list[Fact]] = {}
        for fact in facts:
            self._by_client.setdefault(fact.client_id, []).append(fact)

    def present(self, now: datetime) -> datetime:
        """`now`, or the newest fact: what another clock says, which is a little ahead, is known nevertheless."""
        return max(now, self.facts[-1].at) if self.facts else now

    def of(self, client_id: UUID) -> list[Fact]:
        return self._by_client.get(client_id, [])

    def bills(self, client_id: UUID) -> list[Bill]:
        """All versions of all bills of a client."""
        return [fact for fact in self.of(client_id) if isinstance(fact, Bill)]

    def had(self, client_id: UUID, before: tuple[datetime, UUID] | None = None) -> Had:
        """What the client's visits were given that is given once or has a budget; those before one visit, or all."""
        had = NOTHING
        for given in self._had.get(client_id, ()):
            if before is None or given.order < before:
                once = tuple((key, given.appointment_id) for key in given.once)
                had = Had(had.once + once, had.budget + given.budget)
        return had

    def had_besides(self, client_id: UUID, appointment_id: UUID | None) -> Had:
        """The same of all visits but one."""
        others = [given for given in self._had.get(client_id, ()) if given.appointment_id != appointment_id]
        once = tuple((key, given.appointment_id) for given in others for key in given.once)
        return Had(once, sum(given.budget for given in others)) if others else NOTHING

    def give_anew(self, client_id: UUID, visits: Sequence[Given]) -> None:
        """From the first of `visits` on the client's visits are given this and nothing else."""
        earlier = [given for given in self._had.get(client_id, ()) if given.order < visits[0].order]
        self._had[client_id] = earlier + [given for given in visits if given.once or given.budget]

    def instants(self, client_id: UUID, until: datetime) -> list[datetime]:
        """When what the client has may have become another: at any fact, at bounds, as programmes came and went."""
        found = {fact.at for fact in self.facts}
        for fact in self.of(client_id):
            if isinstance(fact, PersonalDiscount):
                found |= {bound for bound in (fact.valid_from, fact.valid_until) if bound is not None}
        first = min((fact.at for fact in self.facts), default=until)
        for programme in self.programmes.all:
            found |= {bound for bound in (programme.starts, programme.ends) if bound is not None and bound > first}
            if programme.is_timed:
                days = (until - first).days
                found |= {first + timedelta(days=day) for day in range(max(0, days - A_YEAR), days + 1)}
        return sorted(at for at in found if at <= until)

    def newest(self, standing: Standing) -> datetime | None:
        """The newest instant of the facts that what the client has at `standing.at` rests on, beside their own card."""
        client_id, at = standing.client_id, standing.at
        instants = [fact.at for fact in self.of(client_id) if not isinstance(fact, Card) and fact.at <= at]
        personal = standing.personal
        if isinstance(personal, PersonalDiscount):
            bounds = (personal.valid_from, personal.valid_until)
            instants += [bound for bound in bounds if bound is not None and bound <= at]
        for brought in standing.brought:
            instants += [fact.at for fact in self.of(brought.client_id) if isinstance(fact, BEARS) and fact.at <= at]
        instants += [named for named in self._namings.get(client_id, ()) if named <= at]
        return max(instants, default=None)


def _namings(facts: Iterable[Fact]) -> dict[UUID, list[datetime]]:
    """When cards came to name somebody, and when they ceased to."""
    cards: dict[UUID, list[Card]] = {}
    for fact in facts:
        if isinstance(fact, Card):
            cards.setdefault(fact.client_id, []).append(fact)
    found: dict[UUID, list[datetime]] = {}
    for said in cards.values():
        before: UUID | None = None
        for card in sorted(said, key=lambda each: each.version):
            for named in {card.referrer_id, before}:
                if named is not None:
                    found.setdefault(named, []).append(card.at)
            before = card.referrer_id
    return found


def look_up(session: Session, clients: Collection[UUID], programmes: Timeline | None = None) -> Dossier:
    """Everything about `clients`, as far down as any programme ever looks."""
    programmes = programmes or timeline(session)
    with without_collecting():
        facts, visits = look(session, clients, programmes.depth, programmes.segment_ids)
        had: dict[UUID, list[Given]] = {}
        for given in visits:
            had.setdefault(given.client_id, []).append(given)
        return Dossier(facts, programmes, had)
