"""Client cards on the wire, put together from what each part of it answers."""

from services.clients.service.cards import Cards
from services.clients.service.others import Others


class Clients(Cards, Others):
    name = "clients"
    needs_keyring = True
    needs_master = True
