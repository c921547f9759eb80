"""What a salon keeps beside the cards: where clients come from, and how it sorts and describes them."""

from contracts.clients import (
    ChangeClientCategory,
    ChangeClientField,
    ChangeSource,
    CreateClientCategory,
    CreateClientField,
    CreateSource,
    ListClientCategories,
    ListClientFields,
    ListSources,
    RemoveClientCategory,
    RemoveClientField,
    RemoveSource,
    ShowClientCategory,
    ShowClientField,
    ShowSource,
)
from gateway.route import Area

area = Area("client base", "Sources, categories and fields of the salon's own")
expose = area.expose

expose("GET", "/sources", ListSources, "List the channels that clients come through")
expose("POST", "/sources", CreateSource, "Add a channel", status=201)
expose("GET", "/sources/<uuid:id>", ShowSource, "Show a channel", resource=ShowSource)
expose("PATCH", "/sources/<uuid:id>", ChangeSource, "Rename, move or cost a channel", resource=ShowSource)
expose("DELETE", "/sources/<uuid:id>", RemoveSource, "Remove an unused channel", status=204, resource=ShowSource)

expose("GET", "/client-categories", ListClientCategories, "List the categories of clients")
expose("POST", "/client-categories", CreateClientCategory, "Add a category of clients", status=201)
for method, request, summary, status in (
    ("GET", ShowClientCategory, "Show a category of clients", 200),
    ("PATCH", ChangeClientCategory, "Rename or colour a category of clients", 200),
    ("DELETE", RemoveClientCategory, "Take a category off all cards", 204),
):
    expose(method, "/client-categories/<uuid:id>", request, summary, status=status, resource=ShowClientCategory)

expose("GET", "/client-fields", ListClientFields, "List the fields that the salon added to its cards")
expose("POST", "/client-fields", CreateClientField, "Add a field to the cards", status=201)
expose("GET", "/client-fields/<uuid:id>", ShowClientField, "Show a field of the cards", resource=ShowClientField)
expose("PATCH", "/client-fields/<uuid:id>", ChangeClientField, "Change a field of the cards", resource=ShowClientField)
expose(
    "DELETE",
    "/client-fields/<uuid:id>",
    RemoveClientField,
    "Remove a field and what stands in it",
    status=204,
    resource=ShowClientField,
)
