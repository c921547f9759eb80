"""What can be seen: visits by what they have in common, and sources of clients as a tree."""

from services.analytics.queries.benefits import benefits
from services.analytics.queries.export import export
from services.analytics.queries.forecasts import visit_forecast
from services.analytics.queries.funnel import funnel
from services.analytics.queries.heat_map import heat_map
from services.analytics.queries.occupancy import idle_windows, occupancy
from services.analytics.queries.retention import retention
from services.analytics.queries.seasons import seasonality
from services.analytics.queries.sources import sources_tree
from services.analytics.queries.visits import visit_rows
from services.analytics.queries.work import work

__all__ = [
    "benefits",
    "export",
    "funnel",
    "heat_map",
    "idle_windows",
    "occupancy",
    "retention",
    "seasonality",
    "sources_tree",
    "visit_forecast",
    "visit_rows",
    "work",
]
