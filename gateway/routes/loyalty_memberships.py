"""Memberships: what is sold, what clients have of it, and freezing it."""

from contracts.loyalty import (
    ChangeMembershipType,
    CreateMembershipType,
    FreezeMembership,
    ListMembershipEntries,
    ListMemberships,
    ListMembershipTypes,
    SellMembership,
    ShowMembership,
    ShowMembershipType,
    UnfreezeMembership,
)
from gateway.route import Area

area = Area("memberships", "Memberships: visits or money sold ahead")
expose = area.expose

TYPES = "/loyalty/membership-types"
TYPE = f"{TYPES}/<uuid:id>"
MEMBERSHIPS = "/loyalty/clients/<uuid:client_id>/memberships"
MEMBERSHIP = f"{MEMBERSHIPS}/<uuid:id>"

expose("GET", TYPES, ListMembershipTypes, "List what memberships are sold")
expose("POST", TYPES, CreateMembershipType, "Add a type of memberships", status=201)
expose("GET", TYPE, ShowMembershipType, "Show a type of memberships", resource=ShowMembershipType)
expose("PATCH", TYPE, ChangeMembershipType, "Change what is sold from now on", resource=ShowMembershipType)
expose("GET", MEMBERSHIPS, ListMemberships, "List a client's memberships", resource=ListMemberships)
expose("POST", MEMBERSHIPS, SellMembership, "Sell a membership", status=201, resource=ListMemberships)
expose("GET", MEMBERSHIP, ShowMembership, "Show a membership and what is left of it", resource=ShowMembership)
expose(
    "GET",
    f"{MEMBERSHIP}/entries",
    ListMembershipEntries,
    "List what became of a membership",
    resource=ShowMembership,
)
expose("POST", f"{MEMBERSHIP}/freeze", FreezeMembership, "Freeze a membership", resource=ShowMembership)
expose("POST", f"{MEMBERSHIP}/unfreeze", UnfreezeMembership, "End a freeze", resource=ShowMembership)
