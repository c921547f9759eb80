"""Loyalty cards: types, cards of clients, and whose a number is."""

from contracts.loyalty import (
    BlockLoyaltyCard,
    ChangeLoyaltyCardType,
    CreateLoyaltyCardType,
    IssueLoyaltyCard,
    ListLoyaltyCardEntries,
    ListLoyaltyCards,
    ListLoyaltyCardTypes,
    LookUpLoyaltyCard,
    ShowLoyaltyCard,
    ShowLoyaltyCardType,
)
from gateway.route import Area

area = Area("loyalty cards", "Loyalty cards and their numbers")
expose = area.expose

TYPES = "/loyalty/card-types"
TYPE = f"{TYPES}/<uuid:id>"
CARDS = "/loyalty/clients/<uuid:client_id>/cards"
CARD = f"{CARDS}/<uuid:id>"

expose("GET", TYPES, ListLoyaltyCardTypes, "List the types of loyalty cards")
expose("POST", TYPES, CreateLoyaltyCardType, "Add a type of loyalty cards", status=201)
expose("GET", TYPE, ShowLoyaltyCardType, "Show a type of loyalty cards", resource=ShowLoyaltyCardType)
expose("PATCH", TYPE, ChangeLoyaltyCardType, "Change a type of loyalty cards", resource=ShowLoyaltyCardType)
expose("POST", "/loyalty/cards/look-up", LookUpLoyaltyCard, "Show the loyalty card of a number")
expose("GET", CARDS, ListLoyaltyCards, "List a client's loyalty cards", resource=ListLoyaltyCards)
expose("POST", CARDS, IssueLoyaltyCard, "Issue a loyalty card", status=201, resource=ListLoyaltyCards)
expose("GET", CARD, ShowLoyaltyCard, "Show a loyalty card", resource=ShowLoyaltyCard)
expose("GET", f"{CARD}/entries", ListLoyaltyCardEntries, "List what became of a loyalty card", resource=ShowLoyaltyCard)
expose("POST", f"{CARD}/block", BlockLoyaltyCard, "Block or replace a loyalty card", resource=ShowLoyaltyCard)
