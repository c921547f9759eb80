"""Simulations: exact where nothing is changed, aside where it takes long, begun again where it was killed, pinned."""

import os
import signal
import time
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from contracts.booking import AppliedDiscount, CheckBranches, CheckFavourites, UnknownBranches, UnknownFavourites
from contracts.loyalty import (
    ListSimulationDifferences,
    ListSimulations,
    PublishProgramme,
    ShowProgramme,
    ShowSimulation,
    SimulateProgramme,
)
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from kernel.time import utc_now
from services.loyalty.domain.parsing import programme_of
from services.loyalty.domain.simulation.run import discounts
from services.loyalty.domain.writing import document_of
from services.loyalty.queries import programmes as programme_queries
from services.loyalty.queries import simulations as queries
from services.loyalty.tables import derived, grants, programmes, simulations
from services.loyalty.usecases import simulations as usecases
from tests.builders import CLARA, ELSEWHERE, HERE, a_user, anna
from tests.facts import NOON, changed, completed, erased, line, numbered, refunded, registered

DAY = timedelta(days=1)
TEN = {"rules": ({"kind": "services", "name": "all", "categories": ["hair"], "reward": {"percent": 10}},)}
AS_NOW = ({"kind": "referrals", "name": "referrals", "tiers": [{"people": 1, "percent": 3}]},)


@pytest.fixture
def loyalty(start):
    harness = start("loyalty")
    harness.others.answers[CheckBranches] = lambda asked: UnknownBranches(tuple({*asked.ids} - {HERE, ELSEWHERE}))
    harness.others.answers[CheckFavourites] = lambda asked: UnknownFavourites(
        (), tuple(each for each in asked.service_ids if each == numbered(77))
    )
    return harness


def a_manager(*branches):
    return a_user("programme.simulate", branch_ids=frozenset(branches))


def visited(visit, who, day=0, due=100_000, **changes):
    at = NOON + day * DAY
    said = {"local_date": at.date(), "occurred_at": at + timedelta(hours=2)}
    return completed(numbered(visit), who, line(due), **(said | changes))


def some_history(loyalty):
    """Clara brought somebody who came; after that she came twice herself, in two branches."""
    loyalty.deliver(
        registered(CLARA),
        registered(numbered(1), CLARA),
        visited(101, numbered(1)),
        visited(102, CLARA, 1),
        visited(103, CLARA, 40, branch_id=ELSEWHERE),
    )


def granted(loyalty):
    with loyalty.session() as session:
        return {row.appointment_id: row.discount for row in session.execute(select(grants))}


# --- exactness --------------------------------------------------------------------------------------------------------


@st.composite
def lives(draw):
    """Cards that think better of it, visits in two branches, refunds, an erasure, and other rules from some time on."""
    said = []
    for who in range(1, 6):
        for version, referrer in enumerate(
            draw(st.lists(st.sampled_from([None, 1, 2, 3, 4, 5]), min_size=1, max_size=2)), 1
        ):
            build = registered if version == 1 else changed
            at = NOON + timedelta(hours=draw(st.integers(0, 30)) + 40 * (version - 1))
            said.append(
                build(numbered(who), version=version, referrer_id=referrer and numbered(referrer), occurred_at=at)
            )
    for visit in range(draw(st.integers(1, 10))):
        who, branch = numbered(draw(st.integers(1, 5))), draw(st.sampled_from([HERE, ELSEWHERE]))
        day, due = draw(st.integers(0, 6)), draw(st.sampled_from([999, 100_000]))
        codes = draw(st.sampled_from([(), ("spring",)]))
        by = AppliedDiscount("promise", NOON, 1, codes) if draw(st.booleans()) else None
        said.append(visited(100 + visit, who, day, due, branch_id=branch, applied=by))
        if draw(st.integers(0, 3)) == 0:
            at = NOON + (day + draw(st.integers(0, 3))) * DAY + timedelta(hours=5)
            back = line(due, refunded=due)
            said.append(refunded(numbered(100 + visit), who, back, branch_id=branch, occurred_at=at))
    if draw(st.booleans()):
        said.append(erased(numbered(draw(st.integers(1, 5)))))
    return said


