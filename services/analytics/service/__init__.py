"""Analytics on the wire, put together from what each part of it answers."""

from services.analytics.service.dashboards import Dashboards
from services.analytics.service.export import Export
from services.analytics.service.facts import Facts
from services.analytics.service.people import People
from services.analytics.service.reports import Reports
from services.analytics.service.retention import Retentions
from services.analytics.service.seasons import Seasons
from services.analytics.service.segments import SavedSegments
from services.analytics.service.sources import Sources
from services.analytics.service.visits import Visits
from services.analytics.service.work import Work


class Analytics(Dashboards, Facts, Seasons, Visits, Sources, Export, Retentions, Reports, SavedSegments, Work, People):
    name = "analytics"
