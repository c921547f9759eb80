"""Where it is kept: facts of visits, rollups of them by day, and a copy of who came through whom or what."""

from services.analytics.tables.base import analytics_metadata
from services.analytics.tables.bookings import booked_segments, bookings
from services.analytics.tables.client_years import client_years
from services.analytics.tables.clients import clients, erasures, merges, source_costs, sources
from services.analytics.tables.cohorts import cohorts, cohorts_due
from services.analytics.tables.dashboards import dashboards
from services.analytics.tables.figures import figures
from services.analytics.tables.forecasts import forecasts
from services.analytics.tables.hours import visit_hours
from services.analytics.tables.open_hours import open_days
from services.analytics.tables.reports import reports
from services.analytics.tables.segments import segment_members, segments, segments_due
from services.analytics.tables.standings import client_reports, client_standings, standings_due, state_borders
from services.analytics.tables.visits import client_days, first_visits, visit_parts, visits
from services.analytics.tables.work import channel_days, days_due, enquiries, week_hours, went, work_days, work_months

__all__ = [
    "analytics_metadata",
    "booked_segments",
    "bookings",
    "channel_days",
    "client_days",
    "client_reports",
    "client_standings",
    "client_years",
    "clients",
    "cohorts",
    "cohorts_due",
    "dashboards",
    "days_due",
    "derived",
    "enquiries",
    "erasures",
    "figures",
    "first_visits",
    "forecasts",
    "merges",
    "open_days",
    "reports",
    "segment_members",
    "segments",
    "segments_due",
    "source_costs",
    "sources",
    "standings_due",
    "state_borders",
    "visit_hours",
    "visit_parts",
    "visits",
    "week_hours",
    "went",
    "work_days",
    "work_months",
]

# What the events of other services make again: emptied, with inbox and positions, and filled by reading from 0.
derived = (
    clients,
    visits,
    visit_parts,
    client_years,
    client_days,
    first_visits,
    figures,
    visit_hours,
    bookings,
    booked_segments,
    open_days,
    erasures,
    work_days,
    work_months,
    days_due,
    channel_days,
    went,
    week_hours,
    cohorts,
    cohorts_due,
    enquiries,
    merges,
    sources,
    source_costs,
)
