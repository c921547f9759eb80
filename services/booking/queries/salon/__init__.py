"""What the salon is: settings, branches, holidays, rooms, catalogue, masters. This is what others ask of it."""

from services.booking.queries.salon.branches import (
    all_zones,
    list_branches,
    must_be_theirs,
    show_branch,
    time_zone,
    unknown_branches,
    zone_of_asked,
    zone_of_named,
)
from services.booking.queries.salon.masters import list_masters, masters_of, show_master, unknown_favourites
from services.booking.queries.salon.rooms import list_rooms, show_room
from services.booking.queries.salon.services import list_services, services_of, show_service
from services.booking.queries.salon.settings import show_brand, show_settings

__all__ = [
    "all_zones",
    "list_branches",
    "list_masters",
    "list_rooms",
    "list_services",
    "masters_of",
    "must_be_theirs",
    "services_of",
    "show_branch",
    "show_brand",
    "show_master",
    "show_room",
    "show_service",
    "show_settings",
    "time_zone",
    "unknown_branches",
    "unknown_favourites",
    "zone_of_asked",
    "zone_of_named",
]
