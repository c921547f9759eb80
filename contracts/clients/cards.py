"""One card: what it says, and how it is made, found, changed and erased."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.clients.words import (
    CategoryIds,
    Contraindications,
    Custom,
    Email,
    FieldValue,
    GivenByRule,
    Importance,
    PhoneLabels,
    Phones,
    Preferences,
    Sex,
    Source,
)
from contracts.message import (
    CONTACTS,
    FINANCE,
    HEALTH,
    Cursor,
    Limit,
    LongText,
    Name,
    Page,
    Request,
    Version,
    sensitive,
)
from kernel.money import Money

SHARE_PHONE = "clients.share_phone"  # a permission beside those of Requests: to give two cards the same phone


@dataclass(frozen=True)
class Completeness:
    """How much of what a salon wants to know a card says, 0 to 100, and the fields that say nothing."""

    percent: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Client:
    """A card. Phones are E.164, each with the label at its place; `first_name` and the rest of a person's data are kept
    encrypted. `completeness`, `custom`, `account_balance` and `sorted` (what rules gave, and why) are told of a single
    card. `contacts_masked`: phones and e-mail are shortened until somebody asks for them (`RevealClient`). In lists
    `contraindications` are masked: the card shows them.
    """

    id: UUID
    first_name: str
    last_name: str | None
    patronymic: str | None
    preferred_name: str | None
    sex: Sex | None
    source: Source | None
    referrer_id: UUID | None
    home_branch_id: UUID | None
    preferences: Preferences
    comment: str | None
    registered_at: datetime
    version: int
    phones: tuple[str, ...] = sensitive(CONTACTS, default=())
    email: str | None = sensitive(CONTACTS, default=None)
    birth_date: date | None = sensitive(CONTACTS, default=None)
    contraindications: tuple[str, ...] = sensitive(HEALTH, default=())
    reference: str | None = None
    phone_labels: tuple[str, ...] = sensitive(CONTACTS, default=())
    importance: Importance = "none"
    category_ids: tuple[UUID, ...] = ()
    completeness: Completeness | None = None
    custom: tuple[FieldValue, ...] | None = None
    contacts_masked: bool = False
    account_balance: Money | None = sensitive(FINANCE, default=None)
    sorted: tuple[GivenByRule, ...] | None = None


@dataclass(frozen=True)
class NewClient:
    """What is said of a person when the card is made."""

    first_name: Name
    last_name: Name | None = None
    patronymic: Name | None = None
    preferred_name: Name | None = None
    phones: Phones = ()
    email: Email | None = None
    sex: Sex | None = None
    birth_date: date | None = None
    source: Source | None = None
    referrer_id: UUID | None = None
    home_branch_id: UUID | None = None
    preferences: Preferences = field(default_factory=Preferences)
    contraindications: Contraindications = ()
    comment: LongText | None = None
    shared_phone: bool = False
    phone_labels: PhoneLabels = ()
    importance: Importance = "none"
    category_ids: CategoryIds = ()


@dataclass(frozen=True)
class RegisterClient(NewClient, Request[Client], permission="clients.create"):
    """Refused with `client_exists` if somebody has one of the phones, unless it is marked as shared."""

    custom: Custom = ()


@dataclass(frozen=True)
class ShowClient(Request[Client], permission="clients.read", effects=False, own=(CONTACTS, HEALTH)):
    id: UUID


@dataclass(frozen=True)
class ListClients(Request[Page[Client]], permission="clients.read", effects=False):
    """Cards in order of registration, or those that `q` finds: name prefix, phone, last four digits, e-mail."""

    q: Annotated[str, Meta(min_length=2, max_length=200)] | None = None
    limit: Limit = 50
    cursor: Cursor | None = None
    category_id: UUID | None = None
    importance: Importance | None = None


@dataclass(frozen=True)
class SearchClients(Request[Page[Client]], permission="clients.read", effects=False):
    """As `ListClients`, with the words in the body, where no log sees them."""

    q: Annotated[str, Meta(min_length=2, max_length=200)]
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeClient(Request[Client], permission="clients.edit"):
    """What is not said stays; so do the fields that `custom` does not name. None takes its value away."""

    id: UUID
    version: Version
    first_name: Name | UnsetType = UNSET
    last_name: Name | None | UnsetType = UNSET
    patronymic: Name | None | UnsetType = UNSET
    preferred_name: Name | None | UnsetType = UNSET
    phones: Phones | UnsetType = UNSET
    email: Email | None | UnsetType = UNSET
    sex: Sex | None | UnsetType = UNSET
    birth_date: date | None | UnsetType = UNSET
    source: Source | None | UnsetType = UNSET
    referrer_id: UUID | None | UnsetType = UNSET
    home_branch_id: UUID | None | UnsetType = UNSET
    preferences: Preferences | UnsetType = UNSET
    contraindications: Contraindications | UnsetType = UNSET
    comment: LongText | None | UnsetType = UNSET
    shared_phone: bool = False
    phone_labels: PhoneLabels | UnsetType = UNSET
    importance: Importance | UnsetType = UNSET
    category_ids: CategoryIds | UnsetType = UNSET
    custom: Custom = ()


@dataclass(frozen=True)
class Erased:
    id: UUID


@dataclass(frozen=True)
class EraseClient(Request[Erased], permission="clients.delete"):
    """Destroy the person's key: what was encrypted with it can never be read again."""

    id: UUID
    version: Version
