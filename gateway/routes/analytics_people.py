"""Who comes again."""

from contracts.analytics import (
    ChangeChurnSettings,
    ListLikelyNoShows,
    ListStandings,
    ShowChurn,
    ShowChurnSettings,
    ShowLifetimeValue,
    ShowNoShows,
    ShowPeople,
    ShowSegments,
)
from gateway import pictures
from gateway.figures import FORMATS
from gateway.route import Area

area = Area("analytics of clients", "Who comes again, who stays away, what they are worth")
expose = area.expose

CHURN = "/analytics/churn"

expose(
    "GET",
    "/analytics/segments",
    ShowSegments,
    "Segments by recency, frequency and money",
    formats=FORMATS | pictures.SEGMENTS,
)
expose("GET", "/analytics/standings", ListStandings, "List clients by segment or state", names=True, formats=FORMATS)
expose("GET", CHURN, ShowChurn, "Who is due, at risk, sleeping or lost", formats=FORMATS | pictures.CHURN)
expose("GET", f"{CHURN}/settings", ShowChurnSettings, "Show from when on somebody is due or lost")
expose("PATCH", f"{CHURN}/settings", ChangeChurnSettings, "Change that", resource=ShowChurnSettings)
expose("GET", "/analytics/clients", ShowPeople, "New, regular and sleeping clients", formats=FORMATS | pictures.CLIENTS)
expose(
    "GET",
    "/analytics/lifetime-value",
    ShowLifetimeValue,
    "What the next year of clients is worth",
    formats=FORMATS | pictures.LIFETIME_VALUE,
)
expose(
    "GET",
    "/analytics/no-shows",
    ShowNoShows,
    "How reliable clients are",
    names=True,
    formats=FORMATS | pictures.NO_SHOWS,
)
expose("GET", "/analytics/no-shows/upcoming", ListLikelyNoShows, "Who should be reminded", names=True)
