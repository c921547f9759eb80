"""Everything that is held about one person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.clients.cards import Client
from contracts.clients.consents import Consent
from contracts.clients.files import ClientFile
from contracts.clients.history import CardChange
from contracts.clients.notes import Note
from contracts.clients.perks import Perk
from contracts.clients.visits import VisitEntry
from contracts.message import Request


@dataclass(frozen=True)
class ClientExport:
    """Masked, as everywhere, where the caller lacks the right to a kind of data."""

    id: UUID
    exported_at: datetime
    card: Client
    changes: tuple[CardChange, ...]
    consents: tuple[Consent, ...]
    notes: tuple[Note, ...]
    perks: tuple[Perk, ...]
    files: tuple[ClientFile, ...]
    visits: tuple[VisitEntry, ...]


@dataclass(frozen=True)
class ExportClient(Request[ClientExport], permission="clients.export", timeout=15.0, keyed=False):
    """What a person may ask for, private remarks included; files by their ids, which `ReadFile` takes out.

    Whoever takes it out stands in the journal.
    """

    id: UUID
