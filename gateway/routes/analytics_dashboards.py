"""Dashboards that people lay out."""

from contracts.analytics import ChangeDashboard, ListDashboards, RemoveDashboard, SaveDashboard, ShowDashboard
from gateway.route import Area

area = Area("dashboards", "Which figures stand where, and how they are shown")
expose = area.expose

DASHBOARD = "/analytics/dashboards/<uuid:id>"

expose("GET", "/analytics/dashboards", ListDashboards, "List dashboards: those of the system, one's own, shared ones")
expose("POST", "/analytics/dashboards", SaveDashboard, "Save a dashboard", status=201)
expose("GET", DASHBOARD, ShowDashboard, "Show a dashboard", resource=ShowDashboard)
expose("PATCH", DASHBOARD, ChangeDashboard, "Change one's own dashboard", resource=ShowDashboard)
expose("DELETE", DASHBOARD, RemoveDashboard, "Remove one's own dashboard", status=204, resource=ShowDashboard)
