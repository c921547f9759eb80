"""The menu: what a visitor may open, in the order of a day's work."""

from dataclasses import dataclass
from typing import Any

from contracts.analytics import ListDashboards, ListReports, ShowVisits
from contracts.auth import ListJournal, ListOutgoingCodes, ListUsers
from contracts.booking import (
    ChangeBranch,
    ChangeService,
    ChangeSettings,
    ListAppointments,
    ListOwnAppointments,
    ListShifts,
    ShowDaySheet,
    ShowOnlineSalon,
)
from contracts.clients import CreateSource, ListClients, ShowAccount, ShowClient
from contracts.loyalty import ListCertificates, ListDifferences, ListProgrammes, ListPromotions, ShowDiscount
from contracts.message import Request
from gateway.pages.languages import noted as _
from gateway.pages.visitor import Visitor
from kernel.caller import Reach


@dataclass(frozen=True)
class MenuEntry:
    """`name` is a message of the catalogue; it is shown to whoever may ask `needs`, or one of `others`.

    With `own` only to those whose right ends at what is their own, or with False only to the others. Addresses that
    begin like one of `also` belong to it, too.
    """

    name: str
    address: str
    needs: type[Request[Any]]
    others: tuple[type[Request[Any]], ...] = ()
    own: bool | None = None
    also: tuple[str, ...] = ()

    def shown_to(self, visitor: Visitor) -> bool:
        caller = visitor.caller
        own = caller.reach(self.needs.permission) is Reach.OWN and caller.client_id is None
        if self.own is not None and own is not self.own:
            return False
        return any(visitor.may(kind) for kind in (self.needs, *self.others))


ENTRIES = (
    MenuEntry(_("Dashboard"), "/dashboard", ListDashboards),
    MenuEntry(_("My day"), "/mine", ShowDaySheet, own=True),
    MenuEntry(_("Desk"), "/desk", ListAppointments, own=False),
    MenuEntry(_("Clients"), "/clients", ListClients),
    MenuEntry(_("Figures"), "/figures", ShowVisits, also=("/segments",)),
    MenuEntry(_("Reports"), "/reports", ListReports),
    MenuEntry(_("Loyalty"), "/loyalty", ListProgrammes, (ListPromotions, ListCertificates, ListDifferences)),
    MenuEntry(_("Shifts"), "/shifts", ListShifts, own=False),
    MenuEntry(_("Codes"), "/codes", ListOutgoingCodes),
    MenuEntry(
        _("Settings"), "/settings", ChangeSettings, (ChangeBranch, ChangeService, ListUsers, ListJournal, CreateSource)
    ),
)


# Of a client, who does not work here.
OWN = (
    MenuEntry(_("Visits"), "/my", ListOwnAppointments),
    MenuEntry(_("Benefits"), "/my/benefits", ShowDiscount, (ShowAccount,)),
    MenuEntry(_("Invite"), "/my/invitation", ShowOnlineSalon),
    MenuEntry(_("My data"), "/my/data", ShowClient),
)


def menu(visitor: Visitor) -> list[MenuEntry]:
    if visitor.is_client:
        return [entry for entry in OWN if any(visitor.may(kind) for kind in (entry.needs, *entry.others))]
    return [entry for entry in ENTRIES if entry.shown_to(visitor)]
