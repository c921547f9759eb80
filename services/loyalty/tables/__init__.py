"""Where loyalty keeps things."""

from services.loyalty.tables.base import loyalty_metadata
from services.loyalty.tables.copies import (
    announcements,
    claims,
    clients,
    discounts,
    merges,
    personal_discounts,
    presences,
    programmes,
    visits,
)

__all__ = [
    "announcements",
    "claims",
    "clients",
    "derived",
    "discounts",
    "loyalty_metadata",
    "merges",
    "personal_discounts",
    "presences",
    "programmes",
    "visits",
]

# What the events of other services make again: emptied, with inbox and positions, and filled by reading from 0.
derived = (clients, claims, visits, presences, merges, discounts, personal_discounts)