RULES = (
    {"kind": "referrals", "name": "referrals", "depth": 2, "weight": "0.5",
     "tiers": [{"people": 1, "percent": 5}], "budget": {"share": 10, "ratio": "0.5", "settled_after_days": 1}},
    {"kind": "visits", "name": "visits", "steps": [{"start": 1, "percent": 2}, {"start": 3, "percent": 7}]},
    {"kind": "holiday", "name": "spring", "days": ["03-04"], "days_before": 2, "days_after": 2,
     "reward": {"percent": "12.5"}},
    {"kind": "personal", "name": "personal"},
)  # fmt: skip


def wipe(loyalty):
    names = ", ".join(table.name for table in derived)
    with loyalty.session() as session:
        session.execute(text(f"TRUNCATE {names}, programmes, inbox, positions, simulations"))
        session.commit()


def put(loyalty, version, days, branch_id, rules):
    """As if it had been published then: history of before today has other programmes than the first one, too."""
    starts, ends = (NOON + day * DAY if day is not None else None for day in days)
    document = document_of(programme_of({"rules": list(rules)}, id=None, version=version, now=NOON))
    with loyalty.session() as session:
        session.execute(
            programmes.insert().values(
                version=version, id=numbered(9000 + version), branch_id=branch_id, starts=starts, ends=ends,
                document=document, published_at=NOON,
            )
        )  # fmt: skip
        session.commit()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=lives(), data=st.data())
def test_what_was_in_force_simulated_is_what_was_granted(loyalty, history, data):
    """Visit by visit, to the minor unit, whatever the order in which loyalty heard of things."""
    wipe(loyalty)
    programme_queries._parsed.clear()
    put(loyalty, 1, (-4000, 2), None, AS_NOW)
    put(loyalty, 2, (2, None), None, data.draw(st.lists(st.sampled_from(RULES), min_size=1, unique_by=id)))
    put(loyalty, 3, (3, 5), ELSEWHERE, data.draw(st.lists(st.sampled_from(RULES), min_size=1, unique_by=id)))
    loyalty._numbers.clear()
    loyalty.deliver(*data.draw(st.permutations(history)))

    simulation = loyalty.ask(SimulateProgramme())
    with loyalty.session() as session:
        plan = queries.plan_of(session, session.execute(select(simulations)).one())
        found = discounts(plan, queries.material(session, plan, queries.everybody(session)))
    assert found == granted(loyalty)
    for each in simulation.result.currencies:
        assert (each.difference, each.changed, each.proposed) == (0, 0, sum(found.values()))
    assert {each.service for each in simulation.facts} <= {"booking", "clients"}


# --- what is asked, and what comes back -------------------------------------------------------------------------------


def test_a_short_history_is_answered_at_once(loyalty):
    some_history(loyalty)
    answer = loyalty.ask(SimulateProgramme(**TEN))
    assert (answer.state, answer.progress, answer.programme_version) == ("finished", 100, 1)
    (rubles,) = answer.result.currencies
    assert (rubles.visits, rubles.proposed, rubles.granted, rubles.applied) == (3, 30_000, 6_000, 0)
    assert (rubles.difference, rubles.changed, rubles.winners.clients, rubles.losers.clients) == (24_000, 3, 2, 0)
    assert [(top.client_id, top.amount) for top in rubles.winners.top] == [(CLARA, 14_000), (numbered(1), 10_000)]
    assert (rubles.revenue, rubles.revenue_proposed, rubles.lines_without_cost) == (300_000, 270_000, 3)
    assert [(each.branch_id, each.visits, each.proposed) for each in rubles.by_branch] == sorted(
        [(HERE, 2, 20_000), (ELSEWHERE, 1, 10_000)]
    )
    assert {(each.kind, each.key, each.visits) for each in rubles.by_segment} == {
        ("importance", "none", 3),
        ("visits", "first", 2),
        ("visits", "few", 1),
    }
    assert [(each.rule, each.visits, each.amount) for each in rubles.by_rule] == [("all", 3, 30_000)]
    assert [(each.of, each.by, each.proposed) for each in rubles.sensitivity][:4] == [
        ("percentages", -20, 24_000),
        ("percentages", -10, 27_000),
        ("percentages", 10, 33_000),
        ("percentages", 20, 36_000),
    ]
    assert [(each.service, each.number) for each in answer.facts] == [("booking", 3), ("clients", 2)]
    assert loyalty.ask(ShowSimulation(answer.id)) == answer
    (listed,) = loyalty.ask(ListSimulations()).items
    assert (listed.id, listed.result) == (answer.id, None)


