"""From the document of one rule to the rule."""

import calendar
import itertools
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from services.loyalty.domain.programme import (
    PROMOTIONS,
    RULES,
    AnyRule,
    Birthday,
    Budget,
    FavouriteService,
    FirstVisit,
    Holiday,
    Level,
    Levels,
    NthService,
    Personal,
    Referrals,
    Reward,
    Segment,
    Services,
    Spend,
    Step,
    Tier,
    Visits,
)
from services.loyalty.domain.reading import MISSING, Reader

DEEPEST = 10
LONGEST_PERIOD = 36_500
IMPORTANCE = ("none", "bronze", "silver", "gold")


def rule_of(reader: Reader) -> AnyRule | None:
    """The rule that the object says; None, with the mistake noted, if there is no such kind."""
    kind = reader.text("kind", "")
    if kind not in RULES:
        code, sentence = ("rule_unknown", f"there is no rule of this kind; the kinds are: {', '.join(sorted(RULES))}")
        reader.note("kind", code if reader.has("kind") else MISSING, sentence)
        return None
    about = {"name": reader.text("name", kind), "branch_ids": reader.ids("branch_ids")}
    rule = _KINDS[kind](reader, about)
    reader.done()
    return rule


def one_name_each(rules: Sequence[tuple[Reader, AnyRule]]) -> None:
    """Names say which rule is meant, so each is given once; a second personal discount would count twice in a sum."""
    seen: set[str] = {PROMOTIONS}
    personal = 0
    for reader, rule in rules:
        if rule.name in seen:
            reader.note(
                "name", "name_taken", f"another rule is called {rule.name}, or it is a name of the programme's own"
            )
        seen.add(rule.name)
        personal += isinstance(rule, Personal)
        if personal > 1:
            reader.note("kind", "rule_repeated", "personal discounts are one rule")
            personal = 1


# --- parts that several rules have ----------------------------------------------------------------------------------


def tiers_of(reader: Reader, name: str) -> tuple[Tier, ...]:
    found = []
    for each in reader.objects(name):
        found.append(Tier(each.whole("people", least=1, most=1_000_000), each.percent("percent")))
        each.done()
    _refuse_overlaps(reader, name, [(tier.people, tier.percent) for tier in found])
    return tuple(sorted(found, key=lambda tier: tier.people))


def _steps(reader: Reader) -> tuple[Step, ...]:
    found = []
    for each in reader.objects("steps"):
        found.append(Step(each.whole("start", least=0), each.percent("percent")))
        each.done()
    _refuse_overlaps(reader, "steps", [(step.start, step.percent) for step in found])
    return tuple(sorted(found, key=lambda step: step.start))


def _refuse_overlaps(reader: Reader, name: str, starts: Sequence[tuple[int, Decimal]]) -> None:
    """Of two tiers with the same start nobody could say which counts, and more may not be worth less."""
    if not starts:
        reader.note(name, "tiers_missing", "this needs at least one entry")
    order = sorted(range(len(starts)), key=lambda index: starts[index][0])
    for lower, higher in itertools.pairwise(order):
        if starts[lower][0] == starts[higher][0]:
            reader.note(f"{name}.{higher}", "tiers_overlap", f"another entry starts at {starts[higher][0]}, too")
        elif starts[higher][1] < starts[lower][1]:
            sentence = f"this starts higher than the entry that gives {starts[lower][1]:f} %, and gives less"
            reader.note(f"{name}.{higher}.percent", "tiers_overlap", sentence)


def _reward(reader: Reader) -> Reward:
    inner = reader.object("reward")
    if inner is None:
        reader.note("reward", MISSING, "this field is missing")
        return Reward(Decimal(1))
    read = reward_of(inner)
    inner.done()
    return read


def reward_of(reader: Reader) -> Reward:
    """A percentage, a gift or an offer: one of them."""
    read = Reward(
        reader.percent("percent", Decimal(0), above_zero=True), reader.text("gift", None), reader.text("offer", None)
    )
    if sum((reader.has("percent"), reader.has("gift"), reader.has("offer"))) != 1:
        reader.note("", "reward_unclear", "say one of percent, gift and offer")
    return read


def _period(reader: Reader) -> Any:
    return reader.whole("period_days", None, least=1, most=LONGEST_PERIOD)


def _chosen(reader: Reader) -> dict[str, Any]:
    return {"service_ids": reader.ids("service_ids"), "categories": frozenset(reader.texts("categories"))}


# --- the kinds ------------------------------------------------------------------------------------------------------


