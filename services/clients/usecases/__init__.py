"""What is done with client cards, by noun: one function per message; load, decide, keep, announce."""

from services.clients.usecases.asking import Unknown, ask_of_card, ask_of_cards
from services.clients.usecases.branches import remember_branches
from services.clients.usecases.cards import change, erase, register
from services.clients.usecases.contacts import cards_of_phone, check_contact, take_contact
from services.clients.usecases.desk import Desk
from services.clients.usecases.imports import take_over
from services.clients.usecases.visits import ask_zones, copy_visits

__all__ = [
    "Desk",
    "Unknown",
    "ask_of_card",
    "ask_of_cards",
    "ask_zones",
    "cards_of_phone",
    "change",
    "check_contact",
    "copy_visits",
    "erase",
    "register",
    "remember_branches",
    "take_contact",
    "take_over",
]