def test_a_period_and_a_branch_bound_what_is_counted(loyalty):
    some_history(loyalty)
    here = loyalty.ask(SimulateProgramme(**TEN, branch_id=HERE))
    assert [each.visits for each in here.result.currencies] == [2]
    day = (NOON + 40 * DAY).date()
    later = loyalty.ask(SimulateProgramme(**TEN, since=day, until=day))
    assert [(each.visits, each.granted) for each in later.result.currencies] == [(1, 3_000)]
    assert loyalty.ask(SimulateProgramme(**TEN, since=day + DAY)).result.currencies == ()


def test_what_referral_discounts_took_of_their_budget_is_told(loyalty):
    some_history(loyalty)
    rule = {"kind": "referrals", "name": "r", "depth": 2, "weight": "0.5", "tiers": [{"people": 1, "percent": 50}],
            "budget": {"share": 10, "ratio": "0.5", "settled_after_days": 14}}  # fmt: skip
    (rubles,) = loyalty.ask(SimulateProgramme(rules=(rule,))).result.currencies
    assert (rubles.budget.share, rubles.budget.revenue, rubles.budget.bound) == (10, 300_000, 30_000)
    assert rubles.budget.used == rubles.proposed == 5_000  # half of 10 % of what the one brought has paid


@pytest.mark.parametrize(
    ("said", "code", "place"),
    [
        ({"rules": ({"kind": "magic", "name": "m"},)}, "rule_unknown", "rules.0.kind"),
        ({"tiers": ({"people": 1, "percent": 101},)}, "percent_out_of_range", "tiers.0.percent"),
        (TEN | {"branch_id": numbered(77)}, "branch_unknown", "branch_id"),
        ({"branch_id": numbered(77)}, "branch_unknown", "branch_id"),
        (TEN | {"enrolment": {"service_ids": [str(numbered(77))]}}, "service_unknown", "enrolment.service_ids"),
        (TEN | {"since": date(2026, 2, 1), "until": date(2026, 1, 1)}, "period_empty", "until"),
    ],
)
def test_what_cannot_be_simulated_is_refused_with_its_place(loyalty, said, code, place):
    with pytest.raises(Invalid) as refused:
        loyalty.ask(SimulateProgramme(**said))
    assert refused.value.code == code
    assert place in refused.value.details["errors"]
    assert loyalty.ask(ListSimulations()).items == ()


def test_managers_try_rules_of_their_branches_only(loyalty):
    some_history(loyalty)
    with pytest.raises(Invalid, match="name one of your branches"):
        loyalty.ask(SimulateProgramme(**TEN), a_manager(HERE))
    with pytest.raises(Invalid) as refused:
        loyalty.ask(SimulateProgramme(**TEN, branch_id=ELSEWHERE), a_manager(HERE))
    assert refused.value.code == "branch_unknown"
    mine = loyalty.ask(SimulateProgramme(**TEN, branch_id=HERE), a_manager(HERE))
    whole = loyalty.ask(SimulateProgramme(**TEN))
    assert [each.id for each in loyalty.ask(ListSimulations(), a_manager(HERE)).items] == [mine.id]
    for asked in (ShowSimulation(whole.id), ListSimulationDifferences(whole.id)):
        with pytest.raises(NotFound):
            loyalty.ask(asked, a_manager(HERE))
    with pytest.raises(Forbidden):
        loyalty.ask(SimulateProgramme(**TEN), anna())


def test_lists_go_on_where_they_ended(loyalty):
    for _ in range(3):
        loyalty.ask(SimulateProgramme(**TEN))
    first = loyalty.ask(ListSimulations(limit=2))
    second = loyalty.ask(ListSimulations(limit=2, cursor=first.next))
    assert (len(first.items), len(second.items), second.next) == (2, 1, None)


