"""The table of contents of the API: every route, by area. The order is that of its description."""

from gateway.route import Area
from gateway.routes import (
    analytics,
    appointments,
    auth,
    calendars,
    clients,
    clients_accounts,
    clients_base,
    clients_consents,
    clients_discounts,
    clients_exports,
    clients_files,
    clients_visits,
    journal,
    loyalty,
    online,
    salon,
    schedule,
    series,
)

AREAS: tuple[Area, ...] = (
    auth.area,
    journal.area,
    salon.area,
    schedule.area,
    appointments.area,
    series.area,
    online.area,
    calendars.area,
    clients.area,
    clients_base.area,
    clients_files.area,
    clients_consents.area,
    clients_exports.area,
    clients_visits.area,
    clients_accounts.area,
    clients_discounts.area,
    loyalty.area,
    analytics.area,
)
