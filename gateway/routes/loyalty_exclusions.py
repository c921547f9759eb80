"""Clients who are left out."""

from contracts.loyalty import ExcludeClient, ShowExclusions, TakeClientIn
from gateway.route import Area

area = Area("loyalty exclusions", "Clients who are left out of the programme")
expose = area.expose

EXCLUSIONS = "/loyalty/clients/<uuid:client_id>/exclusions"

expose("GET", EXCLUSIONS, ShowExclusions, "Show what a client is left out of", resource=ShowExclusions)
expose("PUT", EXCLUSIONS, ExcludeClient, "Leave a client out", resource=ShowExclusions)
expose("DELETE", EXCLUSIONS, TakeClientIn, "Take a client in again", resource=ShowExclusions)