def test_where_booking_took_off_something_else_is_listed_with_the_reason(loyalty):
    some_history(loyalty)
    away = AppliedDiscount("copy", NOON, 1)
    loyalty.deliver(visited(104, CLARA, 50, applied=away), visited(105, CLARA, 51, applied=away))
    day = (NOON + 50 * DAY).date()
    simulation = loyalty.ask(SimulateProgramme(since=day, until=day))
    (found,) = loyalty.ask(ListSimulationDifferences(simulation.id)).items
    assert (found.appointment_id, found.given.amount, found.applied.amount) == (numbered(104), 3_000, 0)
    assert found.reason == "loyalty_away"
    here = loyalty.ask(SimulateProgramme(branch_id=ELSEWHERE))
    assert [each.appointment_id for each in loyalty.ask(ListSimulationDifferences(here.id)).items] == [numbered(103)]


# --- aside ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def slow(loyalty, monkeypatch):
    """Whatever the history, it is too long to be waited for."""
    monkeypatch.setattr(usecases, "AT_ONCE", -1)
    yield loyalty
    process = loyalty.dispatcher.instance.simulator._process
    if process is not None:
        process.stdin.close()
        process.wait(20)


def until_over(loyalty, id_, seconds=60):
    ends = time.monotonic() + seconds
    while (shown := loyalty.ask(ShowSimulation(id_))).state == "running" and time.monotonic() < ends:
        loyalty.tick()
        time.sleep(0.1)
    return shown


def test_a_long_history_is_simulated_aside_and_comes_to_the_same(slow, monkeypatch):
    some_history(slow)
    asked = [slow.ask(SimulateProgramme(**TEN)), slow.ask(SimulateProgramme())]
    assert [(each.state, each.progress, each.result) for each in asked] == [("running", 0, None)] * 2
    found = [until_over(slow, each.id) for each in asked]
    monkeypatch.setattr(usecases, "AT_ONCE", 1_500)
    for shown, said in zip(found, (TEN, {}), strict=True):
        assert (shown.state, shown.progress) == ("finished", 100)
        at_once = slow.ask(SimulateProgramme(**said))
        assert (shown.result, shown.facts) == (at_once.result, at_once.facts)


def test_what_was_killed_is_begun_again(slow):
    some_history(slow)
    asked = slow.ask(SimulateProgramme(**TEN))
    slow.tick()
    process = slow.dispatcher.instance.simulator._process
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert slow.ask(ShowSimulation(asked.id)).state == "running"
    assert until_over(slow, asked.id).state == "finished"


def test_what_fails_again_and_again_is_given_up(slow):
    asked = slow.ask(SimulateProgramme(**TEN))
    with slow.session() as session, session.begin():
        session.execute(simulations.update().values(attempts=usecases.ATTEMPTS))
    slow.tick()
    shown = slow.ask(ShowSimulation(asked.id))
    assert (shown.state, shown.result) == ("failed", None)
    assert shown.finished_at <= utc_now()


# --- publishing what was simulated ------------------------------------------------------------------------------------


def test_a_version_names_what_was_simulated_before(loyalty):
    simulated = loyalty.ask(SimulateProgramme(**TEN))
    published = loyalty.ask(PublishProgramme(version=1, **TEN, simulation_id=simulated.id))
    assert (published.simulation_id, published.document) == (simulated.id, simulated.document)


@pytest.mark.parametrize("said", [{"tiers": ({"people": 1, "percent": 4},)}, TEN | {"branch_id": HERE}])
def test_something_else_than_was_simulated_is_not_published_as_that(loyalty, said):
    simulated = loyalty.ask(SimulateProgramme(**TEN))
    with pytest.raises(Conflict) as refused:
        loyalty.ask(PublishProgramme(version=1, **said, simulation_id=simulated.id))
    assert refused.value.code == "simulation_of_another"
    assert loyalty.ask(ShowProgramme()).version == 1


def test_a_version_waits_for_its_simulation(slow):
    simulated = slow.ask(SimulateProgramme(**TEN))
    with pytest.raises(Conflict) as refused:
        slow.ask(PublishProgramme(version=1, **TEN, simulation_id=simulated.id))
    assert refused.value.code == "simulation_unfinished"
    with pytest.raises(Invalid) as refused:
        slow.ask(PublishProgramme(version=1, **TEN, simulation_id=numbered(1)))
    assert refused.value.code == "simulation_unknown"


def test_percentages_come_back_as_they_were_said(loyalty):
    document = loyalty.ask(SimulateProgramme(tiers=({"people": 2, "percent": Decimal("7.5")},))).document
    assert document["rules"][0]["tiers"] == [{"people": 2, "percent": "7.5"}]
