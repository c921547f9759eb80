"""A programme in sentences, for whoever reads it at the desk."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from gateway.pages.formats import money, percent
from gateway.pages.languages import gettext as _
from gateway.pages.languages import ngettext
from gateway.pages.loyalty.fields import BY_GROUP, COMBINATION, IMPORTANCE, RULES
from gateway.pages.loyalty.salon import Choices
from kernel.money import Money

UNNAMED = "Programme"  # what the API calls one that nobody has named
Lines = list[tuple[str, list[str]]]  # a heading, and what stands below it


def summary(document: Mapping[str, Any], currency: str, lists: Mapping[str, Choices]) -> Lines:
    told = [(_title(rule), list(_rule(rule, currency, lists))) for rule in document.get("rules") or ()]
    if combination := document.get("combination"):
        told.append((_("How discounts combine"), list(_combination(combination))))
    if points := document.get("points"):
        told.append((_("Bonus points"), list(_points(points, currency))))
    return told


def called(name: str | None) -> str:
    """The name of a programme, in the visitor's language if nobody gave it one."""
    return name if name and name != UNNAMED else _("Programme")


def _title(rule: Mapping[str, Any]) -> str:
    kind = RULES.get(rule["kind"])
    label = _(kind.label) if kind else str(rule["kind"])
    return label if rule.get("name") in (None, rule["kind"]) else f"{label}: {rule['name']}"


def _rule(rule: Mapping[str, Any], currency: str, lists: Mapping[str, Choices]) -> Iterator[str]:
    if steps := rule.get("tiers") or rule.get("steps") or rule.get("levels"):
        by = rule.get("by") or {"referrals": "people", "spend": "spend"}.get(rule["kind"], "visits")
        yield from (_step(step, by, currency) for step in steps)
    if rule["kind"] == "nth_service":
        yield _("Each service number %(every)s", every=rule["every"])
    if days := rule.get("days"):
        yield _("Days: %(days)s", days=", ".join(f"{each[3:]}.{each[:2]}" for each in days))
    if reward := rule.get("reward"):
        yield _reward(reward)
    for name, source in (
        ("service_ids", "services"),
        ("category_ids", "client_categories"),
        ("segment_ids", "segments"),
    ):
        if ids := rule.get(name):
            yield ", ".join(dict(lists.get(source, [])).get(each, "—") for each in ids)
    if rule.get("categories"):
        yield ", ".join(rule["categories"])
    if rule.get("importance"):
        yield _("Importance: %(name)s", name=", ".join(_(dict(IMPORTANCE)[each]) for each in rule["importance"]))
    if period := rule.get("period_days"):
        yield ngettext("Within %(num)s day", "Within %(num)s days", period)
    if rule.get("max_percent"):
        yield _("At most %(percent)s", percent=percent(Decimal(rule["max_percent"])))
    if ids := rule.get("branch_ids"):
        yield _(
            "Only: %(branches)s", branches=", ".join(dict(lists.get("branches", [])).get(each, "—") for each in ids)
        )


def _step(step: Mapping[str, Any], by: str, currency: str) -> str:
    start = step.get("people", step.get("start", 0))
    from_ = {
        "people": lambda: ngettext("from %(num)s person", "from %(num)s people", start),
        "spend": lambda: _("from %(amount)s", amount=money(Money(start, currency))),
        "visits": lambda: ngettext("from %(num)s visit", "from %(num)s visits", start),
    }[by]()
    told = f"{step['name']}: {from_}" if step.get("name") else from_
    given = [percent(Decimal(step["percent"]))] if Decimal(step["percent"]) else []
    return f"{told} — {', '.join([*given, *step.get('privileges', ())])}"


def _reward(reward: Mapping[str, Any]) -> str:
    if reward.get("gift"):
        return _("Gift: %(what)s", what=reward["gift"])
    if reward.get("offer"):
        return _("Offer: %(what)s", what=reward["offer"])
    return _("Discount: %(percent)s", percent=percent(Decimal(reward.get("percent", 0))))


def _combination(combination: Mapping[str, Any]) -> Iterator[str]:
    how = dict(COMBINATION[0].options)[combination["by"]]
    yield _("When several discounts apply: %(how)s", how=_(how))
    for group in combination.get("groups") or ():
        what = dict(BY_GROUP)[group["by"]]
        yield f"{', '.join(group['of'])}: {_(what)}"
    for name, message in (
        ("max_percent_per_line", _("At most %(percent)s of a service")),
        ("max_percent_per_visit", _("At most %(percent)s of a visit")),
    ):
        if Decimal(combination[name]) < 100:
            yield message % {"percent": percent(Decimal(combination[name]))}


def _points(points: Mapping[str, Any], currency: str) -> Iterator[str]:
    yield _("A point is worth %(amount)s", amount=money(Money(points["value"], currency)))
    if points["per_visit"]:
        yield ngettext("%(num)s point for a visit", "%(num)s points for a visit", points["per_visit"])
    if Decimal(points["percent"]):
        yield _("%(percent)s of what was paid comes back in points", percent=percent(Decimal(points["percent"])))
    if points["per_referral"]:
        yield ngettext(
            "%(num)s point for somebody brought", "%(num)s points for somebody brought", points["per_referral"]
        )
    if points["welcome"]:
        yield ngettext("%(num)s point for who was brought", "%(num)s points for who was brought", points["welcome"])
    if Decimal(points["max_percent_of_visit"]) < 100:
        yield _("Points pay at most %(percent)s of a visit", percent=percent(Decimal(points["max_percent_of_visit"])))
    if points["expire_after_days"]:
        yield ngettext("They lapse after %(num)s day", "They lapse after %(num)s days", points["expire_after_days"])
