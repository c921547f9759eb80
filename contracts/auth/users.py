"""Users, roles, sessions and the journal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.message import (
    INTERNAL,
    PUBLIC,
    SIGNED_IN,
    Code,
    Cursor,
    Event,
    Limit,
    Name,
    Page,
    Request,
    Version,
)

LoginName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$")]
NewPassword = Annotated[str, Meta(min_length=12, max_length=200)]
Token = Annotated[str, Meta(min_length=1, max_length=4_000)]
Words = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...], Meta(max_length=300)]
Bound = Annotated[int, Meta(ge=0, le=100_000)]
Ids = Annotated[tuple[UUID, ...], Meta(max_length=500)]


Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$", min_length=2, max_length=12)]
Theme = Literal["auto", "light", "dark"]
ClockFace = Literal["24", "12"]
NameOrder = Literal["first_last", "last_first", "full"]


@dataclass(frozen=True)
class Look:
    """How pages look to somebody who works here, on every device; what is null follows the device and the language.

    `names`: Anna Petrova, Petrova Anna, or Petrova Anna Ivanovna.
    """

    language: Language | None = None
    theme: Theme | None = None
    clock: ClockFace | None = None
    names: NameOrder | None = None


@dataclass(frozen=True)
class Me:
    """The one who asks, with every permission spelt out. `branch_ids` is empty for none, and for `owner`: all.

    `reveals_per_shift` and `history_days` are what their roles allow; null is no bound.
    """

    id: UUID
    login: str
    name: str
    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    branch_ids: tuple[UUID, ...]
    reveals_per_shift: int | None = None
    history_days: int | None = None
    look: Look = Look()


@dataclass(frozen=True)
class Session:
    """`expires_in` is the access token's life in seconds; the refresh token works once."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    user: Me


@dataclass(frozen=True)
class SignIn(Request[Session], permission=PUBLIC, keyed=False, timeout=10.0):
    """Failures are counted by login and by `address`, which the gateway fills in."""

    login: Annotated[str, Meta(min_length=1, max_length=200)]
    password: Annotated[str, Meta(min_length=1, max_length=1_000)]
    address: str | None = None


@dataclass(frozen=True)
class RefreshSession(Request[Session], permission=PUBLIC, keyed=False):
    """A used token ends its whole session, except that the same `retry_key` within 30 s gets the same pair again."""

    refresh_token: Token
    retry_key: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class SignedOut:
    session_id: UUID


@dataclass(frozen=True)
class SignOut(Request[SignedOut], permission=SIGNED_IN, keyed=False):
    """End this session everywhere."""


@dataclass(frozen=True)
class ChangePassword(Request[Me], permission=SIGNED_IN, keyed=False, timeout=10.0):
    """End the user's other sessions, too."""

    current: Annotated[str, Meta(min_length=1, max_length=1_000)]
    new: NewPassword


@dataclass(frozen=True)
class ChangeLook(Request[Me], permission=SIGNED_IN, keyed=False):
    """What is not said stays, null gives it back to the device. Nothing is kept of clients: 403 `look_of_device`."""

    language: Language | None | UnsetType = UNSET
    theme: Theme | None | UnsetType = UNSET
    clock: ClockFace | None | UnsetType = UNSET
    names: NameOrder | None | UnsetType = UNSET


@dataclass(frozen=True)
class ShowMe(Request[Me], permission=SIGNED_IN, effects=False):
    pass


# --- users ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class User:
    id: UUID
    login: str
    name: str
    roles: tuple[str, ...]
    branch_ids: tuple[UUID, ...]
    client_id: UUID | None
    active: bool
    version: int
    generated_password: str | UnsetType = UNSET


@dataclass(frozen=True)
class CreateUser(Request[User], permission="users.create", timeout=10.0):
    """Without `password` one is generated and shown this once. Nobody grants rights that they lack."""

    login: LoginName
    name: Name
    role: Code | None = None
    roles: Annotated[tuple[Code, ...], Meta(max_length=20)] | None = None
    branch_ids: Ids = ()
    password: NewPassword | None = None
    client_id: UUID | None = None


