"""What the visits add up to, the source hierarchy, and what can be told from them."""

from contracts.analytics.benefits import *
from contracts.analytics.channels import *
from contracts.analytics.dashboards import *
from contracts.analytics.export import *
from contracts.analytics.funnel import *
from contracts.analytics.no_shows import *
from contracts.analytics.occupancy import *
from contracts.analytics.people import *
from contracts.analytics.reports import *
from contracts.analytics.retention import *
from contracts.analytics.saved_segments import *
from contracts.analytics.seasons import *
from contracts.analytics.sources import *
from contracts.analytics.visits import *
from contracts.analytics.words import *
from contracts.analytics.work import *
