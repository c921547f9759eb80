"""What loyalty does with what it hears: facts are kept, and whatever follows from them is worked out anew."""

from services.loyalty.usecases.graph import copy_cards, keep_erasures, keep_merge
from services.loyalty.usecases.personal import keep_occasions, keep_personal, keep_staff, tell_of_bounds
from services.loyalty.usecases.promises import keep_promises, let_go
from services.loyalty.usecases.segments import judge_due, keep_members, keep_removals
from services.loyalty.usecases.settling import settle_bills
from services.loyalty.usecases.tenders import free_visits
from services.loyalty.usecases.visits import copy_bills, remember_presence

__all__ = [
    "copy_bills",
    "copy_cards",
    "free_visits",
    "judge_due",
    "keep_erasures",
    "keep_members",
    "keep_merge",
    "keep_occasions",
    "keep_personal",
    "keep_promises",
    "keep_removals",
    "keep_staff",
    "let_go",
    "remember_presence",
    "settle_bills",
    "tell_of_bounds",
]
