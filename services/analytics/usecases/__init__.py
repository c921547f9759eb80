"""What analytics does with what it hears: where clients came from, and what visits were worth."""

from services.analytics.usecases.clients import copy_cards
from services.analytics.usecases.merges import keep_merge
from services.analytics.usecases.sources import copy_sources
from services.analytics.usecases.visits import copy_bills

__all__ = ["copy_bills", "copy_cards", "copy_sources", "keep_merge"]
