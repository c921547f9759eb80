"""What reports read, by their subjects."""

from collections.abc import Mapping

from services.analytics.queries.reported.bookings import Bookings
from services.analytics.queries.reported.clients import Clients
from services.analytics.queries.reported.facts import Facts
from services.analytics.queries.reported.visits import Visits

FACTS: Mapping[str, type[Facts]] = {"visits": Visits, "bookings": Bookings, "clients": Clients, "sources": Visits}
