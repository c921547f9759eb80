"""A simulation walks through history as loyalty lived it; what is moved is what a moved programme would have given."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.loyalty.domain.facts import Bill, BillLine, Card, Erased, Occasion, PersonalDiscount
from services.loyalty.domain.granting import NOTHING, as_completed, granted
from services.loyalty.domain.history import History
from services.loyalty.domain.programme import (
    Birthday,
    Budget,
    Checks,
    Combination,
    Group,
    Level,
    Levels,
    NthService,
    Personal,
    Programme,
    Referrals,
    Reward,
    Services,
    Spend,
    Step,
    Tier,
    Visits,
)
from services.loyalty.domain.promotion import Promotion, Promotions, PromotionVersion
from services.loyalty.domain.simulation.plan import CHANGES, Plan, bounds
from services.loyalty.domain.simulation.run import Granted, Material, Run, discounts, simulated
from services.loyalty.domain.simulation.tally import Compared
from services.loyalty.domain.simulation.trees import by_trees
from services.loyalty.domain.standing import NEVER
from services.loyalty.domain.timeline import Timeline
from tests.unit.loyalty.graphs import NOON, PEOPLE, hours, person
from tests.unit.loyalty.graphs import histories as graph_histories

HERE, THERE = person(900), person(901)
CUT, COLOUR = person(801), person(802)
DAY = timedelta(days=1)

REFERRALS = Referrals(name="referrals", tiers=(Tier(1, Decimal(3)), Tier(2, Decimal("7.5"))))
RULES = (
    REFERRALS,
    replace(REFERRALS, depth=3, weight=Decimal("0.5"), max_percent=Decimal(6)),
    replace(REFERRALS, depth=2, weight=Decimal("0.5"), budget=Budget(Decimal(10), Decimal("0.5"), 1)),
    Visits(name="visits", steps=(Step(1, Decimal(2)), Step(3, Decimal(96)))),
    Spend(name="spend", steps=(Step(1500, Decimal(4)),), period_days=2),
    Birthday(name="birthday", reward=Reward(Decimal(10))),
    Birthday(name="cake", reward=Reward(gift="cake")),
    Services(name="colour", reward=Reward(Decimal(5)), service_ids=frozenset({COLOUR})),
    NthService(name="third", every=3, reward=Reward(Decimal(50))),
    Levels(name="levels", by="people", levels=(Level("one", 1, Decimal(1)), Level("two", 2, Decimal(8)))),
    Personal(name="personal"),
)


@st.composite
def programmes(draw):
    rules = {rule.name: rule for rule in draw(st.lists(st.sampled_from(RULES), min_size=1, max_size=5))}
    names = tuple(rules)
    by = draw(st.sampled_from(["best", "sum", "cascade"]))
    groups = draw(st.sampled_from([(), (Group(names[:1]),), (Group(names[:2], "sum"),)]))
    combination = Combination(groups, by, max_percent_per_visit=Decimal(draw(st.sampled_from([100, 100, 9]))))
    checks = Checks(velocity=None, earlier_visit=draw(st.booleans()))
    return Programme(None, 7, "drawn", NEVER, rules=tuple(rules.values()), combination=combination, checks=checks)


@st.composite
def histories(draw):
    """People who name each other, and visits of one or two lines in two branches, some of them refunded."""
    facts = [fact for fact in draw(graph_histories()) if not isinstance(fact, Bill)]
    for visit in range(draw(st.integers(1, 14))):
        at = hours(draw(st.integers(0, 90)))
        lines = tuple(
            BillLine(
                person(5000 + 10 * visit + number), "service", draw(st.sampled_from([999, 1000, 2505])), 0, 0, what
            )
            for number, what in enumerate(draw(st.sampled_from([(CUT,), (CUT, COLOUR), (COLOUR, COLOUR)])))
        )
        due = sum(line.due for line in lines)
        who, branch = person(draw(st.sampled_from(PEOPLE))), draw(st.sampled_from([HERE, HERE, THERE]))
        bill = Bill(person(100 + visit), 2, who, branch, at, at, at, at.date(), "RUB", lines, due)
        facts.append(bill)
        if draw(st.booleans()) and draw(st.booleans()):
            back = tuple(replace(line, refunded=line.due) for line in lines)
            facts.append(replace(bill, version=3, at=at + timedelta(hours=draw(st.integers(0, 40))), lines=back))
    return facts


def plan_of(programme=None, in_force=None, promotions=(), **said):
    in_force = in_force or Programme(person(1), 1, "in force", NEVER, rules=(REFERRALS,))
    return Plan(Timeline([in_force]), Promotions(promotions), programme, **said)


def material_of(facts, clients=None, **said):
    clients = frozenset(clients or {fact.client_id for fact in facts})
    return Material(clients, sorted(facts, key=lambda fact: fact.at), **said)


def lived(programme_at, facts, promotions, branch_id=None):
    """As loyalty grants visits: by a history that knows everything, asked as of each."""
    history = History.of(facts)
    gone = {fact.client_id for fact in facts if isinstance(fact, Erased)}
    found = {}
    for who in sorted({fact.client_id for fact in facts} - gone):
        had = NOTHING
        for bill in as_completed(fact for fact in facts if isinstance(fact, Bill) and fact.client_id == who):
            programme = programme_at(bill.branch_id, bill.completed_at)
            standing = history.standing(who, bill.completed_at, programme)
            offered = promotions.at(bill.branch_id, bill.completed_at)
            verdict = granted(programme, standing, bill, had, promotions=offered)
            had = had.and_then(bill.appointment_id, verdict)
            found[bill.appointment_id] = verdict.discount
    return found


PROMOTION = Promotion(
    person(70), "two each", Reward(Decimal(6)), NOON, NOON + 2 * DAY, service_ids=frozenset({CUT}), per_client=1
)
PROMOTED = (PromotionVersion(NOON, 1, PROMOTION),)


@settings(max_examples=200, deadline=None)
@given(histories(), programmes(), st.sampled_from([(), PROMOTED]), st.sampled_from([None, HERE]))
def test_each_visit_is_given_what_loyalty_would_have_granted(facts, programme, promotions, scope):
    plan = plan_of(replace(programme, branch_id=scope), promotions=promotions)
    assert discounts(plan, material_of(facts)) == lived(plan.simulated.at, facts, plan.promotions)


@settings(max_examples=200, deadline=None)
@given(histories(), programmes(), st.sampled_from([(), PROMOTED]), st.sampled_from([None, HERE]))
def test_what_is_moved_costs_what_the_moved_programme_would_have_cost(facts, programme, promotions, scope):
    plan = plan_of(replace(programme, branch_id=scope), promotions=promotions)
    tally = simulated(plan, material_of(facts))
    found = tally.currencies["RUB"].sensitivity if "RUB" in tally.currencies else [0] * len(CHANGES)
    for change, cost in zip(CHANGES, found, strict=True):
        moved = replace(plan, proposal=change.on(plan.proposal))
        assert cost == sum(lived(moved.simulated.at, facts, plan.promotions).values()), change


@settings(max_examples=100, deadline=None)
@given(histories(), programmes(), st.integers(1, 4))
def test_clients_judged_apart_come_to_the_same(facts, programme, size):
    """Batches have all facts of everybody here; which are enough is `queries.facts`'s to say."""
    plan = plan_of(programme)
    whole = simulated(plan, material_of(facts))
    clients = by_trees(
        {fact.client_id for fact in facts},
        [(fact.client_id, fact.referrer_id) for fact in facts if isinstance(fact, Card) and fact.referrer_id],
    )
    assert sorted(clients) == sorted({fact.client_id for fact in facts})
    parts = [
        simulated(plan, material_of(facts, clients[start : start + size])) for start in range(0, len(clients), size)
    ]
    together = parts[0]
    for part in parts[1:]:
        together.merge(part)
    assert together == whole


