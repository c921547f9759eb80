"""What can be seen: visits by what they have in common, and sources of clients as a tree."""

from services.analytics.queries.export import export
from services.analytics.queries.sources import sources_tree
from services.analytics.queries.visits import visit_rows

__all__ = ["export", "sources_tree", "visit_rows"]
