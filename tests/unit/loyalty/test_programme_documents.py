"""Programmes as documents: what is read is written again, and every mistake is named with its place."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kernel.errors import Invalid
from services.loyalty.domain.parsing import branches_named, programme_of, services_named
from services.loyalty.domain.programme import (
    Checks,
    Combination,
    Personal,
    Programme,
    Referrals,
    Tier,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HERE = UUID(int=1)
SERVICE = UUID(int=2)
TIERS = [{"people": 1, "percent": 3}, {"people": 3, "percent": "7.5"}]


def parsed(document: Any, **about: Any) -> Programme:
    return programme_of(document, id=None, version=1, now=NOW, **about)


def refusal(document: Any, **about: Any) -> Invalid:
    with pytest.raises(Invalid) as refused:
        parsed(document, **about)
    return refused.value


def of_rule(**rule: Any) -> dict[str, Any]:
    return {"rules": [rule]}


def test_tiers_alone_stand_for_the_usual_programme() -> None:
    programme = parsed({"tiers": TIERS})
    tiers = (Tier(1, Decimal(3)), Tier(3, Decimal("7.5")))
    assert programme.rules == (Referrals(name="referrals", tiers=tiers), Personal(name="personal"))
    assert (programme.starts, programme.ends, programme.combination) == (NOW, None, Combination())


def test_tiers_are_put_in_order() -> None:
    assert parsed({"tiers": TIERS[::-1]}) == parsed({"tiers": TIERS})


def test_numbers_of_json_are_what_was_written() -> None:
    programme = parsed({"tiers": [{"people": 1, "percent": 0.1}]})
    assert programme.rules[0].tiers == (Tier(1, Decimal("0.1")),)  # type: ignore[union-attr]


REWARD = {"percent": 5}
MISTAKES: list[tuple[str, dict[str, Any], str, str]] = [
    ("a rule of no kind", of_rule(kind="lottery"), "rule_unknown", "rules.0.kind"),
    ("a rule that does not say its kind", of_rule(name="x"), "field_missing", "rules.0.kind"),
    ("no rules", {"name": "Empty"}, "field_missing", "rules"),
    ("two tiers that start alike", {"tiers": [TIERS[0], TIERS[0]]}, "tiers_overlap", "tiers.1"),
    (
        "more people for less",
        {"tiers": [{"people": 5, "percent": 2}, {"people": 1, "percent": 3}]},
        "tiers_overlap",
        "tiers.0.percent",
    ),
    ("no tiers", of_rule(kind="referrals", tiers=[]), "tiers_missing", "rules.0.tiers"),
    (
        "more than everything",
        of_rule(kind="referrals", tiers=[TIERS[0], {"people": 2, "percent": 101}]),
        "percent_out_of_range",
        "rules.0.tiers.1.percent",
    ),
    ("less than nothing", {"tiers": [{"people": 1, "percent": -1}]}, "percent_out_of_range", "tiers.0.percent"),
    (
        "a thousandth of a per cent",
        {"tiers": [{"people": 1, "percent": 0.001}]},
        "percent_out_of_range",
        "tiers.0.percent",
    ),
    (
        "deeper levels without a budget",
        of_rule(kind="referrals", tiers=TIERS, depth=2),
        "weights_break_budget",
        "rules.0.budget",
    ),
    (
        "levels that weigh more the deeper they are",
        of_rule(kind="referrals", tiers=TIERS, depth=2, weight=1.5, budget={"share": 5, "ratio": 0.5}),
        "weights_break_budget",
        "rules.0.weight",
    ),
    (
        "a series without a limit",
        of_rule(kind="referrals", tiers=TIERS, depth=2, budget={"share": 5, "ratio": 1}),
        "weights_break_budget",
        "rules.0.budget.ratio",
    ),
    (
        "a share of more than everything",
        of_rule(kind="referrals", tiers=TIERS, budget={"share": 101, "ratio": "0.5"}),
        "percent_out_of_range",
        "rules.0.budget.share",
    ),
    (
        "caps of levels that are not looked at",
        of_rule(kind="referrals", tiers=TIERS, level_caps=[3, 3]),
        "levels_beyond_depth",
        "rules.0.level_caps",
    ),
    ("every noughth", of_rule(kind="nth_service", every=0, reward=REWARD), "every_out_of_range", "rules.0.every"),
    (
        "two rewards",
        of_rule(kind="birthday", reward={"percent": 5, "gift": "a cake"}),
        "reward_unclear",
        "rules.0.reward",
    ),
    ("no reward", of_rule(kind="birthday", reward={}), "reward_unclear", "rules.0.reward"),
    (
        "a reward of nothing",
        of_rule(kind="birthday", reward={"percent": 0}),
        "percent_out_of_range",
        "rules.0.reward.percent",
    ),
    ("no such day", of_rule(kind="holiday", days=["02-30"], reward=REWARD), "field_invalid", "rules.0.days.0"),
    ("no day", of_rule(kind="holiday", days=[], reward=REWARD), "rule_empty", "rules.0.days"),
    ("services, but none", of_rule(kind="services", reward=REWARD), "rule_empty", "rules.0.service_ids"),
    ("a segment of everybody", of_rule(kind="segment", reward=REWARD), "rule_empty", "rules.0.category_ids"),
    (
        "two levels of one name",
        of_rule(kind="levels", by="visits", levels=[{"name": "A", "start": 1}, {"name": "A", "start": 2}]),
        "name_taken",
        "rules.0.levels.1.name",
    ),
    (
        "two levels from one start",
        of_rule(kind="levels", by="visits", levels=[{"name": "A", "start": 1}, {"name": "B", "start": 1}]),
        "tiers_overlap",
        "rules.0.levels.1",
    ),
    (
        "levels by the moon",
        of_rule(kind="levels", by="moon", levels=[{"name": "A", "start": 1}]),
        "field_invalid",
        "rules.0.by",
    ),
    (
        "two rules of one name",
        {"rules": [{"kind": "personal", "name": "x"}, {"kind": "first_visit", "name": "x", "reward": REWARD}]},
        "name_taken",
        "rules.1.name",
    ),
    ("a rule called promotions", of_rule(kind="personal", name="promotions"), "name_taken", "rules.0.name"),
    (
        "personal discounts twice",
        {"rules": [{"kind": "personal"}, {"kind": "personal", "name": "x"}]},
        "rule_repeated",
        "rules.1.kind",
    ),
    ("a field that is not there", of_rule(kind="personal", colour="red"), "unknown_field", "rules.0.colour"),
    ("a section that is not there", {"tiers": TIERS, "extras": {}}, "unknown_field", "extras"),
    ("tiers beside rules", {"tiers": TIERS, "rules": []}, "tiers_and_rules", "tiers"),
    (
        "a group of nobody",
        {"tiers": TIERS, "combination": {"groups": [{"of": []}]}},
        "rule_empty",
        "combination.groups.0.of",
    ),
    (
        "a group of an unknown rule",
        {"tiers": TIERS, "combination": {"groups": [{"of": ["referrals", "levels"]}]}},
        "rule_unknown",
        "combination.groups.0.of.1",
    ),
    (
        "a rule in two groups",
        {"tiers": TIERS, "combination": {"groups": [{"of": ["referrals"]}, {"of": ["referrals"]}]}},
        "name_taken",
        "combination.groups.1.of.0",
    ),
    (
        "a cap above everything",
        {"tiers": TIERS, "combination": {"max_percent_per_visit": 101}},
        "percent_out_of_range",
        "combination.max_percent_per_visit",
    ),
    ("sorting into nothing", {"tiers": TIERS, "sorting": [{"min_visits": 3}]}, "sort_unclear", "sorting.0"),
    ("sorting everybody", {"tiers": TIERS, "sorting": [{"importance": "gold"}]}, "rule_empty", "sorting.0"),
    (
        "sorting by an unknown level",
        {"tiers": TIERS, "sorting": [{"importance": "gold", "level": "X"}]},
        "level_unknown",
        "sorting.0.level",
    ),
    ("enrolment by nothing", {"tiers": TIERS, "enrolment": {}}, "rule_empty", "enrolment.service_ids"),
    ("points worth nothing", {"tiers": TIERS, "points": {"value": 0}}, "field_invalid", "points.value"),
    ("text for a number", {"tiers": TIERS, "criterion": {"visits": "many"}}, "field_invalid", "criterion.visits"),
    ("a list for an object", {"tiers": TIERS, "checks": []}, "field_invalid", "checks"),
    ("an object for a list", {"rules": {}}, "field_invalid", "rules"),
    ("a truth for a number", {"tiers": [{"people": True, "percent": 3}]}, "field_invalid", "tiers.0.people"),
    ("no number", {"tiers": [{"people": 1, "percent": "NaN"}]}, "percent_out_of_range", "tiers.0.percent"),
    ("a branch that is no id", of_rule(kind="personal", branch_ids=["here"]), "field_invalid", "rules.0.branch_ids.0"),
]


@pytest.mark.parametrize(
    ("document", "code", "place"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES]
)
def test_a_mistake_is_named_with_its_place(document: dict[str, Any], code: str, place: str) -> None:
    refused = refusal(document)
    assert (refused.code, next(iter(refused.details["errors"]))) == (code, place)


def test_all_mistakes_are_told_at_once() -> None:
    refused = refusal({"rules": [{"kind": "lottery"}, {"kind": "personal", "colour": "red"}], "extras": 1})
    assert list(refused.details["errors"]) == ["rules.0.kind", "rules.1.colour", "extras"]
    assert "and 2 more" in refused.message


@pytest.mark.parametrize(
    ("about", "code", "place"),
    [
        ({"starts": NOW - timedelta(seconds=1)}, "programme_in_past", "from"),
        ({"ends": NOW}, "period_empty", "until"),
        ({"starts": NOW + timedelta(days=2), "ends": NOW + timedelta(days=1)}, "period_empty", "until"),
        ({"branch_id": HERE, "unknown_branches": [HERE]}, "branch_unknown", "branch_id"),
    ],
)
def test_where_and_when_it_holds_is_checked_too(about: dict[str, Any], code: str, place: str) -> None:
    refused = refusal({"tiers": TIERS}, **about)
    assert (refused.code, list(refused.details["errors"])) == (code, [place])


def test_branches_of_rules_are_checked() -> None:
    document = of_rule(kind="personal", branch_ids=[str(HERE)])
    assert branches_named(document) == {HERE}
    assert refusal(document, unknown_branches=[HERE]).details["errors"].keys() == {"rules.0.branch_ids"}
    assert branches_named({"rules": [1, {"branch_ids": 3}, {"branch_ids": ["x"]}]}) == frozenset()
    assert branches_named({"rules": 1}) == frozenset()


def test_services_of_rules_and_of_enrolment_are_checked() -> None:
    document = of_rule(kind="services", service_ids=[str(HERE)], reward={"percent": 5})
    document["enrolment"] = {"service_ids": [str(HERE)]}
    assert services_named(document) == {HERE}
    refused = refusal(document, unknown_services=[HERE])
    assert (refused.code, list(refused.details["errors"])) == (
        "service_unknown",
        ["rules.0.service_ids", "enrolment.service_ids"],
    )
    assert services_named({"rules": [{"service_ids": "x"}], "enrolment": 1}) == frozenset()


def test_velocity_may_be_switched_off() -> None:
    assert parsed({"tiers": TIERS, "checks": {"velocity": None}}).checks.velocity is None
    assert parsed({"tiers": TIERS, "checks": {}}).checks.velocity == Checks().velocity
