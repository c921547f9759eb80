"""Whom the rules put where, and why, by what is known now."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from contracts import loyalty as views
from kernel.caller import Caller, Reach
from kernel.errors import Forbidden
from kernel.money import Money
from services.loyalty.domain.history import History
from services.loyalty.domain.programme import Programme
from services.loyalty.domain.sorting import Check, Placing, refusal, sort_out
from services.loyalty.domain.standing import Standing
from services.loyalty.queries.facts import facts_about
from services.loyalty.queries.programmes import in_force
from services.loyalty.queries.visibility import visible_card


def standings_of(session: Session, ids: Sequence[UUID], now: datetime) -> tuple[Programme, list[Standing]]:
    """The chain's programme, which alone sorts, and what it sees of these clients."""
    programme = in_force(session, None, now)
    history = History.of(facts_about(session, ids, programme.depth))
    return programme, [history.standing(client_id, now, programme) for client_id in ids]


def show_sorting(session: Session, client_id: UUID, caller: Caller, now: datetime) -> views.ClientSorting:
    if caller.must("loyalty.read") is Reach.OWN:
        raise Forbidden("permission_missing", "how clients are sorted is not for themselves")
    visible_card(session, client_id, caller)
    programme, (standing,) = standings_of(session, [client_id], now)
    sorting = sort_out(programme, standing)
    importance, _ = sorting.importance
    return views.ClientSorting(
        client_id,
        now,
        programme.version,
        tuple(sorting.categories),
        importance,  # type: ignore[arg-type]  # one of the three words
        tuple(_rule(placing) for placing in sorting.placings),
    )


def _rule(placing: Placing) -> views.SortingRule:
    return views.SortingRule(
        placing.holds,
        placing.reason,
        tuple(_check(check) for check in placing.checks),
        placing.sort.category_id,
        placing.sort.importance,
        refusal(placing),
    )


def _check(check: Check) -> views.SortingCheck:
    found = None if check.found is None or check.what == "spend" else str(check.found)
    spent = Money(int(check.found or 0), check.currency) if check.currency else None
    return views.SortingCheck(check.what, check.holds, str(check.wanted), found, spent)