def _referrals(reader: Reader, about: dict[str, Any]) -> Referrals:
    depth = reader.whole("depth", 1, least=1, most=DEEPEST)
    caps = reader.wholes("level_caps", least=0)
    if len(caps) > depth:
        reader.note("level_caps", "levels_beyond_depth", f"the rule looks at {depth} levels only")
    budget = _budget(reader.object("budget"))
    if depth > 1 and budget is None:
        sentence = "what deeper levels cost has no bound without a budget: say its share and ratio"
        reader.note("budget", "weights_break_budget", sentence)
    return Referrals(
        tiers=tiers_of(reader, "tiers"),
        depth=depth,
        weight=reader.fraction("weight", Decimal(1), including_one=True, code="weights_break_budget"),
        half_life_days=reader.whole("half_life_days", None, least=1, most=LONGEST_PERIOD),
        level_caps=caps,
        max_percent=reader.percent("max_percent", None),
        period_days=_period(reader),
        budget=budget,
        **about,
    )


def _budget(reader: Reader | None) -> Budget | None:
    """The series share x (1 - ratio) x ratio^(d - 1) stays below `share` for any depth just if 0 < ratio < 1."""
    if reader is None:
        return None
    read = Budget(
        share=reader.percent("share", above_zero=True),
        ratio=reader.fraction("ratio", including_one=False, code="weights_break_budget"),
        settled_after_days=reader.whole("settled_after_days", 14, least=0, most=365),
    )
    reader.done()
    return read


def _visits(reader: Reader, about: dict[str, Any]) -> Visits:
    return Visits(steps=_steps(reader), period_days=_period(reader), **about)


def _spend(reader: Reader, about: dict[str, Any]) -> Spend:
    return Spend(steps=_steps(reader), period_days=_period(reader), **about)


def _nth_service(reader: Reader, about: dict[str, Any]) -> NthService:
    every = reader.whole("every", least=1, most=1000, code="every_out_of_range")
    return NthService(every=every, reward=_reward(reader), **_chosen(reader), **about)


def _birthday(reader: Reader, about: dict[str, Any]) -> Birthday:
    return Birthday(reward=_reward(reader), once=reader.flag("once", default=True), **about)


def _holiday(reader: Reader, about: dict[str, Any]) -> Holiday:
    days = reader.items("days", _month_day, "this must be a day of the year (12-31)")
    if not days:
        reader.note("days", "rule_empty", "say at least one day")
    return Holiday(
        days=tuple(dict.fromkeys(days)),
        reward=_reward(reader),
        days_before=reader.whole("days_before", 0, most=180),
        days_after=reader.whole("days_after", 0, most=180),
        once=reader.flag("once", default=True),
        **about,
    )


def _month_day(value: Any) -> tuple[int, int] | None:
    parts = value.split("-") if isinstance(value, str) else []
    if len(parts) != 2 or not all(len(part) == 2 and part.isascii() and part.isdigit() for part in parts):
        return None
    month, day = int(parts[0]), int(parts[1])
    return (month, day) if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(2024, month)[1] else None


def _first_visit(reader: Reader, about: dict[str, Any]) -> FirstVisit:
    return FirstVisit(reward=_reward(reader), **about)


def _services(reader: Reader, about: dict[str, Any]) -> Services:
    chosen = _chosen(reader)
    if not any(chosen.values()):
        reader.note("service_ids", "rule_empty", "say which services or categories of services")
    return Services(reward=_reward(reader), **chosen, **about)


def _favourite_service(reader: Reader, about: dict[str, Any]) -> FavouriteService:
    least = reader.whole("min_times", 3, least=1, most=1000)
    return FavouriteService(reward=_reward(reader), min_times=least, period_days=_period(reader), **about)


def _segment(reader: Reader, about: dict[str, Any]) -> Segment:
    whom: dict[str, Any] = {
        "category_ids": reader.ids("category_ids"),
        "importance": reader.choices("importance", IMPORTANCE),
        "segment_ids": reader.ids("segment_ids"),
    }
    if not any(whom.values()):
        reader.note("category_ids", "rule_empty", "say which clients: categories, classes of importance or segments")
    return Segment(reward=_reward(reader), **whom, **about)


def _levels(reader: Reader, about: dict[str, Any]) -> Levels:
    found: list[Level] = []
    names: set[str] = set()
    for each in reader.objects("levels"):
        level = Level(
            each.text("name"),
            each.whole("start", least=0),
            each.percent("percent", Decimal(0)),
            each.texts("privileges"),
        )
        each.done()
        if level.name in names:
            each.note("name", "name_taken", "another level has this name")
        names.add(level.name)
        found.append(level)
    _refuse_overlaps(reader, "levels", [(level.start, level.percent) for level in found])
    return Levels(
        by=reader.choice("by", ("visits", "spend", "people")),
        levels=tuple(sorted(found, key=lambda level: level.start)),
        period_days=_period(reader),
        **about,
    )


def _personal(_reader: Reader, about: dict[str, Any]) -> Personal:
    return Personal(**about)


_KINDS: dict[str, Callable[[Reader, dict[str, Any]], AnyRule]] = {
    "referrals": _referrals,
    "visits": _visits,
    "spend": _spend,
    "nth_service": _nth_service,
    "birthday": _birthday,
    "holiday": _holiday,
    "first_visit": _first_visit,
    "services": _services,
    "favourite_service": _favourite_service,
    "segment": _segment,
    "levels": _levels,
    "personal": _personal,
}
