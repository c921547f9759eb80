"""Whatever the order, the batches and the repetitions in which events arrive, the tables end the same and add up."""

import threading
from collections import defaultdict
from datetime import date
from itertools import chain, combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text

from contracts.analytics import ShowSources, ShowVisits
from contracts.clients import SourceChanged
from services.analytics.tables import client_years, derived, figures
from services.analytics.usecases.client_years import MADE_ANEW as YEARS_ANEW
from services.analytics.usecases.figures import make_anew
from tests.builders import ELSEWHERE, HERE
from tests.counting import count
from tests.facts import (
    COLOUR,
    HAIRCUT,
    IRINA,
    NOON,
    OLGA,
    changed,
    completed,
    line,
    numbered,
    refunded,
    registered,
    retail,
)

PEOPLE = range(1, 6)
DAYS = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28)]
ENDS = [date(2026, 1, 1), *DAYS, date(2026, 3, 31)]
DIMENSIONS = ("month", "day", "branch", "service", "category", "master", "source")


@st.composite
def lines(draw):
    """One to three lines of a bill, some of it given back."""
    found = []
    for _ in range(draw(st.integers(1, 3))):
        due = draw(st.integers(-3, 9))
        back = draw(st.integers(0, max(due, 0)))
        if draw(st.booleans()):
            found.append(retail(due, refunded=back))
        else:
            service, category = draw(st.sampled_from([(HAIRCUT, "hair"), (COLOUR, "hair"), (None, None)]))
            master = draw(st.sampled_from([OLGA, IRINA]))
            found.append(line(due, refunded=back, service_id=service, category=category, master_id=master))
    return found


@st.composite
def histories(draw):
    """Cards with changes of referrer and channel, loops included, and bills with corrections, in order."""
    said = []
    for person in PEOPLE:
        for version in range(1, draw(st.integers(1, 3)) + 1):
            build = registered if version == 1 else changed
            referrer = draw(st.sampled_from([None, *PEOPLE, 9]))
            channel = draw(st.sampled_from([None, "Radio", "radio", "web"]))
            source = draw(st.sampled_from([None, 50, 51])) if channel else None
            words = {"referrer_id": referrer and numbered(referrer), "source_id": source and numbered(source)}
            said.append(build(numbered(person), version=version, channel=channel, **words))
    for source in (50, 51):
        for version in range(1, draw(st.integers(1, 2)) + 1):
            name = f"{draw(st.sampled_from(['Radio', 'Web']))} {source}"
            said.append(SourceChanged(numbered(source), version, name, None, True, (), NOON))
    for place in range(draw(st.integers(0, 8))):
        for version in range(2, 2 + draw(st.integers(1, 3))):
            build = completed if version == 2 else refunded
            who = draw(st.sampled_from([None, *map(numbered, PEOPLE)]))
            words = {"branch_id": draw(st.sampled_from([HERE, ELSEWHERE])), "local_date": draw(st.sampled_from(DAYS))}
            said.append(build(numbered(100 + place), who, *draw(lines()), version=version, **words))
    return said


def numbers_of(history):
    counts, numbers = defaultdict(int), {}
    for event in history:
        counts[type(event).owner] += 1
        numbers[id(event)] = counts[type(event).owner]
    return numbers


def deliver(analytics, numbers, order, batch):
    """Bring `order` in transactions of `batch` events of one producer, each under its own number of `numbers`."""
    waiting = defaultdict(list)
    for event in order:
        producer = type(event).owner
        waiting[producer].append(analytics.envelope(event, numbers[id(event)]))
        if len(waiting[producer]) == batch:
            assert analytics.dispatcher.absorb(producer, waiting.pop(producer)) == []
    for producer, bodies in waiting.items():
        assert analytics.dispatcher.absorb(producer, bodies) == []


def tables(analytics):
    count(analytics)
    with analytics.session() as session:
        return {table.name: sorted(map(repr, session.execute(select(table)))) for table in derived}


def wipe(analytics):
    """As a rebuild does: what is derived, the inbox and the positions."""
    with analytics.session() as session:
        session.execute(text(f"TRUNCATE {', '.join(table.name for table in derived)}, inbox, positions"))
        session.commit()


@pytest.fixture
def analytics(start):
    return start("analytics")


ARRIVALS = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@settings(max_examples=40, **ARRIVALS)
@given(data=st.data(), history=histories())
def test_order_and_repetition_do_not_matter(analytics, data, history):
    numbers = numbers_of(history)
    wipe(analytics)
    deliver(analytics, numbers, history, batch=1)
    lived = tables(analytics)

    wipe(analytics)
    again = data.draw(st.lists(st.sampled_from(history), max_size=10))
    shuffled = data.draw(st.permutations(history + again))
    deliver(analytics, numbers, shuffled, batch=data.draw(st.integers(1, 20)))
    assert tables(analytics) == lived


