"""What the visits add up to."""

from contracts.analytics import (
    ShowChannels,
    ShowCohorts,
    ShowForecast,
    ShowFunnel,
    ShowHeatMap,
    ShowIdleWindows,
    ShowOccupancy,
    ShowSeasonality,
    ShowSources,
    ShowVisits,
    ShowWork,
)
from gateway import pictures
from gateway.figures import FORMATS
from gateway.route import Area

area = Area("analytics", "Figures")
expose = area.expose

expose(
    "GET",
    "/analytics/channels",
    ShowChannels,
    "Channels of the first acquaintance beside those of bookings",
    formats=FORMATS | pictures.CHANNELS,
)

expose(
    "GET",
    "/analytics/visits",
    ShowVisits,
    "Visits and revenue by month and other keys",
    formats=FORMATS | pictures.VISITS,
)
expose(
    "GET",
    "/analytics/sources",
    ShowSources,
    "Where clients come from, as a tree",
    names=True,
    formats=FORMATS | pictures.SOURCES,
)
expose(
    "GET",
    "/analytics/retention",
    ShowCohorts,
    "Who came again, by month of the first visit",
    formats=FORMATS | pictures.RETENTION,
)
expose(
    "GET",
    "/analytics/occupancy",
    ShowOccupancy,
    "How much of the time of masters, rooms and equipment is booked",
    formats=FORMATS | pictures.OCCUPANCY,
)
expose(
    "GET",
    "/analytics/idle-windows",
    ShowIdleWindows,
    "When masters work and nothing is booked",
    formats=FORMATS | pictures.IDLE_WINDOWS,
)
expose(
    "GET",
    "/analytics/seasonality",
    ShowSeasonality,
    "How much more each month is asked for than the others",
    formats=FORMATS | pictures.SEASONALITY,
)
expose("GET", "/analytics/heat-map", ShowHeatMap, "When in the week people come", formats=FORMATS | pictures.HEAT_MAP)
expose(
    "GET",
    "/analytics/forecast",
    ShowForecast,
    "How many visits the next weeks will bring",
    formats=FORMATS | pictures.FORECAST,
)
expose("GET", "/analytics/work", ShowWork, "What work brought, and how it went", formats=FORMATS | pictures.WORK)
expose(
    "GET",
    "/analytics/funnel",
    ShowFunnel,
    "Whom enquiries became: clients, and regular ones",
    formats=FORMATS | pictures.FUNNEL,
)
