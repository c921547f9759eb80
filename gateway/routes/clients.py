"""Client cards and what hangs on them."""

from contracts.booking import ListAppointments
from contracts.clients import (
    ChangeClient,
    EraseClient,
    ImportClients,
    ListClients,
    ListOccasions,
    NameClients,
    RegisterClient,
    SearchClients,
    ShowClient,
)
from gateway.route import Area

area = Area("clients", "Client cards")
expose = area.expose

expose("GET", "/clients", ListClients, "List or find clients")
expose("POST", "/clients", RegisterClient, "Register a client", status=201)
expose("POST", "/clients/search", SearchClients, "Find clients, the words in the body")
expose("POST", "/clients/bulk", ImportClients, "Register many clients, all or none")
expose("POST", "/clients/names", NameClients, "Names for ids")
expose("GET", "/clients/occasions", ListOccasions, "List birthdays and anniversaries of a period")
expose("PATCH", "/clients/<uuid:id>", ChangeClient, "Change a client", resource=ShowClient)
expose("DELETE", "/clients/<uuid:id>", EraseClient, "Erase the person", status=204, resource=ShowClient)
expose(
    "GET",
    "/clients/<uuid:client_id>/visits",
    ListAppointments,
    "List a client's appointments",
    resource=ShowClient,
    after=ShowClient,
)
