"""What the visits add up to."""

from contracts.analytics import ShowSources, ShowVisits
from gateway.route import Area

area = Area("analytics", "Figures")
expose = area.expose

expose("GET", "/analytics/visits", ShowVisits, "Visits and revenue by month and other keys")
expose("GET", "/analytics/sources", ShowSources, "Where clients come from, as a tree", names=True)
