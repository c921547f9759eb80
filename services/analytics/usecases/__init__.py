"""What analytics does with what it hears: where clients came from, and what visits were worth."""

from services.analytics.usecases.bookings import copy_bookings
from services.analytics.usecases.clients import copy_cards, forget_traits
from services.analytics.usecases.cohorts import count_cohorts, mark_visits, mark_visits_of_merged
from services.analytics.usecases.enquiries import copy_enquiries
from services.analytics.usecases.forecasts import foresee
from services.analytics.usecases.merges import keep_merge
from services.analytics.usecases.open_hours import copy_open_hours
from services.analytics.usecases.sources import copy_sources, forget_sources
from services.analytics.usecases.stages import follow_merge, following_appointments, following_enquiries
from services.analytics.usecases.visits import copy_bills
from services.analytics.usecases.workload import count_days, counting_appointments, counting_open_hours, mark_merged

__all__ = [
    "copy_bills",
    "copy_bookings",
    "copy_cards",
    "copy_enquiries",
    "copy_open_hours",
    "copy_sources",
    "count_cohorts",
    "count_days",
    "counting_appointments",
    "counting_open_hours",
    "follow_merge",
    "following_appointments",
    "following_enquiries",
    "foresee",
    "forget_sources",
    "forget_traits",
    "keep_merge",
    "mark_merged",
    "mark_visits",
    "mark_visits_of_merged",
]
