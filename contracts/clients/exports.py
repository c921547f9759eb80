"""Taking out the list of clients: asked by one person, approved by another, read once."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.clients.words import Importance, Phone, Sex
from contracts.message import CONTACTS, HEALTH, UNSET, Cursor, Limit, Page, Request, UnsetType, Version, sensitive

LISTED_AT_ONCE = 250  # cards in a part: what opening them may keep others waiting for

ExportFormat = Literal["csv", "xlsx"]
ExportState = Literal["asked", "approved", "taken", "refused", "expired"]
ExportColumn = Literal[
    "id",
    "reference",
    "registered_at",
    "last_name",
    "first_name",
    "patronymic",
    "preferred_name",
    "sex",
    "birth_date",
    "phones",
    "email",
    "source",
    "source_detail",
    "campaign",
    "referrer_id",
    "home_branch_id",
    "importance",
    "categories",
    "contraindications",
    "comment",
]
ExportColumns = Annotated[tuple[ExportColumn, ...], Meta(min_length=1, max_length=20)]
ExportReason = Annotated[str, Meta(min_length=3, max_length=500)]
PartOfExport = Annotated[int, Meta(ge=0, le=100_000)]
Traced = Meta(min_length=1, max_length=500)


@dataclass(frozen=True)
class ExportFilter:
    """Which cards. A branch is that of the card or of an appointment, a source has those below it; days are in UTC."""

    category_id: UUID | None = None
    importance: Importance | None = None
    branch_id: UUID | None = None
    source_id: UUID | None = None
    registered_from: date | None = None
    registered_to: date | None = None


@dataclass(frozen=True)
class BulkExport:
    """A wish to take the list out, and what became of it.

    `cards` is how many it would have held when it was asked for. `until` is when an approval is too late, later when
    the file is; null once neither matters.
    """

    id: UUID
    state: ExportState
    format: ExportFormat
    separator: str
    columns: tuple[ExportColumn, ...]
    filter: ExportFilter
    reason: str
    cards: int
    asked_by: UUID
    asked_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    until: datetime | None
    downloads: int
    version: int


@dataclass(frozen=True)
class AskBulkExport(Request[BulkExport], permission="clients.export_list", timeout=10.0):
    """Nothing leaves before somebody else has approved it; `reason` is what they are told.

    A column takes the right to what is in it: 403 `mark_missing`.
    """

    columns: ExportColumns
    reason: ExportReason
    format: ExportFormat = "csv"
    filter: ExportFilter = field(default_factory=ExportFilter)
    separator: Literal[",", ";"] = ";"


@dataclass(frozen=True)
class ShowBulkExport(Request[BulkExport], permission="client_exports.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListBulkExports(Request[Page[BulkExport]], permission="client_exports.read", effects=False):
    """The newest first. Whoever is bound to branches sees what was asked for those, and their own."""

    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ApproveBulkExport(Request[BulkExport], permission="clients.approve_export"):
    """By somebody else than who asked for it (403 `own_export`), within seven days; it can be taken for a day then."""

    id: UUID


@dataclass(frozen=True)
class RefuseBulkExport(Request[BulkExport], permission="clients.approve_export"):
    """Whoever asked for it may take it back by this as well; an approved one, too, as long as nobody has taken it."""

    id: UUID


# --- the file -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Download:
    """What a gateway needs to write the file: its marks, and of how many parts it asks for."""

    id: UUID
    format: ExportFormat
    separator: str
    columns: tuple[ExportColumn, ...]
    parts: int
    started_at: datetime


@dataclass(frozen=True)
class TakeBulkExport(Request[Download], permission="clients.export_list", timeout=30.0, keyed=False):
    """Counted when it begins. One that broke off may be begun again within fifteen minutes, three times in all."""

    id: UUID


@dataclass(frozen=True)
class ListedClient:
    """A card as far as the columns of an export ask for it."""

    id: UUID | None = None
    reference: str | None = None
    registered_at: datetime | None = None
    last_name: str | None = None
    first_name: str | None = None
    patronymic: str | None = None
    preferred_name: str | None = None
    sex: Sex | None = None
    birth_date: date | None = sensitive(CONTACTS, default=None)
    phones: tuple[str, ...] = sensitive(CONTACTS, default=())
    email: str | None = sensitive(CONTACTS, default=None)
    source: str | None = None
    source_detail: str | None = None
    campaign: str | None = None
    referrer_id: UUID | None = None
    home_branch_id: UUID | None = None
    importance: Importance | None = None
    categories: tuple[str, ...] = ()
    contraindications: tuple[str, ...] = sensitive(HEALTH, default=())
    comment: str | None = None


@dataclass(frozen=True)
class ExportPart:
    items: tuple[ListedClient, ...]


@dataclass(frozen=True)
class ReadExportPart(Request[ExportPart], permission="clients.export_list", timeout=15.0, effects=False):
    """Up to 250 cards, in an order that is this export's alone."""

    id: UUID
    number: PartOfExport


@dataclass(frozen=True)
class EndedDownload:
    id: UUID


@dataclass(frozen=True)
class EndDownload(Request[EndedDownload], permission="clients.export_list", keyed=False):
    """All parts have left: it cannot be begun again."""

    id: UUID


# --- where a file comes from ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Likeness:
    """How far rows follow the order of an export: 1 is its file, about 0.5 any other. `pairs` were compared."""

    id: UUID
    asked_by: UUID
    taken_at: datetime
    share: float
    pairs: int


@dataclass(frozen=True)
class TracedExport:
    """The exports that the rows may come from, the likeliest first; `known` of them are cards here."""

    known: int
    items: tuple[Likeness, ...]


@dataclass(frozen=True)
class TraceExport(Request[TracedExport], permission="client_exports.read", timeout=15.0, effects=False):
    """Rows of a file in its order, by ids or by phones: which export is it? Thirty rows are plenty."""

    client_ids: Annotated[tuple[UUID, ...], Traced] | None = None
    phones: Annotated[tuple[Phone, ...], Traced] | None = None


# --- the rules ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ExportRules:
    """Whether an export takes two people, how often its file may be taken, and whether nothing may leave at all."""

    two_person: bool
    downloads: int
    locked: bool
    version: int


@dataclass(frozen=True)
class ShowExportRules(Request[ExportRules], permission="export_rules.read", effects=False):
    pass


@dataclass(frozen=True)
class ChangeExportRules(Request[ExportRules], permission="export_rules.edit"):
    """Without `two_person` what is asked for from then on is approved at once: for a salon of one. It is on record."""

    version: Version
    two_person: bool | UnsetType = UNSET
    downloads: Annotated[int, Meta(ge=1, le=10)] | UnsetType = UNSET


@dataclass(frozen=True)
class LockExports(Request[ExportRules], permission="export_rules.edit"):
    """While it is locked nothing is asked for, approved or taken, and files on their way break off."""

    version: Version
    locked: bool
