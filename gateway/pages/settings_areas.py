"""The areas of the settings and of the planner."""

from gateway.pages import (
    branches,
    branches_rooms,
    catalogue,
    imports,
    masters_admin,
    salon,
    settings,
    settings_consents,
    settings_exports,
    settings_fields,
    settings_sources,
    shifts,
    shifts_away,
    shifts_saving,
    shifts_templates,
    users,
    users_journal,
    users_roles,
)
from gateway.pages.site import Area

AREAS: tuple[Area, ...] = (
    settings.area,
    salon.area,
    branches.area,
    branches_rooms.area,
    catalogue.area,
    masters_admin.area,
    users.area,
    users_roles.area,
    users_journal.area,
    settings_sources.area,
    settings_fields.area,
    settings_consents.area,
    imports.area,
    settings_exports.area,
    shifts.area,
    shifts_saving.area,
    shifts_templates.area,
    shifts_away.area,
)
