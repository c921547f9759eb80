"""Client cards, sources and referrers."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from contracts.message import (
    CONTACTS,
    HEALTH,
    INTERNAL,
    Code,
    Cursor,
    Event,
    Limit,
    LongText,
    Name,
    Page,
    Request,
    Text,
    Version,
    WallClock,
    sensitive,
)

SHARE_PHONE = "clients.share_phone"  # a permission beside those of Requests: to give two cards the same phone

Phone = Annotated[str, Meta(min_length=3, max_length=40)]
Phones = Annotated[tuple[Phone, ...], Meta(max_length=10)]
Email = Annotated[str, Meta(min_length=3, max_length=254)]
Sex = Literal["female", "male"]
Contraindications = Annotated[tuple[Name, ...], Meta(max_length=50)]


@dataclass(frozen=True)
class Source:
    """Where the client came from first; `channel` is compared without case."""

    channel: Code
    detail: Text | None = None


class ConvenientTime(Struct, frozen=True, rename={"from_": "from"}):
    """A weekday (0 is Monday) and wall-clock times; a Struct, because `from` is a word of the language."""

    weekday: Annotated[int, Meta(ge=0, le=6)]
    from_: WallClock
    to: WallClock


@dataclass(frozen=True)
class Preferences:
    favourite_master_id: UUID | None = None
    favourite_service_ids: Annotated[tuple[UUID, ...], Meta(max_length=50)] = ()
    convenient_times: Annotated[tuple[ConvenientTime, ...], Meta(max_length=50)] = ()
    wishes: Text | None = None


@dataclass(frozen=True)
class Client:
    """A card. Phones are E.164; `first_name` and the rest of a person's data are kept encrypted."""

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


@dataclass(frozen=True)
class RegisterClient(NewClient, Request[Client], permission="clients.create"):
    """Refused with `client_exists` if somebody has one of the phones, unless it is marked as shared."""


@dataclass(frozen=True)
class ShowClient(Request[Client], permission="clients.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListClients(Request[Page[Client]], permission="clients.read", effects=False):
    """Cards in order of registration, or those that `q` finds: name prefix, phone, last four digits, e-mail."""

    q: Annotated[str, Meta(min_length=2, max_length=200)] | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class SearchClients(Request[Page[Client]], permission="clients.read", effects=False):
    """As `ListClients`, with the words in the body, where no log sees them."""

    q: Annotated[str, Meta(min_length=2, max_length=200)]
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeClient(Request[Client], permission="clients.edit"):
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


@dataclass(frozen=True)
class Erased:
    id: UUID


@dataclass(frozen=True)
class EraseClient(Request[Erased], permission="clients.delete"):
    """Destroy the person's key: what was encrypted with it can never be read again."""

    id: UUID
    version: Version


# --- in bulk --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ImportedClient(NewClient):
    """`reference` names the person in the system they come from; registering it again changes nothing.

    `referrer_reference` points to another card by its reference, in this batch or an earlier one.
    """

    reference: Annotated[str, Meta(min_length=1, max_length=200)] = ""
    referrer_reference: Annotated[str, Meta(max_length=200)] | None = None
    registered_at: datetime | None = None


@dataclass(frozen=True)
class Imported:
    reference: str
    id: UUID
    created: bool


@dataclass(frozen=True)
class ImportedClients:
    items: tuple[Imported, ...]


@dataclass(frozen=True)
class ImportClients(Request[ImportedClients], permission="clients.import", timeout=30.0):
    """All or nothing: a card that is wrong refuses the batch and names its place (`clients.3.phones`)."""

    clients: Annotated[tuple[ImportedClient, ...], Meta(min_length=1, max_length=500)]


# --- for other services and the gateway -----------------------------------------------------------------------------


@dataclass(frozen=True)
class ClientName:
    id: UUID
    name: str


@dataclass(frozen=True)
class ClientNames:
    items: tuple[ClientName, ...]


@dataclass(frozen=True)
class NameClients(Request[ClientNames], permission="clients.read", effects=False):
    """How to call each of `ids` whom the caller may see; the others are left out."""

    ids: Annotated[tuple[UUID, ...], Meta(max_length=2_000)]


@dataclass(frozen=True)
class ClientStanding:
    """Whether a card exists (`active`), is gone (`erased`) or was never there (`unknown`), and what they prefer."""

    id: UUID
    state: Literal["active", "erased", "unknown"]
    home_branch_id: UUID | None = None
    favourite_master_id: UUID | None = None
    favourite_service_ids: tuple[UUID, ...] = ()
    convenient_times: tuple[ConvenientTime, ...] = ()


@dataclass(frozen=True)
class CheckClient(Request[ClientStanding], permission=INTERNAL, timeout=1.0, effects=False):
    id: UUID


@dataclass(frozen=True)
class SaidContact:
    """What somebody without an account says of themselves."""

    first_name: Name
    phone: Phone
    last_name: Name | None = None
    email: Email | None = None


@dataclass(frozen=True)
class CheckedContact:
    """Whose card it is, if there is one."""

    client_id: UUID | None


@dataclass(frozen=True)
class CheckContact(SaidContact, Request[CheckedContact], permission=INTERNAL, timeout=1.0, effects=False):
    """Whose card `TakeContact` would take, and refused like it if it is wrong in itself. No card is made."""


@dataclass(frozen=True)
class TakenContact:
    client_id: UUID
    created: bool


@dataclass(frozen=True)
class TakeContact(SaidContact, Request[TakenContact], permission=INTERNAL, timeout=2.0):
    """The card with this phone, or a new one made of what somebody without an account says of themselves.

    A card that is there stays as it is: nobody has verified the caller. Of several with a shared phone it is the one
    with the same first name, else the oldest.
    """

    channel: Code | None = None
    branch_id: UUID | None = None


@dataclass(frozen=True)
class ActiveClients:
    """Those that were asked for who have a card that is not erased."""

    ids: tuple[UUID, ...]


@dataclass(frozen=True)
class CheckClients(Request[ActiveClients], permission=INTERNAL, timeout=2.0, effects=False):
    ids: Annotated[tuple[UUID, ...], Meta(max_length=500)]


# --- events ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClientState:
    """What others may know of a card at `version`."""

    client_id: UUID
    version: int
    channel: str | None
    referrer_id: UUID | None
    home_branch_id: UUID | None
    registered_at: datetime
    occurred_at: datetime


@dataclass(frozen=True)
class ClientRegistered(ClientState, Event):
    pass


@dataclass(frozen=True)
class ClientChanged(ClientState, Event):
    """The source, the referrer or the home branch is another one."""


@dataclass(frozen=True)
class ClientErased(Event):
    client_id: UUID
    version: int
    occurred_at: datetime
