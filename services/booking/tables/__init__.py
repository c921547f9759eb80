"""Where booking keeps things: the salon, schedules, appointments with their bills, who is busy, and copies."""

from services.booking.tables.appointments import (
    STATUSES,
    appointments,
    history,
    lines,
    payments,
    refunds,
    segments,
    series,
)
from services.booking.tables.base import booking_metadata
from services.booking.tables.copies import discounts, known_clients
from services.booking.tables.diary import busy, group_events, holds
from services.booking.tables.salon import (
    branch_prices,
    branches,
    catalogue_state,
    categories,
    holidays,
    master_rooms,
    master_services,
    masters,
    pictures,
    questionnaires,
    rooms,
    services,
    settings,
)
from services.booking.tables.schedule import absences, blocks, open_hours, shift_templates, shifts
from services.booking.tables.waiting import feeds, openings, waiting_entries

__all__ = [
    "STATUSES",
    "absences",
    "appointments",
    "blocks",
    "booking_metadata",
    "branch_prices",
    "branches",
    "busy",
    "catalogue_state",
    "categories",
    "derived",
    "discounts",
    "feeds",
    "group_events",
    "history",
    "holds",
    "holidays",
    "known_clients",
    "lines",
    "master_rooms",
    "master_services",
    "masters",
    "open_hours",
    "openings",
    "payments",
    "pictures",
    "questionnaires",
    "refunds",
    "rooms",
    "segments",
    "series",
    "services",
    "settings",
    "shift_templates",
    "shifts",
    "waiting_entries",
]

derived = (known_clients, discounts)
