"""From the rows of an export to the plan of what is to exist."""

from zoneinfo import ZoneInfo

from deploy.importer.diary import Diary
from deploy.importer.export import Export
from deploy.importer.plan import Plan
from deploy.importer.salon import Catalogue, Staff, clients


def plan_import(export: Export, zone: ZoneInfo) -> Plan:
    """Decide what every row means; rows that mean nothing are refused with their place."""
    catalogue = Catalogue(export.services)
    staff = Staff(export)
    diary = Diary(export, zone, catalogue, staff)
    visits = tuple(diary.visits())
    return Plan(
        services=tuple(catalogue.services),
        masters=tuple(staff.masters(visits)),
        clients=tuple(clients(export, zone)),
        visits=visits,
        ambiguous=(*catalogue.notes, *staff.notes, *diary.notes),
        refused=(*export.refused, *diary.refused),
    )
