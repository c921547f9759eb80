"""What a salon keeps beside the cards: where clients come from, and how it sorts them."""

from contracts.clients import (
    ChangeClientCategory,
    ChangeSource,
    CreateClientCategory,
    CreateSource,
    ListClientCategories,
    ListSources,
    RemoveClientCategory,
    RemoveSource,
    ShowClientCategory,
    ShowSource,
)
from gateway.route import Area

area = Area("client base", "Sources and categories of clients")
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
