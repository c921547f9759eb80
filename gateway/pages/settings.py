"""What the salon consists of, by sections: a page shows those that its visitor may ask for."""

from typing import Any

from flask import Response

from contracts.auth import ListJournal, ListRoles, ListUsers
from contracts.booking import (
    ChangeSettings,
    ListBranches,
    ListMasters,
    ListRooms,
    ListServices,
)
from contracts.clients import (
    ListBulkExports,
    ListClientFields,
    ListClientImports,
    ListConsentDocuments,
    ListSources,
)
from gateway.pages.forms import Form
from gateway.pages.languages import noted as _
from gateway.pages.menu import MenuEntry
from gateway.pages.site import Area, seen_at, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Forbidden

SECTIONS = (
    MenuEntry(_("Salon"), "/settings/salon", ChangeSettings),
    MenuEntry(_("Branches"), "/settings/branches", ListBranches),
    MenuEntry(_("Services"), "/settings/services", ListServices),
    MenuEntry(_("Masters"), "/settings/masters", ListMasters),
    MenuEntry(_("Rooms and equipment"), "/settings/rooms", ListRooms),
    MenuEntry(_("Users"), "/settings/users", ListUsers),
    MenuEntry(_("Roles"), "/settings/roles", ListRoles),
    MenuEntry(_("Journal"), "/settings/journal", ListJournal),
    MenuEntry(_("Sources of clients"), "/settings/sources", ListSources),
    MenuEntry(_("Fields of cards"), "/settings/fields", ListClientFields),
    MenuEntry(_("Consents"), "/settings/consents", ListConsentDocuments),
    MenuEntry(_("Import of clients"), "/settings/imports", ListClientImports),
    MenuEntry(_("Lists of clients"), "/settings/exports", ListBulkExports),
)
area = Area("settings")


@area.page("/settings")
def first(visitor: Visitor, _form: Form) -> Response:
    """The first section that the visitor may see."""
    for section in sections(visitor):
        return seen_at(section.address)
    raise Forbidden("permission_missing", "none of the settings are yours to see")


def sections(visitor: Visitor) -> list[MenuEntry]:
    return [section for section in SECTIONS if visitor.may(section.needs)]


def within(visitor: Visitor, template: str, **values: Any) -> Response:
    """A page of the settings, beside the list of sections."""
    return shown(template, sections=sections(visitor), **values)