@dataclass(frozen=True)
class ShowUser(Request[User], permission="users.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListUsers(Request[Page[User]], permission="users.read", effects=False):
    """With `staff` without accounts that are a client's and nothing else, which may be thousands."""

    limit: Limit = 50
    cursor: Cursor | None = None
    staff: bool = False


@dataclass(frozen=True)
class ChangeUser(Request[User], permission="users.edit", timeout=10.0):
    """A change of rights, branches, password or state ends the user's sessions."""

    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    roles: Annotated[tuple[Code, ...], Meta(max_length=20)] | UnsetType = UNSET
    branch_ids: Ids | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    password: NewPassword | UnsetType = UNSET


@dataclass(frozen=True)
class UserStanding:
    """Whether there is such a user, active or not."""

    id: UUID
    exists: bool


@dataclass(frozen=True)
class CheckUser(Request[UserStanding], permission=INTERNAL, timeout=1.0, effects=False):
    id: UUID


# --- roles ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Role:
    """A name for permissions (`appointments.read`, `appointments.read.own`) and marks of sensitive fields.

    `reveals_per_shift`: of how many clients the contacts may be shown in twelve hours. `history_days`: how far back
    visits and changes of clients are shown. Null is no bound; of several roles the widest counts.
    """

    id: UUID
    name: str
    permissions: tuple[str, ...]
    marks: tuple[str, ...]
    shipped: bool
    version: int
    reveals_per_shift: int | None = None
    history_days: int | None = None


@dataclass(frozen=True)
class CreateRole(Request[Role], permission="roles.create"):
    """A bound that is not said adds nothing to what other roles allow: no reveals, no days of history."""

    name: Code
    permissions: Words = ()
    marks: Words = ()
    reveals_per_shift: Bound | None = 0
    history_days: Bound | None = 0


@dataclass(frozen=True)
class ShowRole(Request[Role], permission="roles.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListRoles(Request[Page[Role]], permission="roles.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeRole(Request[Role], permission="roles.edit"):
    """Shipped roles stay as they are; sessions of everybody who has the role end."""

    id: UUID
    version: Version
    permissions: Words | UnsetType = UNSET
    marks: Words | UnsetType = UNSET
    reveals_per_shift: Bound | None | UnsetType = UNSET
    history_days: Bound | None | UnsetType = UNSET


# --- sessions that ended --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EndedSession:
    """Tokens of the session are refused until `until`, when the last of them has expired."""

    session_id: UUID
    until: datetime


@dataclass(frozen=True)
class EndedSessions:
    items: tuple[EndedSession, ...]


@dataclass(frozen=True)
class ListEndedSessions(Request[EndedSessions], permission=INTERNAL, effects=False):
    """Those whose access tokens may still be in somebody's hands; a gateway that starts reads it first."""


@dataclass(frozen=True)
class SessionsEnded(Event):
    sessions: tuple[EndedSession, ...]
    occurred_at: datetime


@dataclass(frozen=True)
class StaffCardChanged(Event):
    """Whether the person of a client's card works for the salon, as of `version`: some account of theirs is staff's."""

    client_id: UUID
    version: int
    staff: bool
    occurred_at: datetime


# --- the journal ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class JournalEntry:
    """What somebody did, when, to what. `told_by` is the service where it happened, `details` are ids and codes.

    `actor_id` is None for a service that did it by itself and for nobody (a failed sign-in). `hash` covers the entry
    and the hash of the one before.
    """

    number: int
    at: datetime
    actor_kind: Literal["user", "service", "nobody"]
    actor_id: UUID | None
    told_by: str
    action: str
    subject_kind: str
    subject_id: UUID | None
    branch_id: UUID | None
    address: str | None
    details: dict[str, Any]
    hash: str


@dataclass(frozen=True)
class ListJournal(Request[Page[JournalEntry]], permission="journal.read", effects=False):
    """Newest first. Whoever is bound to branches sees what was done in them, by or to those who work there.

    `since` is included, `until` is not.
    """

    actor_id: UUID | None = None
    action: Code | None = None
    subject_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class JournalHead:
    """The number and the hash of the newest entry; kept elsewhere it proves later that nothing up to it is gone."""

    number: int
    hash: str


@dataclass(frozen=True)
class ShowJournalHead(Request[JournalHead], permission="journal.read", effects=False):
    pass


# --- for the export of a person -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HeldSession:
    """When somebody was signed in."""

    started_at: datetime
    used_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class HeldAccount:
    """A user who is the client."""

    user: User
    created_at: datetime
    sessions: tuple[HeldSession, ...]


@dataclass(frozen=True)
class HeldByAuth:
    """`journal` is what was done by the client and to their data; addresses of others are left out."""

    accounts: tuple[HeldAccount, ...]
    journal: tuple[JournalEntry, ...]


@dataclass(frozen=True)
class ExportFromAuth(Request[HeldByAuth], permission=INTERNAL, timeout=8.0, effects=False):
    """What clients puts into the export of a person; whether somebody may have it was decided there.

    `merged_ids` are cards of the same person that became part of this one.
    """

    client_id: UUID
    merged_ids: Annotated[tuple[UUID, ...], Meta(max_length=1_000)] = ()
