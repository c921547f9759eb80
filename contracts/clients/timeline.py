"""Everything that happened with a client, in one row of moments."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from contracts.clients.accounts import AccountEntry
from contracts.clients.consents import Consent
from contracts.clients.files import ClientFile
from contracts.clients.forms import Enquiry
from contracts.clients.history import CardChange
from contracts.clients.merges import Merge
from contracts.clients.notes import Note
from contracts.clients.perks import Perk
from contracts.clients.visits import VisitEntry
from contracts.message import Cursor, Limit, PastPage, Request

TimelineKind = Literal[
    "change",
    "consent",
    "enquiry",
    "file",
    "merge",
    "money",
    "note",
    "perk",
    "registered",
    "visit",
    "withdrawal",
]


@dataclass(frozen=True)
class TimelineEntry:
    """What happened `at` some moment, by whom if a user did it, and the whole of it under the name of its kind.

    A visit stands at its beginning, also one that is still to come; a withdrawal comes with its consent.
    """

    at: datetime
    kind: TimelineKind
    by: UUID | None = None
    visit: VisitEntry | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    change: CardChange | UnsetType = UNSET
    consent: Consent | UnsetType = UNSET
    perk: Perk | UnsetType = UNSET
    file: ClientFile | UnsetType = UNSET
    money: AccountEntry | UnsetType = UNSET
    enquiry: Enquiry | UnsetType = UNSET
    merge: Merge | UnsetType = UNSET


@dataclass(frozen=True)
class ShowTimeline(Request[PastPage[TimelineEntry]], permission="clients.read", effects=False):
    """The newest first. Each kind takes the right by which it is listed alone; those without are left out.

    What was changed of health is told as such only: it is read in the list of changes.
    """

    id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None
