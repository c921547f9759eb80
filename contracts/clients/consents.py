"""What clients agreed to: the texts, one document per purpose, and who said yes to which of them and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.message import PUBLIC, Cursor, Event, Limit, Name, Page, Request, Text

Purpose = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$", min_length=1, max_length=64)]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$", min_length=2, max_length=12)]
DocumentVersion = Annotated[int, Meta(ge=1, le=1_000_000)]
ConsentChannel = Literal["desk", "online", "paper", "phone"]
AskedOnline = Literal["no", "optional", "required"]

LONG_STORAGE = "long_storage"  # a purpose: who agreed to it is kept, however long ago the last visit was


@dataclass(frozen=True)
class ConsentDocument:
    """One text for one purpose. It never changes: another text is the next version, whatever its language.

    `asked_online`: whether whoever books without an account is asked to agree, and whether they must.
    """

    id: UUID
    purpose: str
    version: int
    language: str
    title: str
    text: str
    valid_from: datetime
    created_at: datetime
    asked_online: AskedOnline = "no"


@dataclass(frozen=True)
class AddConsentDocument(Request[ConsentDocument], permission="consent_documents.create"):
    """Versions are counted per purpose. Without `valid_from` the text holds from now on."""

    purpose: Purpose
    title: Name
    text: Annotated[str, Meta(min_length=1, max_length=100_000)]
    language: Language = "ru"
    valid_from: datetime | None = None
    asked_online: AskedOnline = "no"


@dataclass(frozen=True)
class ShowConsentDocument(Request[ConsentDocument], permission="consent_documents.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListConsentDocuments(Request[Page[ConsentDocument]], permission="consent_documents.read", effects=False):
    """By purpose, the newest version of each first."""

    purpose: Purpose | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class OnlineConsent:
    """The text for a purpose that is in force and that whoever books online is asked about."""

    purpose: str
    version: int
    language: str
    title: str
    text: str
    required: bool


@dataclass(frozen=True)
class OnlineConsents:
    items: tuple[OnlineConsent, ...]


@dataclass(frozen=True)
class ListOnlineConsents(Request[OnlineConsents], permission=PUBLIC, effects=False):
    """What `BookOnline` wants agreed to, the required ones first."""


@dataclass(frozen=True)
class AgreedText:
    """One version of a text that somebody agrees to."""

    purpose: Purpose
    version: DocumentVersion


AgreedTexts = Annotated[tuple[AgreedText, ...], Meta(max_length=50)]


@dataclass(frozen=True)
class Withdrawal:
    withdrawn_at: datetime
    channel: ConsentChannel
    reason: str | None
    recorded_by: UUID | None


@dataclass(frozen=True)
class Consent:
    """`superseded`: the client has agreed to a later text for this purpose, or agreed again."""

    id: UUID
    client_id: UUID
    purpose: str
    document_id: UUID
    document_version: int
    channel: ConsentChannel
    given_at: datetime
    recorded_at: datetime
    recorded_by: UUID | None
    state: Literal["given", "withdrawn", "superseded"]
    withdrawal: Withdrawal | None = None


@dataclass(frozen=True)
class GiveConsent(Request[Consent], permission="consents.create"):
    """Record that the client agrees. 409 `consent_given` if they agree to this text or a later one already.

    `given_at` is for what was signed earlier, on paper say. A client alone agrees online, and now.
    """

    client_id: UUID
    purpose: Purpose
    document_version: DocumentVersion
    channel: ConsentChannel
    given_at: datetime | None = None


@dataclass(frozen=True)
class ShowConsent(Request[Consent], permission="consents.read", effects=False):
    client_id: UUID
    id: UUID


@dataclass(frozen=True)
class ListConsents(Request[Page[Consent]], permission="consents.read", effects=False):
    """Everything the client ever agreed to, newest first; nothing of it is changed or removed."""

    client_id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class WithdrawConsent(Request[Consent], permission="consents.withdraw"):
    client_id: UUID
    id: UUID
    channel: ConsentChannel
    reason: Text | None = None


@dataclass(frozen=True)
class ConsentFact:
    client_id: UUID
    consent_id: UUID
    purpose: str
    document_version: int
    occurred_at: datetime


@dataclass(frozen=True)
class ConsentGiven(ConsentFact, Event):
    pass


@dataclass(frozen=True)
class ConsentWithdrawn(ConsentFact, Event):
    pass
