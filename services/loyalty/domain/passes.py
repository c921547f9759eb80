"""How much of what was set aside for a visit its bill uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Hold:
    """`amount` minor units of a bill that something was set aside for, on one line of it or (None) on all of them."""

    amount: int
    line_id: UUID | None = None


def kept(holds: Sequence[Hold], paid: int, refunded: Mapping[UUID, int]) -> tuple[list[int], int]:
    """How much each of `holds` pays of `paid`, what the bill says came in that way and stayed; and what nothing covers.

    What went back (the holds together less `paid`) comes off the lines that were `refunded`, as far as they were, and
    off the rest from the last one on. So every refund finds its own membership, and the parts add up to `paid`.
    """
    whole = sum(hold.amount for hold in holds)
    parts = [hold.amount for hold in holds]
    back = max(0, whole - paid)
    left = dict(refunded)
    for index, hold in enumerate(holds):
        if hold.line_id is not None:
            taken = min(back, parts[index], left.get(hold.line_id, 0))
            parts[index] -= taken
            back -= taken
            left[hold.line_id] = left.get(hold.line_id, 0) - taken
    for index in reversed(range(len(holds))):
        taken = min(back, parts[index])
        parts[index] -= taken
        back -= taken
    return parts, max(0, paid - whole)