class Recomputed:
    """The same figures, worked out in the simplest way from the newest of everything."""

    def __init__(self, history):
        self.cards = {event.client_id: event for event in history if hasattr(event, "registered_at")}
        self.bills = {event.appointment_id: event for event in history if hasattr(event, "lines")}
        self.sources = {event.source_id: event.channel for event in history if isinstance(event, SourceChanged)}
        self.firsts = {}
        for bill in self.bills.values():
            if bill.client_id:
                at = (bill.local_date, bill.appointment_id)
                self.firsts[bill.client_id] = min(at, self.firsts.get(bill.client_id, at))

    def source(self, client_id):
        seen = set()
        while client_id in self.cards and client_id not in seen:
            seen.add(client_id)
            card = self.cards[client_id]
            if card.referrer_id is None:
                return card.channel and self.called(card).lower()
            client_id = card.referrer_id
        return None

    def called(self, card):
        """As the source is named by now; what was told of without one, as it is spelled."""
        return card.channel if card.source_id is None else self.sources[card.source_id]

    def rows(self, group_by, first=DAYS[0], last=DAYS[-1]):
        found = defaultdict(lambda: (set(), set(), set(), []))
        for bill in self.bills.values():
            if not first <= bill.local_date <= last:
                continue
            whole = {
                "month": bill.local_date.isoformat()[:7],
                "day": bill.local_date,
                "branch": bill.branch_id,
                "source": self.source(bill.client_id),
            }
            parts = bill.lines if {"service", "category", "master"} & set(group_by) else [None]
            for part in parts:
                keys = dict(whole)
                if part:
                    keys |= {"service": part.service_id, "category": part.category, "master": part.master_id}
                visits, clients, newcomers, revenue = found[tuple(keys[each] for each in group_by)]
                visits.add(bill.appointment_id)
                if bill.client_id:
                    clients.add(bill.client_id)
                    if self.firsts[bill.client_id][1] == bill.appointment_id:
                        newcomers.add(bill.client_id)
                revenue.extend(each.due - each.refunded for each in ([part] if part else bill.lines))
        return {keys: (len(v), len(c), len(n), sum(r)) for keys, (v, c, n, r) in found.items()}


def shown(analytics, group_by, first=DAYS[0], last=DAYS[-1]):
    """The service's rows, with sources in lower case: spellings are another test's."""
    fields = {"branch": "branch_id", "service": "service_id", "master": "master_id"}
    answer = analytics.ask(ShowVisits(first, last, group_by))
    found = {}
    for row in answer.rows:
        keys = [getattr(row, fields.get(each, each)) for each in group_by]
        keys = [key.lower() if each == "source" and key else key for each, key in zip(group_by, keys, strict=True)]
        found[tuple(keys)] = (row.visits, row.clients, row.new_clients, row.revenue.amount)
    assert len(found) == len(answer.rows)
    return found


GROUPINGS = list(chain.from_iterable(combinations(DIMENSIONS, size) for size in range(len(DIMENSIONS) + 1)))


@settings(max_examples=25, **ARRIVALS)
@given(data=st.data(), history=histories())
def test_every_grouping_equals_a_plain_recomputation_and_the_bills(analytics, data, history):
    wipe(analytics)
    deliver(analytics, numbers_of(history), history, batch=50)
    plain = Recomputed(history)
    due = sum(each.due - each.refunded for bill in plain.bills.values() for each in bill.lines)
    for group_by in data.draw(st.lists(st.sampled_from(GROUPINGS), min_size=8, max_size=8, unique=True)):
        found = shown(analytics, group_by)
        assert found == plain.rows(group_by)
        assert sum(revenue for *_, revenue in found.values()) == due

    first, last = sorted(data.draw(st.tuples(st.sampled_from(ENDS), st.sampled_from(ENDS))))
    for group_by in ((), ("month",), ("branch",), ("month", "category"), ("day", "branch", "master")):
        assert shown(analytics, group_by, first, last) == plain.rows(group_by, first, last)

    with analytics.session() as session:
        lived = sorted(map(repr, session.execute(select(figures))))
        session.execute(delete(figures))
        make_anew(session, date.min, date.max)
        assert sorted(map(repr, session.execute(select(figures)))) == lived
        years = sorted(map(repr, session.execute(select(client_years))))
        session.execute(delete(client_years))
        session.execute(YEARS_ANEW)
        assert sorted(map(repr, session.execute(select(client_years)))) == years

    root = analytics.ask(ShowSources(DAYS[0], DAYS[-1]))
    assert (root.visits, root.clients, root.revenue.amount) == (len(plain.bills), len(plain.firsts), due)
    by_source = {key: (visits, revenue) for (key,), (visits, _, _, revenue) in plain.rows(("source",)).items()}
    in_tree = {each.name and each.name.lower(): (each.visits, each.revenue.amount) for each in root.children}
    visits, revenue = in_tree.get(None, (0, 0))
    if root.own.visits:  # visits without a card have no source either
        in_tree[None] = (visits + root.own.visits, revenue + root.own.revenue.amount)
    assert in_tree == by_source


def test_simultaneous_bills_of_one_day_all_add_up(analytics):
    """Forty bills and their refunds in small transactions on eight connections, on the same few rows."""
    people = [numbered(place % 4 + 1) for place in range(40)]
    events = [completed(numbered(100 + place), who, line(100)) for place, who in enumerate(people)]
    events += [refunded(numbered(100 + place), who, line(100, refunded=60)) for place, who in enumerate(people)]
    bodies = [analytics.envelope(event) for event in events]
    ready, failures = threading.Barrier(8), []

    def work(mine):
        ready.wait()
        for start in range(0, len(mine), 3):
            failures.extend(analytics.dispatcher.absorb("booking", mine[start : start + 3]))

    threads = [threading.Thread(target=work, args=(bodies[place::8],)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    (march,) = analytics.ask(ShowVisits(date(2026, 3, 1), date(2026, 3, 31))).rows
    assert (march.visits, march.clients, march.new_clients, march.revenue.amount) == (40, 4, 4, 1_600)
