"""Forms on a salon's own site: what is written there lands on a card."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.clients.words import Email, Phone
from contracts.message import CONTACTS, PUBLIC, Code, Cursor, Limit, Name, Page, Request, Text, Version, sensitive

# As browsers say it: scheme, host and port in printable ASCII, nothing behind.
Origin = Annotated[str, Meta(pattern=r"^https?://[!-.0-~]+$", max_length=200)]
Origins = Annotated[tuple[Origin, ...], Meta(max_length=20)]


@dataclass(frozen=True)
class ContactForm:
    """A form. `channel` is where cards come from that it makes; `key` and `path` are told once, when it is made.

    A browser may send it from pages of `origins` only, from any page if there are none.
    """

    id: UUID
    name: str
    branch_id: UUID | None
    channel: str
    origins: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None
    version: int
    key: UUID | None = None
    path: str | None = None


@dataclass(frozen=True)
class CreateContactForm(Request[ContactForm], permission="contact_forms.create"):
    """For the whole chain, or a branch, which the cards that it makes then belong to."""

    name: Name
    channel: Code
    branch_id: UUID | None = None
    origins: Origins = ()


@dataclass(frozen=True)
class ShowContactForm(Request[ContactForm], permission="contact_forms.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListContactForms(Request[Page[ContactForm]], permission="contact_forms.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeContactForm(Request[ContactForm], permission="contact_forms.edit"):
    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    channel: Code | UnsetType = UNSET
    origins: Origins | UnsetType = UNSET


@dataclass(frozen=True)
class RevokeContactForm(Request[ContactForm], permission="contact_forms.edit"):
    """From now on its key opens nothing. To revoke it again changes nothing."""

    id: UUID


# --- what a site asks ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PublicForm:
    name: str


@dataclass(frozen=True)
class ShowPublicForm(Request[PublicForm], permission=PUBLIC, effects=False):
    """Whether the form takes anything."""

    key: UUID


@dataclass(frozen=True)
class FormReceived:
    """The same for everybody: whether the salon knows the phone is nobody's business."""

    received: bool = True


@dataclass(frozen=True)
class SubmitContactForm(Request[FormReceived], permission=PUBLIC):
    """An enquiry. `website` is hidden from people: who fills it in is a machine, thanked and forgotten."""

    key: UUID
    first_name: Name
    phone: Phone
    last_name: Name | None = None
    email: Email | None = None
    message: Text | None = None
    website: Text | None = None
    origin: Annotated[str, Meta(max_length=500)] | None = None


# --- what the desk sees ----------------------------------------------------------------------------------------------

EnquiryState = Literal["open", "done"]


@dataclass(frozen=True)
class Enquiry:
    """What somebody wrote, and who they said they are: nobody has verified it, and the card stays as it is.

    `known`: the card was there already. `contacts_masked`: phone and e-mail are shortened until the card is revealed.
    """

    id: UUID
    client_id: UUID
    form_id: UUID
    form_name: str
    received_at: datetime
    state: EnquiryState
    known: bool
    first_name: str
    last_name: str | None
    message: str | None
    done_by: UUID | None
    done_at: datetime | None
    version: int
    phone: str = sensitive(CONTACTS, default="")
    email: str | None = sensitive(CONTACTS, default=None)
    contacts_masked: bool = False


@dataclass(frozen=True)
class ShowEnquiry(Request[Enquiry], permission="enquiries.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListEnquiries(Request[Page[Enquiry]], permission="enquiries.read", effects=False):
    """Of everybody whose card the caller sees, the newest first."""

    state: EnquiryState | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ListClientEnquiries(Request[Page[Enquiry]], permission="enquiries.read", effects=False):
    """The newest first."""

    client_id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeEnquiry(Request[Enquiry], permission="enquiries.edit"):
    """Say that it was answered, or that it was not after all."""

    id: UUID
    version: Version
    state: EnquiryState
