"""Where client cards are kept: what may be read by anybody in columns, what is the person's own sealed."""

from services.clients.tables.base import tables
from services.clients.tables.cards import (
    EMAIL,
    LAST_DIGITS,
    NAME,
    PHONE,
    client_branches,
    clients,
    search_index,
    sources,
)
from services.clients.tables.consents import consent_documents, consents, withdrawals
from services.clients.tables.files import file_parts, files, upload_parts
from services.clients.tables.finding import findable
from services.clients.tables.history import card_versions
from services.clients.tables.notes import notes
from services.clients.tables.perks import perks, redemptions
from services.clients.tables.photos import photos
from services.clients.tables.visits import visits

__all__ = [
    "EMAIL",
    "LAST_DIGITS",
    "NAME",
    "PHONE",
    "card_versions",
    "client_branches",
    "clients",
    "consent_documents",
    "consents",
    "file_parts",
    "files",
    "findable",
    "notes",
    "perks",
    "photos",
    "redemptions",
    "search_index",
    "sources",
    "tables",
    "upload_parts",
    "visits",
    "withdrawals",
]
