"""What clients are worth, and where they stand on a new day: as looking at all their visits again would say."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import delete, insert, select

from contracts.analytics import ListStandings, ShowChurn, ShowLifetimeValue
from services.analytics.queries.learnt import newest_report
from services.analytics.tables import client_reports, client_standings, clients, visit_parts, visits
from services.analytics.usecases import standings
from tests.builders import ELSEWHERE, HERE
from tests.facts import COLOUR, HAIRCUT, NOON, OLGA, numbered

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 3, tzinfo=UTC)
MORNING = NOW + timedelta(days=1)
PEOPLE = 900
APPROXIMATE = ("interval", "ratio", "returns", "alive", "expected", "value", "margin_value", "middle_gap", "gap_logs")


def salon(people=PEOPLE):
    """Four years of clients who come sooner or later by chance, until they go: whose, when, for how much."""
    random = np.random.default_rng(5)
    for person in range(people):
        day, usual, check = random.uniform(0, 1460), 20 + person % 50, 100_000 + 1_000 * (person % 400)
        for _ in range(1 + int(random.exponential(15))):
            if day >= 1460:
                break
            yield person, TODAY - timedelta(days=1460 - int(day)), check + int(random.integers(0, 80_000))
            day += random.gamma(3, usual / 3)


@pytest.fixture
def analytics(start):
    started = start("analytics")
    bills = [
        {
            "appointment_id": numbered(10_000 + place),
            "version": 2,
            "client_id": numbered(1_000 + person),
            "branch_id": ELSEWHERE if person % 10 == 0 and place % 2 else HERE,
            "local_date": day,
            "revenue": revenue,
            "currency": "RUB",
            "starts": NOON,
            "minute": 720,
            "minutes": 60,
            "discount": 0,
            "cost": revenue // 4,
            "paid": revenue,
        }
        for place, (person, day, revenue) in enumerate(salon())
    ]
    shared = ("appointment_id", "client_id", "branch_id", "local_date", "revenue", "discount", "cost")
    parts = [
        {name: bill[name] for name in shared}
        | {"service_id": (HAIRCUT, COLOUR)[place % 2], "master_id": OLGA if place % 7 else None, "category": None}
        for place, bill in enumerate(bills)
    ]
    cards = [
        {
            "client_id": numbered(1_000 + person),
            "version": 1,
            "referrer_id": numbered(1_000 + person // 3) if person % 3 else None,
            "registered_at": NOON,
        }
        for person in range(PEOPLE)
    ]
    with started.session() as session:
        for table, rows in ((visits, bills), (visit_parts, parts), (clients, cards)):
            session.execute(insert(table), rows)
        session.commit()
        standings.judge(session, NOW)
        session.commit()
    return started


def rows(session):
    table = client_standings
    return session.execute(select(table).order_by(table.c.client_id, table.c.branch_id)).all()


def everyone(analytics):
    found, cursor = [], None
    while True:
        page = analytics.ask(ListStandings(limit=200, cursor=cursor))
        found += page.items
        cursor = page.next
        if cursor is None:
            return {one.client_id: one for one in found}


def test_a_new_day_is_as_if_all_visits_had_been_looked_at(analytics):
    """Some came, a bill was lowered, somebody's visits were taken away; the others have only grown older."""
    with analytics.session() as session:
        came = {"appointment_id": numbered(1), "local_date": TODAY, "client_id": numbered(1_007), "revenue": 77}
        words = {"branch_id": HERE, "version": 2, "currency": "RUB", "starts": NOON, "minute": 0, "minutes": 9}
        session.execute(insert(visits), [came | words | {"discount": 0, "cost": 0, "paid": 0}])
        session.execute(visits.update().where(visits.c.client_id == numbered(1_010)).values(revenue=5))
        session.execute(delete(visits).where(visits.c.client_id == numbered(1_011)))
        standings.mark_due(session, [numbered(1_007), numbered(1_010), numbered(1_011)])
        standings.judge(session, MORNING)
        report = newest_report(session)
        assert (report.as_of, report.learnt.on) == (MORNING.date(), report.learnt.as_of - 1)
        kept = rows(session)
        everybody = {row.client_id for row in kept} | {numbered(1_011)}
        standings.judge_some(session, everybody, report.learnt)
        anew = rows(session)
        assert numbered(1_011) not in {row.client_id for row in kept}
        assert len(kept) == len(anew)
        for row, again in zip(kept, anew, strict=True):
            one, other = row._asdict(), again._asdict()
            for name in APPROXIMATE:
                assert one.pop(name) == pytest.approx(other.pop(name), rel=1e-9, abs=1e-9), name
            assert one == other