@settings(max_examples=100, deadline=None)
@given(histories(), programmes())
def test_sums_add_up(facts, programme):
    tally = simulated(plan_of(programme), material_of(facts))
    for sums in tally.currencies.values():
        assert sum(one.visits for one in sums.branches.values()) == sums.all.visits
        assert sum(one.proposed for one in sums.branches.values()) == sums.all.proposed
        for kind in ("importance", "visits"):
            assert sum(one.proposed for (of, _), one in sums.segments.items() if of == kind) == sums.all.proposed
        assert sum(rule.amount for rule in sums.rules.values()) == sums.all.proposed
        assert sums.winners.amount - sums.losers.amount == sums.all.proposed - sums.all.granted


def a_bill(visit, who, day, price=10_000, branch=HERE, **said):
    at = NOON + day * DAY
    line = BillLine(person(7000 + visit), "service", price, service_id=CUT, **said)
    return Bill(person(100 + visit), 2, person(who), branch, at, at, at, at.date(), "RUB", (line,), line.due)


def test_who_would_have_got_more_and_less():
    facts = [a_bill(1, 1, 1, cost=4_000), a_bill(2, 2, 2), a_bill(3, 2, 3, discount=500)]
    known = {person(101): Granted(2_000), person(102): Granted(0), person(103): Granted(500)}
    plan = plan_of(Programme(None, 0, "ten", NEVER, rules=(Services(name="all", reward=Reward(Decimal(10))),)))
    sums = simulated(plan, material_of(facts, granted=known)).currencies["RUB"]
    assert sums.all == Compared(3, 500, 2_500, 3_000)
    assert (sums.winners.clients, sums.winners.amount, sums.winners.top) == (1, 1_500, [(1_500, person(2))])
    assert (sums.losers.clients, sums.losers.amount, sums.losers.top) == (1, 1_000, [(1_000, person(1))])
    assert (sums.revenue, sums.cost, sums.lines, sums.lines_without_cost) == (29_500, 4_000, 3, 2)
    assert sums.sensitivity[:4] == [2_400, 2_700, 3_300, 3_600]


