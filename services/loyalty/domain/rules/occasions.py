"""What days give: the client's birthday, holidays of the calendar; each once if the rule says so."""

from calendar import isleap
from datetime import date, timedelta

from services.loyalty.domain.programme import Birthday, Holiday
from services.loyalty.domain.rules.offer import Case, Offer
from services.loyalty.domain.verdict import Evidence


def birthday(rule: Birthday, case: Case) -> Offer:
    """While the birthday is near. The key has the year of the birthday, so that turns of the year do not double it."""
    offer = Offer(rule.name, rule.kind, "birthday", needs_visit=True).reward(rule.reward)
    window = next((each for each in case.standing.occasions if each.kind == "birthday"), None)
    if window is None:
        return offer.refuse("birthday.not_near")
    offer.evidence = (Evidence("occasion", counted=True, at=window.since, reason=f"birthday:{window.year}"),)
    return _once(offer, case, f"{rule.name}:{window.year}") if rule.once else offer


def holiday(rule: Holiday, case: Case) -> Offer:
    """Around the days that are named, by the date of the branch."""
    offer = Offer(rule.name, rule.kind, "holiday", needs_visit=True).reward(rule.reward)
    if case.visit is None:
        return offer
    day = near(rule, case.visit.local_date)
    if day is None:
        return offer.refuse("holiday.not_near")
    offer.params += (("day", day.isoformat()),)
    return _once(offer, case, f"{rule.name}:{day.isoformat()}") if rule.once else offer


def near(rule: Holiday, today: date) -> date | None:
    """The holiday that `today` is near to, the nearest of several; that of the 29th of February is each year's last."""
    found = []
    for month, number in rule.days:
        for year in (today.year - 1, today.year, today.year + 1):
            day = date(year, month, 28 if (month, number) == (2, 29) and not isleap(year) else number)
            if day - timedelta(days=rule.days_before) <= today <= day + timedelta(days=rule.days_after):
                found.append(day)
    return min(found, key=lambda day: (abs(day - today), day), default=None)


def _once(offer: Offer, case: Case, key: str) -> Offer:
    """Refuse what another visit had already."""
    offer.once = key
    mine = case.visit.appointment_id if case.visit else None
    had = next((appointment_id for given, appointment_id in case.standing.once if given == key), None)
    return offer if had is None or had == mine else offer.refuse("already_given", appointment_id=str(had))
