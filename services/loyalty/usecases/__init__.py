"""What loyalty does with what it hears: the graph, the visits that count, and the discounts that follow from both."""

from services.loyalty.usecases.graph import copy_cards, keep_erasures, keep_merge
from services.loyalty.usecases.personal import forget_personal, keep_personal, tell_of_bounds
from services.loyalty.usecases.visits import copy_bills, remember_presence

__all__ = [
    "copy_bills",
    "copy_cards",
    "forget_personal",
    "keep_erasures",
    "keep_merge",
    "keep_personal",
    "remember_presence",
    "tell_of_bounds",
]
