"""Bonus points of clients."""

from contracts.loyalty import AdjustPoints, ListPointEntries, ListUnsettledPayments, ShowPoints
from gateway.route import Area

area = Area("points", "Bonus points of clients")
expose = area.expose

POINTS = "/loyalty/clients/<uuid:client_id>/points"

expose("GET", POINTS, ShowPoints, "Show a client's points and what they are worth", resource=ShowPoints)
expose("GET", f"{POINTS}/entries", ListPointEntries, "List what came and went, newest first", resource=ShowPoints)
expose("POST", f"{POINTS}/adjust", AdjustPoints, "Give or take points, with a reason", status=201, resource=ShowPoints)
expose("GET", "/loyalty/unsettled", ListUnsettledPayments, "List payments that nothing covers")
