"""What a tree of channels may look like, and what a channel may cost."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from uuid import UUID

from kernel.errors import Invalid
from kernel.money import Money


def named(name: str, field: str = "name") -> str:
    """`name` without outer spaces; `Invalid` if nothing is left."""
    tidy = name.strip()
    if not tidy:
        raise Invalid.field(field, "name_blank", "a name has at least one letter")
    return tidy


def refuse_branch_in_itself(source_id: UUID, parent_id: UUID, above_parent: Iterable[UUID]) -> None:
    """A source hangs neither on itself nor on what hangs on it; `above_parent`: from the parent to the top."""
    if parent_id == source_id or source_id in above_parent:
        raise Invalid.field("parent_id", "source_cycle", "a source cannot hang on itself, directly or through others")


def refuse_impossible_costs(costs: Sequence[tuple[str, Money]], currency: str | None) -> None:
    """Costs are of months (`YYYY-MM`) in their order, not below zero, and in the currency of all the others."""
    for index, (_, monthly) in enumerate(costs):
        if monthly.amount < 0:
            raise Invalid.field(f"costs.{index}.monthly", "cost_negative", "a channel costs something or nothing")
        currency = currency or monthly.currency
        if monthly.currency != currency:
            raise Invalid.field(f"costs.{index}.monthly", "currency_other", f"costs are in {currency}")
    for index, ((earlier, _), (later, _)) in enumerate(pairwise(costs), start=1):
        if later <= earlier:
            raise Invalid.field(f"costs.{index}.month", "months_unordered", "each cost begins after the one before")
