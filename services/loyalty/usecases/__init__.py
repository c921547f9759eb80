"""What loyalty does with what it hears: facts are kept, and whatever follows from them is worked out anew."""

from services.loyalty.usecases.graph import copy_cards, keep_erasures, keep_merge
from services.loyalty.usecases.personal import keep_occasions, keep_personal, keep_staff, tell_of_bounds
from services.loyalty.usecases.settling import settle_bills
from services.loyalty.usecases.tenders import free_visits
from services.loyalty.usecases.visits import copy_bills, remember_presence

__all__ = [
    "copy_bills",
    "copy_cards",
    "free_visits",
    "keep_erasures",
    "keep_merge",
    "keep_occasions",
    "keep_personal",
    "keep_staff",
    "remember_presence",
    "settle_bills",
    "tell_of_bounds",
]
