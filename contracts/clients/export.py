"""Everything that is held about one person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.analytics import HeldByAnalytics
from contracts.auth import HeldByAuth
from contracts.booking.export import HeldByBooking, Unreadable
from contracts.clients.accounts import AccountEntry
from contracts.clients.cards import Client
from contracts.clients.consents import Consent
from contracts.clients.discounts import PersonalDiscount
from contracts.clients.files import ClientFile
from contracts.clients.forms import Enquiry
from contracts.clients.history import CardChange
from contracts.clients.merges import Merge
from contracts.clients.notes import Note
from contracts.clients.perks import Perk
from contracts.clients.photos import Photo
from contracts.clients.visits import Habits, VisitEntry
from contracts.loyalty import HeldByLoyalty
from contracts.message import CONTACTS, HEALTH, Request

ExportFormat = Literal["json", "pdf", "zip"]


@dataclass(frozen=True)
class ClientExport:
    """What clients holds, and what each other service does under its name.

    Masked, as everywhere, where the caller lacks the right to a kind of data. A service that is not installed is named
    in `not_installed`; what is kept and does not open, because it is damaged, in `unreadable`, here and in booking.
    """

    id: UUID
    exported_at: datetime
    card: Client
    changes: tuple[CardChange, ...]
    consents: tuple[Consent, ...]
    notes: tuple[Note, ...]
    perks: tuple[Perk, ...]
    files: tuple[ClientFile, ...]
    visits: tuple[VisitEntry, ...]
    account: tuple[AccountEntry, ...] = ()
    personal_discounts: tuple[PersonalDiscount, ...] = ()
    enquiries: tuple[Enquiry, ...] = ()
    merges: tuple[Merge, ...] = ()
    photo: Photo | None = None
    habits: Habits | None = None
    unreadable: tuple[Unreadable, ...] = ()
    booking: HeldByBooking | None = None
    loyalty: HeldByLoyalty | None = None
    analytics: HeldByAnalytics | None = None
    auth: HeldByAuth | None = None
    not_installed: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExportClient(
    Request[ClientExport], permission="clients.export", timeout=30.0, keyed=False, own=(CONTACTS, HEALTH)
):
    """Everything that any service holds about a person, private remarks included: all of it, or 503.

    `pdf` is for the person to read, `zip` has both and the content of the files and of the photo, for which one needs
    the right to read files. Whoever takes it out stands in the journal.
    """

    id: UUID
    format: ExportFormat = "json"
