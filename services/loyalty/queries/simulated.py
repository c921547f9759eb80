"""What came of a simulation, in the words of the contract."""

from decimal import ROUND_FLOOR, Decimal

from contracts import loyalty as wire
from services.loyalty.domain.programme import Budget, Programme, Referrals
from services.loyalty.domain.referrals import plain
from services.loyalty.domain.simulation.plan import CHANGES
from services.loyalty.domain.simulation.tally import Affected, Compared, Sums, Tally


def result_of(tally: Tally, proposal: Programme | None) -> wire.SimulationResult:
    """The whole of it; currencies with the most visits first."""
    budget = _budget_in(proposal)
    ordered = sorted(tally.currencies.items(), key=lambda each: (-each[1].all.visits, each[0]))
    return wire.SimulationResult(
        tuple(_currency(currency, sums, budget) for currency, sums in ordered if sums.all.visits), tally.erased
    )


def _budget_in(proposal: Programme | None) -> Budget | None:
    rules = proposal.rules if proposal is not None else ()
    return next((rule.budget for rule in rules if isinstance(rule, Referrals) and rule.budget is not None), None)


def _currency(currency: str, sums: Sums, budget: Budget | None) -> wire.SimulatedCurrency:
    together = sums.all
    proposed = sums.revenue + together.applied - together.proposed
    return wire.SimulatedCurrency(
        currency=currency,
        visits=together.visits,
        changed=sums.changed,
        proposed=together.proposed,
        granted=together.granted,
        applied=together.applied,
        difference=together.proposed - together.granted,
        gifts=sums.gifts,
        offers=sums.offers,
        revenue=sums.revenue,
        revenue_proposed=proposed,
        cost=sums.cost,
        margin=sums.revenue - sums.cost,
        margin_proposed=proposed - sums.cost,
        lines=sums.lines,
        lines_without_cost=sums.lines_without_cost,
        winners=_clients(sums.winners, 1),
        losers=_clients(sums.losers, -1),
        by_branch=tuple(
            wire.SimulatedBranch(branch_id, *_four(compared)) for branch_id, compared in sorted(sums.branches.items())
        ),
        by_segment=tuple(
            wire.SimulatedSegment(kind, key, *_four(compared))  # type: ignore[arg-type]  # a kind is one of four
            for (kind, key), compared in sorted(sums.segments.items())
        ),
        by_rule=tuple(
            wire.SimulatedRule(rule, gave.visits, gave.amount, gave.gifts, gave.offers)
            for rule, gave in sorted(sums.rules.items())
        ),
        sensitivity=tuple(
            wire.SimulatedChange(change.of, change.by, discount)
            for change, discount in zip(CHANGES, sums.sensitivity, strict=True)
        ),
        budget=_budget(budget, sums) if budget is not None else None,
    )


def _four(compared: Compared) -> tuple[int, int, int, int]:
    return compared.visits, compared.applied, compared.granted, compared.proposed


def _clients(affected: Affected, sign: int) -> wire.SimulatedClients:
    top = tuple(wire.SimulatedClient(client_id, sign * amount) for amount, client_id in affected.top)
    return wire.SimulatedClients(affected.clients, sign * affected.amount, top)


def _budget(budget: Budget, sums: Sums) -> wire.SimulatedBudget:
    bound = (Decimal(sums.money) * budget.share / 100).to_integral_value(ROUND_FLOOR)
    return wire.SimulatedBudget(plain(budget.share), sums.money, int(bound), sums.budget_used)
