"""What is simulated: a proposal in a scope and a period, or the programmes as they were; and the same a bit moved."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from services.loyalty.domain.programme import Levels, Programme, Referrals, Rule, Spend, Visits
from services.loyalty.domain.promotion import Promotions
from services.loyalty.domain.standing import NEVER
from services.loyalty.domain.timeline import Timeline

HUNDRED = Decimal(100)
FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """All percentages, or all thresholds, moved `by` so many per cent; those in people by one for every ten per cent.

    Percentages of clients' own and of promotions are not the programme's, and stay; so do caps and budgets.
    """

    of: Literal["percentages", "thresholds"]
    by: int

    def on(self, programme: Programme) -> Programme:
        rules = tuple(self._on_rule(rule) for rule in programme.rules)
        return replace(programme, rules=rules)

    def scaled(self, percent: Decimal) -> Decimal:
        return min(percent * (100 + self.by) / 100, HUNDRED)

    def _on_rule(self, rule: Any) -> Any:
        return self._with_percentages(rule) if self.of == "percentages" else self._with_thresholds(rule)

    def _with_percentages(self, rule: Any) -> Rule:
        changes: dict[str, Any] = {}
        for name in ("tiers", "steps", "levels"):
            if hasattr(rule, name):
                changes[name] = tuple(replace(each, percent=self.scaled(each.percent)) for each in getattr(rule, name))
        if getattr(rule, "max_percent", None) is not None:
            changes["max_percent"] = self.scaled(rule.max_percent)
        if hasattr(rule, "reward"):
            changes["reward"] = replace(rule.reward, percent=self.scaled(rule.reward.percent))
        changed: Rule = replace(rule, **changes)
        return changed

    def _with_thresholds(self, rule: Any) -> Rule:
        match rule:
            case Referrals():
                return replace(rule, tiers=tuple(replace(each, people=self._fewer(each.people)) for each in rule.tiers))
            case Visits() | Spend():
                return replace(rule, steps=tuple(replace(each, start=self._moved(each.start)) for each in rule.steps))
            case Levels(by="people"):
                return replace(rule, levels=tuple(replace(each, start=self._fewer(each.start)) for each in rule.levels))
            case Levels():
                return replace(rule, levels=tuple(replace(each, start=self._moved(each.start)) for each in rule.levels))
        same: Rule = rule
        return same

    def _fewer(self, people: int) -> int:
        return max(1, people + self.by // 10) if people else 0

    def _moved(self, start: int) -> int:
        """Whole visits or minor units, halves up."""
        return (start * (100 + self.by) + 50) // 100


CHANGES = (
    *(Change("percentages", by) for by in (-20, -10, 10, 20)),
    *(Change("thresholds", by) for by in (-10, 10)),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """`proposal` is in force in its scope from `since` until `until`, else what really was; None: nothing else was.

    Counted are visits completed from `since` on and before `until`, of `branch_id` only if it is said. What visits
    before `since` were really given is what bears on later ones.
    """

    programmes: Timeline
    promotions: Promotions
    proposal: Programme | None = None
    since: datetime = NEVER
    until: datetime = FOR_EVER
    branch_id: UUID | None = None

    @property
    def simulated(self) -> Timeline:
        if self.proposal is None:
            return self.programmes
        return self.programmes.with_one_more(replace(self.proposal, starts=self.since, ends=self.until))

    def changed(self, change: Change) -> Timeline:
        """The same with what is proposed, or else everything that was in force, moved."""
        if self.proposal is not None:
            return replace(self, proposal=change.on(self.proposal)).simulated
        return Timeline(change.on(each) for each in self.programmes.all)

    def is_moved(self, programme: Programme) -> bool:
        """Whether a change moves this one: with a proposal, the proposal only."""
        return self.proposal is None or programme.rules is self.proposal.rules

    @property
    def depth(self) -> int:
        return self.simulated.depth

    @property
    def segment_ids(self) -> frozenset[UUID]:
        return self.simulated.segment_ids

    def counts(self, at: datetime, branch_id: UUID) -> bool:
        return self.since <= at < self.until and self.branch_id in (None, branch_id)


def bounds(since: date | None, until: date | None) -> tuple[datetime, datetime]:
    """The instants between which the days from `since` to `until`, which is included, lie (UTC)."""
    begins = datetime.combine(since, time(), UTC) if since is not None else NEVER
    ends = datetime.combine(until + timedelta(days=1), time(), UTC) if until is not None else FOR_EVER
    return begins, ends
