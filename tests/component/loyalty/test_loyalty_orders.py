"""Whatever the order, the batches and the repetitions in which events arrive, the tables end the same."""

import threading
from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from contracts.clients import ClientErased
from services.loyalty.domain.programme import DEFAULT_TIERS
from services.loyalty.tables import derived
from tests.facts import NOON, changed, completed, erased, line, numbered, refunded, registered
from tests.referrals import Claim, grant, refused

PEOPLE = range(1, 7)


@st.composite
def histories(draw):
    """Cards that change their mind about who brought them, loops included, and visits with refunds, in order."""
    said = []
    for person in PEOPLE:
        referrers = draw(st.lists(st.sampled_from([None, *PEOPLE]), min_size=1, max_size=3))
        for version, referrer in enumerate(referrers, 1):
            build = registered if version == 1 else changed
            said.append(
                build(
                    numbered(person),
                    version=version,
                    referrer_id=referrer and numbered(referrer),
                    occurred_at=NOON + timedelta(hours=draw(st.integers(0, 3)) + 5 * version),
                )
            )
        if draw(st.booleans()):
            said.append(erased(numbered(person)))
    for appointment in range(draw(st.integers(0, 8))):
        visit, person = numbered(100 + appointment), numbered(draw(st.sampled_from(PEOPLE)))
        due = draw(st.integers(0, 3)) * 100
        said.append(completed(visit, person, line(due)))
        given_back = draw(st.lists(st.integers(0, due), max_size=2))
        said += [refunded(visit, person, line(due, refunded=back), version=v) for v, back in enumerate(given_back, 3)]
    return said


def tables(loyalty):
    with loyalty.session() as session:
        return {table.name: sorted(map(repr, session.execute(select(table)))) for table in derived}


def wipe(loyalty):
    """As a rebuild does: what is derived, the inbox and the positions."""
    with loyalty.session() as session:
        session.execute(text(f"TRUNCATE {', '.join(table.name for table in derived)}, inbox, positions"))
        session.commit()


def deliver(loyalty, numbers, order, batch):
    """Bring `order` in transactions of `batch` events of one producer, each under its own number of `numbers`."""
    waiting = defaultdict(list)
    for event in order:
        producer = type(event).owner
        waiting[producer].append(loyalty.envelope(event, numbers[id(event)]))
        if len(waiting[producer]) == batch:
            assert loyalty.dispatcher.absorb(producer, waiting.pop(producer)) == []
    for producer, bodies in waiting.items():
        assert loyalty.dispatcher.absorb(producer, bodies) == []


def numbers_of(history):
    counts = defaultdict(int)
    numbers = {}
    for event in history:
        counts[type(event).owner] += 1
        numbers[id(event)] = counts[type(event).owner]
    return numbers


def recomputed(history):
    """The percentages, worked out in the simplest way. An erased person has none, and still counts for others."""
    cards, bills, claims, gone = {}, {}, defaultdict(list), set()
    for event in history:
        if isinstance(event, ClientErased):
            gone.add(event.client_id)
        if hasattr(event, "referrer_id"):
            cards[event.client_id] = event
            claims[event.client_id].append(event)
        elif hasattr(event, "lines"):
            bills[event.appointment_id] = event
    since = {}
    for who, said in claims.items():
        run = said[-1:]
        for event in reversed(said[:-1]):
            if event.referrer_id != run[0].referrer_id:
                break
            run.insert(0, event)
        since[who] = min(event.registered_at if event.version == 1 else event.occurred_at for event in run)
    wrong = refused({w: Claim(c.referrer_id, since[w]) for w, c in cards.items() if c.referrer_id})
    good = {bill.client_id for bill in bills.values() if bill.due > bill.refunded}
    counts = defaultdict(int)
    for who, card in cards.items():
        if card.referrer_id and who not in wrong and who in good:
            counts[card.referrer_id] += 1
    return {who: grant(count, DEFAULT_TIERS).percent for who, count in counts.items() if who not in gone}


@pytest.fixture
def loyalty(start):
    return start("loyalty")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data(), history=histories())
def test_order_and_repetition_do_not_matter(loyalty, data, history):
    numbers = numbers_of(history)
    wipe(loyalty)
    deliver(loyalty, numbers, history, batch=1)
    lived = tables(loyalty)
    with loyalty.session() as session:
        granted = dict(session.execute(text("SELECT client_id, percent FROM discounts WHERE percent > 0")).all())
    assert granted == recomputed(history)

    wipe(loyalty)
    again = data.draw(st.lists(st.sampled_from(history), max_size=10))
    shuffled = data.draw(st.permutations(history + again))
    deliver(loyalty, numbers, shuffled, batch=data.draw(st.integers(1, 20)))
    assert tables(loyalty) == lived


def test_versions_outlive_a_rebuild(loyalty):
    """Others would ignore versions that start again, and keep an old percentage for ever."""
    history = [registered(numbered(1)), registered(numbered(2), numbered(1)), completed(numbered(9), numbered(2))]
    numbers = numbers_of(history)
    for _ in range(2):
        deliver(loyalty, numbers, history, batch=10)
        told = loyalty.announced()
        assert [event.version for event in told] == list(range(1, len(told) + 1))
        assert told[-1].percent == 3
        wipe(loyalty)


def test_simultaneous_visits_of_people_brought_by_one_are_all_counted(loyalty):
    """Twenty transactions on eight connections, half of them cards and half of them visits of the same people."""
    referrer, people = numbered(1), [numbered(100 + place) for place in range(20)]
    bodies = [("clients", loyalty.envelope(registered(each, referrer))) for each in people]
    bodies += [("booking", loyalty.envelope(completed(numbered(each.int + 1_000), each))) for each in people]
    ready, failures = threading.Barrier(8), []

    def work(mine):
        ready.wait()
        for producer, body in mine:
            failures.extend(loyalty.dispatcher.absorb(producer, [body]))

    threads = [threading.Thread(target=work, args=(bodies[place::8],)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with loyalty.session() as session:
        assert session.execute(text("SELECT direct, qualified, percent FROM discounts")).all() == [(20, 20, 15)]
        versions = session.scalars(text("SELECT (event::jsonb ->> 'version')::int FROM event_log ORDER BY 1")).all()
    assert versions == list(range(1, len(versions) + 1))


def test_two_edges_that_close_a_loop_together_do_not_both_hold(loyalty):
    for round_ in range(5):
        one, two = numbered(1_000 + round_), numbered(2_000 + round_)
        bodies = [loyalty.envelope(registered(one, two)), loyalty.envelope(registered(two, one))]
        ready = threading.Barrier(2)

        def work(body, ready=ready):
            ready.wait()
            assert loyalty.dispatcher.absorb("clients", [body]) == []

        threads = [threading.Thread(target=work, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with loyalty.session() as session:
        assert session.scalar(text("SELECT count(*) FROM clients WHERE refused IS NOT NULL")) == 5
