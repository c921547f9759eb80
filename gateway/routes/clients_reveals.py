"""Opening a card, and whole phones of whoever is shown masked."""

from contracts.clients import OpenClient, RevealClient, ShowClient
from gateway.route import Area

area = Area("client contacts", "Opening cards, and revealing contacts")
expose = area.expose

expose("GET", "/clients/<uuid:id>", OpenClient, "Show a client", resource=ShowClient)
expose("POST", "/clients/<uuid:id>/reveal", RevealClient, "Reveal the contacts of a client", resource=ShowClient)