def test_only_the_period_counts_and_what_was_had_before_it_stays_had():
    birthday = Programme(None, 0, "b", NEVER, rules=(Birthday(name="birthday", reward=Reward(Decimal(10))),))
    facts = [Occasion(person(1), "birthday", 2026, NOON, open=True), a_bill(1, 1, 1), a_bill(2, 1, 4), a_bill(3, 1, 9)]
    since, until = bounds((NOON + 3 * DAY).date(), (NOON + 5 * DAY).date())
    plan = plan_of(birthday, since=since, until=until)
    assert discounts(plan, material_of(facts)) == {person(102): 1_000}
    had = {person(1): replace(NOTHING, once=(("birthday:2026", person(101)),))}
    assert discounts(plan, material_of(facts, had=had)) == {person(102): 0}


def test_a_proposal_of_a_branch_leaves_the_others_as_they_were():
    ten = Programme(None, 0, "ten", NEVER, branch_id=THERE, rules=(Services(name="all", reward=Reward(Decimal(10))),))
    facts = [a_bill(1, 1, 1), a_bill(2, 1, 2, branch=THERE)]
    assert discounts(plan_of(ten), material_of(facts)) == {person(101): 0, person(102): 1_000}
    assert discounts(plan_of(ten, branch_id=THERE), material_of(facts)) == {person(102): 1_000}


def test_visits_of_people_who_were_erased_are_only_counted():
    facts = [a_bill(1, 1, 1), Erased(person(1), NOON + 2 * DAY), a_bill(2, 2, 1)]
    tally = simulated(plan_of(), material_of(facts))
    assert (tally.erased, tally.currencies["RUB"].all.visits) == (1, 1)


def test_percentages_of_clients_own_are_not_moved():
    own = PersonalDiscount(person(1), 1, NOON, Decimal(10), NOON)
    programme = Programme(None, 0, "own", NEVER, rules=(Personal(name="personal"),))
    sums = simulated(plan_of(programme), material_of([own, a_bill(1, 1, 1)])).currencies["RUB"]
    assert set(sums.sensitivity) == {1_000}


@settings(max_examples=200, deadline=None)
@given(histories(), st.sampled_from(["1", "10", "100"]), st.sampled_from(["0.01", "0.5", "0.99"]), st.integers(1, 4))
def test_referral_discounts_of_a_simulated_history_stay_within_their_budget(facts, share, ratio, depth):
    """Gross of what goes back after it was settled, net of what does before."""
    budget = Budget(Decimal(share), Decimal(ratio), 1)
    rule = Referrals(name="referrals", tiers=(Tier(1, Decimal(100)),), depth=depth, budget=budget)
    programme = Programme(None, 0, "budget", NEVER, rules=(rule,), checks=Checks(velocity=None, earlier_visit=False))
    run = Run(plan_of(programme), material_of(facts))
    sums = run.to_its_end().currencies
    bills = [fact for fact in facts if isinstance(fact, Bill)]
    soon = sum(b.refunded for b in bills if b.version == 3 and b.at - b.completed_at < timedelta(days=1))
    gross = sum(bill.due for bill in bills if bill.version == 2)
    used = sum(each.budget_used for each in sums.values())
    assert used <= Decimal(share) * (gross - soon) / 100
    assert sum(each.money for each in sums.values()) == gross


def test_ids_of_loops_are_ordered_too():
    one, two, three, four = (UUID(int=number) for number in range(1, 5))
    found = by_trees([one, two, three, four], [(one, two), (two, one), (four, two)])
    assert {frozenset(found[:1]), frozenset(found[1:])} == {frozenset({three}), frozenset({one, two, four})} or (
        found[-1] == three
    )
