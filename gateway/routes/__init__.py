"""The table of contents of the API: every route, by area. The order is that of its description."""

from gateway.route import Area
from gateway.routes import analytics, auth, booking, clients, loyalty

AREAS: tuple[Area, ...] = (auth.area, booking.area, clients.area, loyalty.area, analytics.area)
