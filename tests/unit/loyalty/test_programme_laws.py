"""The laws of documents: what is written is read as the same programme, and whatever is sent is read or refused."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from services.loyalty.domain.parsing import branches_named, programme_of, services_named
from services.loyalty.domain.programme import (
    DEFAULT_RULES,
    RULES,
    AnyRule,
    Birthday,
    Budget,
    Checks,
    Combination,
    Criterion,
    Enrolment,
    FavouriteService,
    FirstVisit,
    Group,
    Holiday,
    Level,
    Levels,
    NthService,
    Personal,
    Points,
    Programme,
    Referrals,
    Reward,
    Segment,
    Services,
    Sort,
    Spend,
    Step,
    Tier,
    Visits,
)
from services.loyalty.domain.writing import document_of

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def parsed(document: Any) -> Programme:
    return programme_of(document, id=None, version=1, now=NOW)


cents = st.integers(0, 10_000).map(lambda number: Decimal(number) / 100)
above = st.integers(1, 10_000).map(lambda number: Decimal(number) / 100)
ratios = st.integers(1, 999).map(lambda number: Decimal(number) / 1000)
ids = st.frozensets(st.uuids(), max_size=3)
some_ids = st.frozensets(st.uuids(), min_size=1, max_size=3)
words = st.text("abcdefghij -", min_size=1, max_size=12).map(str.strip).filter(bool)
counts = st.integers(1, 500)
perhaps = st.none() | counts
rewards = st.one_of(
    above.map(lambda percent: Reward(percent)),
    words.map(lambda gift: Reward(gift=gift)),
    words.map(lambda offer: Reward(offer=offer)),
)


def rising(least: int) -> st.SearchStrategy[list[tuple[int, Decimal]]]:
    """Starts with percentages that never fall."""

    def pair(drawn: tuple[set[int], list[Decimal]]) -> list[tuple[int, Decimal]]:
        starts, percents = drawn
        return list(zip(sorted(starts), sorted(percents), strict=False))

    starts = st.sets(st.integers(least, 1000), min_size=1, max_size=4)
    return st.tuples(starts, st.lists(cents, min_size=4, max_size=4)).map(pair)


tiers = rising(1).map(lambda pairs: tuple(Tier(*pair) for pair in pairs))
steps = rising(0).map(lambda pairs: tuple(Step(*pair) for pair in pairs))
levels = rising(0).map(
    lambda pairs: tuple(Level(f"level {start}", start, percent, ("tea",)) for start, percent in pairs)
)
budgets = st.builds(Budget, above, ratios, st.integers(0, 365))
days = st.dates().filter(lambda day: (day.month, day.day) != (2, 29)).map(lambda day: (day.month, day.day))
named = {"name": words, "branch_ids": ids}
deep = st.builds(
    Referrals,
    tiers=tiers,
    depth=st.integers(2, 10),
    weight=ratios,
    half_life_days=perhaps,
    max_percent=st.none() | cents,
    level_caps=st.lists(counts, max_size=2).map(tuple),
    period_days=perhaps,
    budget=budgets,
    **named,
)
ANY_RULE: dict[type, st.SearchStrategy[AnyRule]] = {
    Referrals: deep | st.builds(Referrals, tiers=tiers, **named),
    Visits: st.builds(Visits, steps=steps, period_days=perhaps, **named),
    Spend: st.builds(Spend, steps=steps, period_days=perhaps, **named),
    NthService: st.builds(
        NthService, every=counts, reward=rewards, service_ids=ids, categories=st.frozensets(words, max_size=2), **named
    ),
    Birthday: st.builds(Birthday, reward=rewards, once=st.booleans(), **named),
    Holiday: st.builds(
        Holiday,
        days=st.lists(days, min_size=1, max_size=3, unique=True).map(tuple),
        reward=rewards,
        days_before=st.integers(0, 180),
        days_after=st.integers(0, 180),
        once=st.booleans(),
        **named,
    ),
    FirstVisit: st.builds(FirstVisit, reward=rewards, **named),
    Services: st.builds(Services, reward=rewards, service_ids=some_ids, **named),
    FavouriteService: st.builds(FavouriteService, reward=rewards, min_times=counts, period_days=perhaps, **named),
    Segment: st.builds(
        Segment,
        reward=rewards,
        category_ids=some_ids,
        importance=st.frozensets(st.sampled_from(["none", "gold"])),
        segment_ids=ids,
        **named,
    ),
    Levels: st.builds(
        Levels, by=st.sampled_from(["visits", "spend", "people"]), levels=levels, period_days=perhaps, **named
    ),
    Personal: st.builds(Personal, **named),
}


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    kinds = draw(st.lists(st.sampled_from(sorted(ANY_RULE, key=lambda kind: kind.kind)), max_size=5))
    rules = [draw(ANY_RULE[kind]) for kind in kinds if kind is not Personal or kinds.count(Personal) == 1]
    rules = [replace(rule, name=f"{rule.name} {place}") for place, rule in enumerate(rules)]
    names = [rule.name for rule in rules] + ["promotions"]
    cut = draw(st.integers(1, len(names)))
    groups = (Group(tuple(names[:cut]), draw(st.sampled_from(["best", "sum"]))),)
    levels_named = [level.name for rule in rules if isinstance(rule, Levels) for level in rule.levels]
    sorts = (Sort(None, "gold", min_visits=draw(counts)), Sort(draw(st.uuids()), None, absent_days=draw(counts)))
    sorts += tuple(Sort(None, "silver", level=name) for name in levels_named)
    return Programme(
        id=None,
        version=1,
        name=draw(words),
        starts=NOW,
        rules=tuple(rules),
        criterion=draw(st.builds(Criterion, counts, counts)),
        checks=draw(st.builds(Checks, st.booleans(), st.booleans(), st.booleans(), perhaps, counts, st.booleans())),
        sorting=sorts,
        enrolment=draw(st.none() | st.builds(Enrolment, some_ids, perhaps)),
        combination=draw(
            st.builds(Combination, st.just(groups), st.sampled_from(["best", "sum", "cascade"]), cents, cents)
        ),
        points=draw(st.none() | st.builds(Points, counts, counts, cents, counts, counts, cents, perhaps)),
    )


@given(programmes())
def test_what_is_written_is_read_as_the_same(programme: Programme) -> None:
    document = document_of(programme)
    assert parsed(document) == programme
    assert document_of(parsed(document)) == document


def test_every_kind_of_rule_is_read() -> None:
    assert {kind.kind for kind in ANY_RULE} == set(RULES)


def test_the_usual_rules_have_a_document() -> None:
    usual = Programme(id=None, version=1, name="Programme", starts=NOW, rules=DEFAULT_RULES)
    assert parsed(document_of(usual)) == usual


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["name", "rules", "tiers", "criterion", "checks", "sorting", "enrolment", "combination", "points"]


@given(st.dictionaries(st.sampled_from(FIELDS), json_values), json_values)
def test_whatever_is_sent_is_read_or_refused(document: dict[str, Any], rule: Any) -> None:
    for said in (
        document,
        document | {"rules": [rule, {"kind": "levels", "levels": rule}, {"kind": "referrals", "tiers": [rule]}]},
    ):
        branches_named(said)
        services_named(said)
        try:
            parsed(said)
        except Invalid as refused:
            assert refused.details["errors"]
