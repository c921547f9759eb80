"""From the document of a programme to its rules, with every mistake and its place; `writing` goes the other way."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.loyalty.domain.parsing_rules import one_name_each, rule_of, tiers_of
from services.loyalty.domain.programme import (
    PROMOTIONS,
    AnyRule,
    Checks,
    Combination,
    Criterion,
    Enrolment,
    Group,
    Levels,
    Personal,
    Points,
    Programme,
    Referrals,
    Sort,
)
from services.loyalty.domain.reading import MISSING, Mistakes, Reader, uuid

DEFAULT_NAME = "Programme"
CLASSES = ("bronze", "silver", "gold")


def programme_of(
    document: Mapping[str, Any],
    *,
    id: UUID | None,  # noqa: A002  what the field is called
    version: int,
    now: datetime,
    starts: datetime | None = None,
    ends: datetime | None = None,
    branch_id: UUID | None = None,
    unknown_branches: Iterable[UUID] = (),
    unknown_services: Iterable[UUID] = (),
) -> Programme:
    """The programme that `document` says, in force from `starts` (now, if it is not said) until `ends`.

    `unknown_branches` are those of `branches_named` that are no branches, `unknown_services` those of `services_named`
    that are no services. All mistakes are refused at once, each with its place (`rules.2.tiers.1.percent`); the code
    is that of the first.
    """
    mistakes = Mistakes()
    if starts is not None and starts < now:
        mistakes.note("from", "programme_in_past", "a programme cannot begin in the past")
    if ends is not None and ends <= (starts or now):
        mistakes.note("until", "period_empty", "a programme ends after it begins")
    parsed = _programme(document, mistakes, id, version, starts or now, ends, branch_id)
    _refuse_unknown_branches(parsed, frozenset(unknown_branches), mistakes)
    _refuse_unknown_services(parsed, frozenset(unknown_services), mistakes)
    mistakes.refuse()
    return parsed


def read(
    document: Mapping[str, Any],
    *,
    id: UUID | None,  # noqa: A002
    version: int,
    starts: datetime,
    branch_id: UUID | None = None,
) -> Programme:
    """A programme that was published: it was right when it was."""
    mistakes = Mistakes()
    parsed = _programme(document, mistakes, id, version, starts, None, branch_id)
    mistakes.refuse()
    return parsed


def branches_named(document: Mapping[str, Any]) -> frozenset[UUID]:
    """The branches that rules are bound to, as far as they can be read."""
    return _ids_in(_rules_of(document), "branch_ids")


def services_named(document: Mapping[str, Any]) -> frozenset[UUID]:
    """The services that rules look at or that enrol, as far as they can be read."""
    return _ids_in([*_rules_of(document), document.get("enrolment")], "service_ids")


def _rules_of(document: Mapping[str, Any]) -> list[Any]:
    rules = document.get("rules")
    return rules if isinstance(rules, list) else []


def _ids_in(objects: Iterable[Any], field: str) -> frozenset[UUID]:
    lists = (each.get(field) for each in objects if isinstance(each, Mapping))
    ids = (uuid(each) for some in lists if isinstance(some, list) for each in some)
    return frozenset(each for each in ids if each is not None)


def _programme(
    document: Mapping[str, Any],
    mistakes: Mistakes,
    id: UUID | None,  # noqa: A002
    version: int,
    starts: datetime,
    ends: datetime | None,
    branch_id: UUID | None,
) -> Programme:
    reader = Reader(document, "", mistakes)
    name = reader.text("name", DEFAULT_NAME)
    rules = _rules(reader)
    levels = {level.name for rule in rules if isinstance(rule, Levels) for level in rule.levels}
    parsed = Programme(
        id=id,
        version=version,
        name=name,
        starts=starts,
        ends=ends,
        branch_id=branch_id,
        rules=rules,
        criterion=_criterion(reader.object("criterion")),
        checks=_checks(reader.object("checks")),
        sorting=tuple(_sort(each, levels) for each in reader.objects("sorting")),
        enrolment=_enrolment(reader.object("enrolment")),
        combination=_combination(reader.object("combination"), [rule.name for rule in rules]),
        points=_points(reader.object("points")),
    )
    if parsed.sorting and branch_id is not None:
        reader.note("sorting", "sorting_of_branch", "clients wear their labels in all branches: the chain's rules sort")
    reader.done()
    return parsed


def _rules(reader: Reader) -> tuple[AnyRule, ...]:
    """The rules in full; or, for short, the tiers of the only rule beside personal discounts."""
    if reader.has("tiers"):
        if reader.has("rules"):
            reader.note(
                "tiers", "tiers_and_rules", "tiers stand for all the rules; with rules of their own they are in one"
            )
        return (Referrals(name="referrals", tiers=tiers_of(reader, "tiers")), Personal(name="personal"))
    if not reader.has("rules"):
        reader.note("rules", MISSING, "this field is missing")
    readers = reader.objects("rules")
    rules = [(each, rule_of(each)) for each in readers]
    known = [(each, rule) for each, rule in rules if rule is not None]
    one_name_each(known)
    return tuple(rule for _, rule in known)


def _criterion(reader: Reader | None) -> Criterion:
    if reader is None:
        return Criterion()
    read = Criterion(reader.whole("visits", 1, least=1, most=1000), reader.whole("min_paid", 1, least=1))
    reader.done()
    return read


def _checks(reader: Reader | None) -> Checks:
    if reader is None:
        return Checks()
    usual = Checks()
    read = Checks(
        earlier_visit=reader.flag("earlier_visit", default=usual.earlier_visit),
        shared_contact=reader.flag("shared_contact", default=usual.shared_contact),
        staff=reader.flag("staff", default=usual.staff),
        velocity=reader.whole(
            "velocity", None if reader.says_null("velocity") else usual.velocity, least=1, most=10_000
        ),
        velocity_days=reader.whole("velocity_days", usual.velocity_days, least=1, most=3650),
        flagged_count=reader.flag("flagged_count", default=usual.flagged_count),
    )
    reader.done()
    return read


def _sort(reader: Reader, levels: set[str]) -> Sort:
    read = Sort(
        category_id=reader.id("category_id", None),
        importance=reader.choice("importance", CLASSES, None),
        min_visits=reader.whole("min_visits", None, least=1),
        min_spend=reader.whole("min_spend", None, least=1),
        min_people=reader.whole("min_people", None, least=1),
        level=reader.text("level", None),
        absent_days=reader.whole("absent_days", None, least=1, most=36_500),
        period_days=reader.whole("period_days", None, least=1, most=36_500),
    )
    reader.done()
    if (read.category_id is None) == (read.importance is None):
        reader.note("", "sort_unclear", "say either a category or a class of importance")
    if all(each is None for each in (read.min_visits, read.min_spend, read.min_people, read.level, read.absent_days)):
        reader.note("", "rule_empty", "say whom it puts there: without a condition it is everybody")
    if read.level is not None and read.level not in levels:
        reader.note("level", "level_unknown", "no rule of the programme has a level of that name")
    return read


def _enrolment(reader: Reader | None) -> Enrolment | None:
    if reader is None:
        return None
    read = Enrolment(reader.ids("service_ids"), reader.whole("days", None, least=1, most=36_500))
    reader.done()
    if not read.service_ids:
        reader.note("service_ids", "rule_empty", "say which services take somebody into the programme")
    return read


def _combination(reader: Reader | None, names: list[str]) -> Combination:
    if reader is None:
        return Combination()
    read = Combination(
        groups=_groups(reader, names),
        by=reader.choice("by", ("best", "sum", "cascade"), "best"),
        max_percent_per_line=reader.percent("max_percent_per_line", Decimal(100)),
        max_percent_per_visit=reader.percent("max_percent_per_visit", Decimal(100)),
    )
    reader.done()
    return read


def _groups(reader: Reader, names: list[str]) -> tuple[Group, ...]:
    groups, grouped = [], set[str]()
    for each in reader.objects("groups"):
        group = Group(each.texts("of"), each.choice("by", ("best", "sum"), "best"))
        each.done()
        groups.append(group)
        if not group.of:
            each.note("of", "rule_empty", "a group names at least one rule")
        for index, name in enumerate(group.of):
            if name not in names and name != PROMOTIONS:
                each.note(f"of.{index}", "rule_unknown", "the programme has no rule of that name")
            if name in grouped:
                each.note(f"of.{index}", "name_taken", "a rule is in one group only")
            grouped.add(name)
    return tuple(groups)


def _points(reader: Reader | None) -> Points | None:
    if reader is None:
        return None
    read = Points(
        value=reader.whole("value", 100, least=1, most=10**9),
        per_visit=reader.whole("per_visit", 0, most=10**9),
        percent=reader.percent("percent", Decimal(0)),
        per_referral=reader.whole("per_referral", 0, most=10**9),
        welcome=reader.whole("welcome", 0, most=10**9),
        max_percent_of_visit=reader.percent("max_percent_of_visit", Decimal(100)),
        expire_after_days=reader.whole("expire_after_days", None, least=1, most=36_500),
    )
    reader.done()
    return read


def _refuse_unknown_branches(programme: Programme, unknown: frozenset[UUID], mistakes: Mistakes) -> None:
    if programme.branch_id in unknown:
        mistakes.note("branch_id", "branch_unknown", "there is no such branch")
    for index, rule in enumerate(programme.rules):
        if rule.branch_ids & unknown:
            mistakes.note(f"rules.{index}.branch_ids", "branch_unknown", "there is no such branch")


def _refuse_unknown_services(programme: Programme, unknown: frozenset[UUID], mistakes: Mistakes) -> None:
    looks_at = [(f"rules.{index}", getattr(rule, "service_ids", ())) for index, rule in enumerate(programme.rules)]
    if programme.enrolment is not None:
        looks_at.append(("enrolment", programme.enrolment.service_ids))
    for place, service_ids in looks_at:
        if unknown.intersection(service_ids):
            mistakes.note(f"{place}.service_ids", "service_unknown", "there is no such service")
