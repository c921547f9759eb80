"""Whom the rules of a programme put into categories and classes of importance, and why: by visits, money and people.

No rule looks at a category or at importance, so that what the rules give is never what they go by.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.loyalty.domain.judging import shut_out
from services.loyalty.domain.programme import Levels, Programme, Sort
from services.loyalty.domain.rules.offer import Case, is_kept
from services.loyalty.domain.rules.record import levels, spent
from services.loyalty.domain.standing import Standing
from services.loyalty.domain.wording import money, say

CLASSES = ("bronze", "silver", "gold")  # a client who may be in several is in the last of them


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a rule: what it asks for, what is found, and whether that is enough.

    Numbers of visits, people and days; money in minor units of `currency`; names of levels.
    """

    what: Literal["visits", "spend", "people", "level", "absent_days"]
    wanted: int | str
    found: int | str | None
    holds: bool
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Placing:
    """One rule and what it comes to; `refused`: why it does not look at the client at all."""

    sort: Sort
    checks: tuple[Check, ...]
    refused: str | None = None

    @property
    def holds(self) -> bool:
        return self.refused is None and all(check.holds for check in self.checks)

    @property
    def reason(self) -> str:
        """What the rule asks for, in words; no figures of the client, for cards are shown to many."""
        asked = ", ".join(map(_asked, self.checks))
        return f"{asked}, in {self.sort.period_days} days" if self.sort.period_days is not None else asked


@dataclass(frozen=True, slots=True)
class Sorting:
    """What the rules give a client at an instant. `turns_at` is when time alone may make something else of it."""

    client_id: UUID
    placings: tuple[Placing, ...]
    turns_at: datetime | None

    @property
    def categories(self) -> dict[UUID, str]:
        """Each category with the reason of the first rule that gives it."""
        found: dict[UUID, str] = {}
        for placing in self.placings:
            if placing.sort.category_id is not None and placing.holds:
                found.setdefault(placing.sort.category_id, placing.reason)
        return found

    @property
    def importance(self) -> tuple[str | None, str | None]:
        """The highest class that some rule gives, and why."""
        given = {p.sort.importance: p.reason for p in reversed(self.placings) if p.sort.importance and p.holds}
        highest = next((each for each in reversed(CLASSES) if each in given), None)
        return highest, given.get(highest)  # type: ignore[arg-type]  # nothing has the key None


def sort_out(programme: Programme, standing: Standing) -> Sorting:
    """Ask every rule of `programme` that sorts."""
    case = Case(programme, standing, None, None, standing.bills, explain=False)
    refused = shut_out(case)
    placings = tuple(Placing(sort, tuple(_checks(sort, case)), refused) for sort in programme.sorting)
    return Sorting(standing.client_id, placings, _turns_at(case) if placings and refused != "erased" else None)


def _checks(sort: Sort, case: Case) -> Iterator[Check]:
    if sort.min_visits is not None:
        visits = sum(map(is_kept, case.within(sort.period_days)))
        yield Check("visits", sort.min_visits, visits, visits >= sort.min_visits)
    if sort.min_spend is not None:
        amount, currency = spent(case.within(sort.period_days))
        yield Check("spend", sort.min_spend, amount, amount >= sort.min_spend, currency)
    if sort.min_people is not None:
        people = sum(1 for _ in _counting(case, sort.period_days))
        yield Check("people", sort.min_people, people, people >= sort.min_people)
    if sort.level is not None:
        reached = _reached(sort.level, case)
        yield Check("level", sort.level, reached, reached == sort.level)
    if sort.absent_days is not None:
        last = _last_visit(case)
        away = None if last is None else (case.at - last).days
        yield Check("absent_days", sort.absent_days, away, away is not None and away >= sort.absent_days)


def _last_visit(case: Case) -> datetime | None:
    """Whoever never came is not missed: they may have been registered today."""
    return max((bill.completed_at for bill in case.bills), default=None)


def _counting(case: Case, days: int | None) -> Iterator[datetime]:
    """Since when those count whom the client has brought themselves, in the last `days` or ever."""
    since = case.at - timedelta(days=days) if days is not None else None
    for person in case.standing.brought:
        if person.level == 1 and person.counts_since is not None and (since is None or person.counts_since > since):
            yield person.counts_since


def _reached(level: str, case: Case) -> str | None:
    """The status that the client has, by the rule that knows this one."""
    rule = _rule_of(level, case.programme)
    progress = levels(rule, case).progress if rule is not None else None
    return progress.level if progress is not None else None


def _rule_of(level: str, programme: Programme) -> Levels | None:
    known = (rule for rule in programme.rules if isinstance(rule, Levels))
    return next((rule for rule in known if any(each.name == level for each in rule.levels)), None)


# --- time ------------------------------------------------------------------------------------------------------------


def _turns_at(case: Case) -> datetime | None:
    """The first instant after this one at which something leaves a period, or somebody has been away for long enough.

    It may turn out to change nothing, but nothing changes by time alone before it.
    """
    return min((at for at in _turns(case) if at > case.at), default=None)


def _turns(case: Case) -> Iterator[datetime]:
    last = _last_visit(case)
    for sort in case.programme.sorting:
        if sort.absent_days is not None and last is not None:
            yield last + timedelta(days=sort.absent_days)
        yield from _leaving(case, sort.period_days)
        rule = _rule_of(sort.level, case.programme) if sort.level is not None else None
        if rule is not None:
            yield from _leaving(case, rule.period_days)
    if case.programme.enrolment is not None:
        yield from _leaving(case, case.programme.enrolment.days)


def _leaving(case: Case, days: int | None) -> Iterator[datetime]:
    """When the oldest visit, and the oldest person, of the last `days` will be older than that."""
    if days is None:
        return
    oldest: Iterable[datetime | None] = (
        min((bill.completed_at for bill in case.within(days)), default=None),
        min(_counting(case, days), default=None),
    )
    yield from (at + timedelta(days=days) for at in oldest if at is not None)


# --- words -----------------------------------------------------------------------------------------------------------


def _asked(check: Check) -> str:
    match check.what:
        case "spend":
            return f"{money(int(check.wanted), check.currency)} or more spent"
        case "level":
            return f"status {check.wanted}"
        case "absent_days":
            return f"no visit for {check.wanted} days or more"
        case "people":
            return f"{check.wanted} or more people brought"
        case _:
            return f"{check.wanted} or more visits"


def refusal(placing: Placing) -> str | None:
    """Why a rule does not look at the client at all, in words."""
    return say(placing.refused, ()) if placing.refused is not None else None
