"""Figures as pictures: SVG and PNG, drawn of the same reply as the JSON, with the names that who asks may know."""

from gateway.pictures import benefits, people, seasons, sources, visits, work
from gateway.pictures.formats import pictures

CHANNELS = pictures(visits.channels, "channels")
VISITS = pictures(visits.visits, "visits")
REPORT = pictures(visits.report, "report")
SOURCES = pictures(sources.sources, "sources")
SEASONALITY = pictures(seasons.seasonality, "seasonality")
HEAT_MAP = pictures(seasons.heat_map, "heat-map")
FORECAST = pictures(seasons.forecast, "forecast")
RETENTION = pictures(work.retention, "retention")
OCCUPANCY = pictures(work.occupancy, "occupancy")
IDLE_WINDOWS = pictures(work.idle_windows, "idle-windows")
WORK = pictures(work.work, "work")
FUNNEL = pictures(work.funnel, "funnel")
SEGMENTS = pictures(people.segments, "segments")
CHURN = pictures(people.churn, "churn")
CLIENTS = pictures(people.clients, "clients")
BENEFITS = pictures(benefits.benefits, "benefits")
NO_SHOWS = pictures(people.no_shows, "no-shows")
LIFETIME_VALUE = pictures(people.lifetime_value, "lifetime-value")