def test_a_week_later_what_is_usual_is_learnt_again(analytics):
    with analytics.session() as session:
        for days in (6, 7):
            standings.judge(session, NOW + timedelta(days=days))
        learnt = [row.learnt for row in session.execute(select(client_reports).order_by(client_reports.c.as_of))]
    assert [report["on"] - report["as_of"] for report in learnt] == [0, -6, 0]


def test_what_an_earlier_release_learnt_is_learnt_again_at_once(analytics):
    with analytics.session() as session:
        row = session.execute(select(client_reports)).one()
        before = {name: value for name, value in row.learnt.items() if name not in {"on", "costs_told"}}
        fitted = {name: value for name, value in before["fitted"].items() if name != "earning"}
        session.execute(client_reports.update().values(learnt=before | {"fitted": fitted}))
        standings.judge(session, NOW + timedelta(hours=1))
        assert newest_report(session).learnt.on == newest_report(session).learnt.as_of


def test_worth_is_told_by_revenue_and_by_margin(analytics):
    found = analytics.ask(ShowLifetimeValue())
    assert (found.reason, found.costs_told_percent) == (None, 100)
    assert {"p", "q", "v", "margin_p", "margin_q", "margin_v"} <= {each.name for each in found.parameters}
    value, margin = (sum(getattr(row, name).amount for row in found.rows) for name in ("value", "margin_value"))
    assert margin / value == pytest.approx(0.75, abs=0.01)
    assert "5 levels down" in found.definition


def test_whom_somebody_brought_is_worth_the_margin_of_all_of_them(analytics):
    known = everyone(analytics)

    def below(client, depth=1):
        if depth > 5:
            return 0
        theirs = [numbered(1_000 + n) for n in range(PEOPLE) if n % 3 and n // 3 == client.int - 1_000]
        return sum(known[each].margin_value.amount + below(each, depth + 1) for each in theirs if each != client)

    for client in (numbered(1_001), numbered(1_040), numbered(1_899)):
        assert known[client].network_value.amount == pytest.approx(below(client), abs=100)
    assert known[numbered(1_899)].network_value.amount == 0


def test_who_stays_away_is_told_by_service_too(analytics):
    found = analytics.ask(ShowChurn())
    names = ("active", "due", "at_risk", "sleeping", "lost")
    assert {row.service_id for row in found.services} == {HAIRCUT, COLOUR}
    for place, name in enumerate(names):
        assert sum(getattr(row, name) for row in found.services) == found.states[place].clients
    sleeping = analytics.ask(ListStandings(state="sleeping", service_id=COLOUR, limit=200)).items
    assert len(sleeping) == next(row.sleeping for row in found.services if row.service_id == COLOUR)
    assert {one.service_id for one in sleeping} == {COLOUR}


def test_the_chance_of_a_state_is_that_of_its_clients_on_average(analytics):
    known = everyone(analytics).values()
    told = 0
    for row in analytics.ask(ShowChurn()).states:
        chances = [float(one.returns_percent) for one in known if one.state == row.state]
        told += bool(chances)
        assert (row.returns_percent is None) is not bool(chances)
        if chances:
            assert float(row.returns_percent) == pytest.approx(sum(chances) / len(chances), abs=0.02)
    assert told > 1


def test_the_chance_of_a_visit_is_told_for_the_days_asked_for(analytics):
    """It grows with the days and passes through what is kept for 90 of them."""
    known = everyone(analytics)
    asked = {days: analytics.ask(ListStandings(limit=200, within_days=days)).items for days in (7, 89, 91, 365)}
    for soon, nearly, after, late in zip(*asked.values(), strict=True):
        chances = [each.returns_percent for each in (soon, nearly, known[soon.client_id], after, late)]
        assert chances == sorted(chances)
        assert chances[3] - chances[1] < 10
    assert any(late.returns_percent > soon.returns_percent + 20 for soon, *_, late in zip(*asked.values(), strict=True))
