"""What a client agreed to, and what became of a card."""

from contracts.clients import ListClientChanges, ShowClient
from gateway.route import Area

area = Area("consents", "Consents of clients, and the history of their cards")
expose = area.expose

expose("GET", "/clients/<uuid:id>/changes", ListClientChanges, "Who changed what of a card", resource=ShowClient)
