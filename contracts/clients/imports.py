"""Clients from a table of another system: uploaded, mapped, tried without effect, then taken in row by row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.clients.files import PART_BYTES, KeptPart
from contracts.message import CONTACTS, Cursor, Limit, Name, Page, Request, Version, sensitive

LARGEST_IMPORT = 50 * 1024 * 1024  # bytes of a table
MOST_COLUMNS = 100

ImportPartNumber = Annotated[int, Meta(ge=0, lt=LARGEST_IMPORT // PART_BYTES)]
ImportEncoding = Literal["utf-8", "cp1251", "utf-16"]
ImportSeparator = Literal["comma", "semicolon", "tab"]
ImportState = Literal["open", "running", "finished", "abandoned", "failed"]
RunState = Literal["running", "done", "failed"]
Duplicates = Literal["skip", "update", "create_reported"]
RowOutcome = Literal["created", "updated", "duplicate", "refused", "suggested", "erased"]


@dataclass(frozen=True)
class KeepImportPart(Request[KeptPart], permission="clients.import", keyed=False):
    """One piece of what `CreateClientImport` puts together; forgotten after an hour if it does not."""

    upload_id: UUID
    number: ImportPartNumber
    content: Annotated[bytes, Meta(min_length=1, max_length=PART_BYTES)]


@dataclass(frozen=True)
class ImportColumn:
    """A column of the table, counted from 0, and the field that it is mapped to, or proposed for before that."""

    number: int
    name: str
    field: str | None


@dataclass(frozen=True)
class ImportRun:
    """How far a run has come: of `rows` of the import `done` have an outcome, so many of each kind."""

    number: int
    dry_run: bool
    duplicates: Duplicates
    home_branch_id: UUID | None
    state: RunState
    done: int
    created: int
    updated: int
    duplicate: int
    refused: int
    suggested: int
    erased: int
    started_by: UUID
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class ClientImport:
    """An uploaded table. Its rows are kept sealed until they are taken in, `expires_at` at the latest.

    `columns` and `first_rows` are told while it stands; `mapped` says whether the fields were confirmed.
    """

    id: UUID
    state: ImportState
    rows: int
    columns: tuple[ImportColumn, ...]
    mapped: bool
    created_by: UUID
    created_at: datetime
    expires_at: datetime
    run: ImportRun | None
    version: int
    first_rows: tuple[tuple[str, ...], ...] = sensitive(CONTACTS, default=())


@dataclass(frozen=True)
class CreateClientImport(Request[ClientImport], permission="clients.import", timeout=60.0, keyed=False):
    """CSV or XLSX; the first row names the columns. What is not said is found out.

    Its answer holds people, so it is not kept to be repeated: an idempotency key is ignored.
    """

    upload_id: UUID
    size: Annotated[int, Meta(ge=1, le=LARGEST_IMPORT)]
    encoding: ImportEncoding | None = None
    separator: ImportSeparator | None = None
    sheet: Name | None = None


@dataclass(frozen=True)
class ShowClientImport(Request[ClientImport], permission="clients.import", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListClientImports(Request[Page[ClientImport]], permission="clients.import", effects=False):
    """The newest first; others' for callers who are bound to no branch."""

    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class MappedColumn:
    column: Annotated[int, Meta(ge=0, lt=MOST_COLUMNS)]
    field: Annotated[str, Meta(min_length=1, max_length=60)]


@dataclass(frozen=True)
class MapClientImport(Request[ClientImport], permission="clients.import"):
    """Which field each column goes to; a column that is not named is left out.

    Fields: full_name, last_name, first_name, patronymic, preferred_name, phone, email, sex, birth_date, source,
    reference, referrer_phone, referrer_reference, categories, contraindications, comment, registered_at,
    custom.<id of a field>. Several columns may hold phones, categories, contraindications (which take the mark
    `health`) and comments. One column at least is a phone, e-mail or reference.
    """

    id: UUID
    version: Version
    columns: Annotated[tuple[MappedColumn, ...], Meta(min_length=1, max_length=MOST_COLUMNS)]


@dataclass(frozen=True)
class RunClientImport(Request[ClientImport], permission="clients.import", keyed=False):
    """Begin to take the rows in; with `dry_run` only their outcomes are found out. It goes on by itself.

    Whoever has the same phone, e-mail or reference is a duplicate: left alone (`skip`), completed (`update`), or made
    all the same and reported (`create_reported`, which takes the right to share phones).
    """

    id: UUID
    dry_run: bool
    duplicates: Duplicates = "skip"
    home_branch_id: UUID | None = None


@dataclass(frozen=True)
class RowError:
    """What is wrong with a row: a field and a code, never what stands in it."""

    field: str
    code: str


@dataclass(frozen=True)
class ImportRow:
    """What became of the row `number` of the table, counted from 1 with the one that names the columns.

    An `erased` row was taken out: of a person who was erased while the table stood.
    A `suggested` card was made and may be a person whom `like_id` knows already. Other cards have errors too, where
    something was left out: a category or a referrer that nobody knows.
    """

    number: int
    outcome: RowOutcome
    client_id: UUID | None
    like_id: UUID | None
    errors: tuple[RowError, ...]


@dataclass(frozen=True)
class ListImportRows(Request[Page[ImportRow]], permission="clients.import", effects=False):
    """Of the latest run, or the one named; in the order of the table."""

    id: UUID
    outcome: RowOutcome | None = None
    run: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class AbandonedImport:
    id: UUID


@dataclass(frozen=True)
class AbandonClientImport(Request[AbandonedImport], permission="clients.import"):
    """Forget the rows; those that were taken in stay."""

    id: UUID
    version: Version
