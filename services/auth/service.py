"""Users, roles, sessions and the journal on the wire: one line per message."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.config import Settings
from chassis.crypto import TokenSigner
from chassis.keyring import Keyring
from chassis.masters import MasterKeys
from chassis.messaging import every, handles, serves
from chassis.observability import log
from contracts import auth as messages
from contracts.booking import HealthShown
from contracts.clients import CardOfPhone, ClientErased, PersonalDataHandled
from contracts.loyalty import LoyaltyHandled
from contracts.message import Page
from kernel.caller import NOBODY, Caller
from kernel.time import utc_now
from services.auth import queries
from services.auth.usecases import (
    client_sessions,
    codes,
    journal,
    persons,
    roles,
    sessions,
    signing_in,
    staff,
    users,
)
from services.auth.usecases.asking import cards_with
from services.auth.usecases.desk import Desk, Keys
from services.auth.usecases.senders import SENDERS, CodeSender
from services.auth.usecases.senders.outbox import list_waiting


class Lent(Protocol):
    """What the dispatcher lends to those who ask before the transaction; `reads` is a session to look something up."""

    reads: Callable[[], Session]

    def __call__(self, request: Any) -> Any: ...


def ask_whose_phone(call: Lent, request: messages.SignInWithCode, caller: Caller) -> tuple[CardOfPhone, ...]:
    """Clients is asked only for a right code, so that how long a wrong one takes says nothing about the phone."""
    with call.reads() as session:
        phone = codes.proved_phone(session, request, Auth().desk(caller))
    return cards_with(call, phone)


class Auth:
    name = "auth"
    needs_master = True
    needs_keyring = True
    needs_user_signer = True
    master: ClassVar[MasterKeys]
    keyring: ClassVar[Keyring]
    user_signer: ClassVar[TokenSigner]
    settings: ClassVar[Settings]

    @cached_property
    def keys(self) -> Keys:
        return Keys(self.master, self.user_signer, self.keyring)

    def desk(self, caller: Caller = NOBODY) -> Desk:
        return Desk(caller, utc_now(), self.keys, self.settings)

    def started(self, session: Session) -> None:
        desk = self.desk()
        persons.seal_accounts(session, desk)
        changed = [*roles.keep_shipped(session, desk)]
        changed += users.make_first_owner(session, self.settings.owner_password, desk)
        journal.record(session, desk, *changed)
        staff.tell_all_staff(session, desk)

    def ready(self, session: Session) -> Iterable[str]:
        if not queries.other_owner(session, None):
            yield "first owner"

    def unreadable(self, session: Session) -> Iterator[tuple[str, UUID]]:
        """What does not open, by kind and id; for the command `keys check`."""
        return queries.unreadable(session, self.keys.vault)

    def verify_journal(self, session: Session, noted: str | None = None) -> str:
        """The head of the journal, as `noted` is a head that was kept elsewhere; refused if the journal is broken."""
        return journal.verify(session, self.desk(), noted)

    # --- sessions ---------------------------------------------------------------------------------------------------

    @serves(messages.SignIn)
    def sign_in(self, session: Session, request: messages.SignIn, caller: Caller) -> messages.Session:
        return signing_in.sign_in(session, request, self.desk(caller))

    @serves(messages.RefreshSession)
    def refresh_session(self, session: Session, request: messages.RefreshSession, caller: Caller) -> messages.Session:
        return sessions.refresh(session, request, self.desk(caller))

    @serves(messages.SignOut)
    def sign_out(self, session: Session, request: messages.SignOut, caller: Caller) -> messages.SignedOut:  # noqa: ARG002
        return sessions.sign_out(session, self.desk(caller))

    @serves(messages.ShowMe)
    def show_me(self, session: Session, request: messages.ShowMe, caller: Caller) -> messages.Me:  # noqa: ARG002
        return queries.show_me(session, caller, self.keys.vault)

    @serves(messages.ChangePassword, first=users.new_password)
    def change_password(
        self, session: Session, request: messages.ChangePassword, caller: Caller, password: str
    ) -> messages.Me:
        return users.change_password(session, request, self.desk(caller), password)

    @serves(messages.ChangeLook)
    def change_look(self, session: Session, request: messages.ChangeLook, caller: Caller) -> messages.Me:
        return users.change_look(session, request, self.desk(caller))

    @serves(messages.ListEndedSessions)
    def list_ended_sessions(
        self,
        session: Session,
        request: messages.ListEndedSessions,  # noqa: ARG002
        caller: Caller,  # noqa: ARG002
    ) -> messages.EndedSessions:
        return queries.ended_sessions(session, utc_now())

    # --- codes to phones --------------------------------------------------------------------------------------------

    @cached_property
    def sender(self) -> CodeSender:
        return SENDERS[self.settings.code_sender]()

    @serves(messages.SendCode)
    def send_code(self, session: Session, request: messages.SendCode, caller: Caller) -> messages.SentCode:
        return codes.send(session, request, self.desk(caller), self.sender)

    @serves(messages.ConfirmPhone)
    def confirm_phone(
        self, session: Session, request: messages.ConfirmPhone, caller: Caller
    ) -> messages.ConfirmedPhone:
        return codes.confirm(session, request, self.desk(caller))

    @serves(messages.CheckConfirmation)
    def check_confirmation(
        self, session: Session, request: messages.CheckConfirmation, caller: Caller
    ) -> messages.CheckedConfirmation:
        return codes.check(session, request, self.desk(caller))

    @serves(messages.SignInWithCode, first=ask_whose_phone)
    def sign_in_with_code(
        self, session: Session, request: messages.SignInWithCode, caller: Caller, cards: tuple[CardOfPhone, ...]
    ) -> messages.CodeSignIn:
        return client_sessions.sign_in(session, request, self.desk(caller), cards)

    @serves(messages.ListOutgoingCodes)
    def list_outgoing_codes(
        self, session: Session, request: messages.ListOutgoingCodes, caller: Caller
    ) -> Page[messages.OutgoingCode]:
        return list_waiting(session, request, self.desk(caller))

    @every(60.0)
    def tidy_codes(self, session: Session) -> None:
        codes.tidy(session, self.desk())

    # --- users ------------------------------------------------------------------------------------------------------

    @serves(messages.CreateUser, first=users.before_creating)
    def create_user(
        self, session: Session, request: messages.CreateUser, caller: Caller, ahead: users.Ahead
    ) -> messages.User:
        return users.create(session, request, self.desk(caller), ahead)

    @serves(messages.ShowUser)
    def show_user(self, session: Session, request: messages.ShowUser, caller: Caller) -> messages.User:
        return queries.show_user(session, request.id, caller, self.keys.vault)

    @serves(messages.ListUsers)
    def list_users(self, session: Session, request: messages.ListUsers, caller: Caller) -> Page[messages.User]:
        return queries.list_users(session, request, caller, self.keys.vault)

    @serves(messages.ChangeUser, first=users.before_changing)
    def change_user(
        self, session: Session, request: messages.ChangeUser, caller: Caller, ahead: users.Ahead
    ) -> messages.User:
        return users.change(session, request, self.desk(caller), ahead)

    @serves(messages.CheckUser)
    def check_user(
        self,
        session: Session,
        request: messages.CheckUser,
        caller: Caller,  # noqa: ARG002
    ) -> messages.UserStanding:
        return messages.UserStanding(request.id, queries.by_id(session, request.id) is not None)

    # --- roles ------------------------------------------------------------------------------------------------------

    @serves(messages.CreateRole)
    def create_role(self, session: Session, request: messages.CreateRole, caller: Caller) -> messages.Role:
        return roles.create(session, request, self.desk(caller))

    @serves(messages.ShowRole)
    def show_role(self, session: Session, request: messages.ShowRole, caller: Caller) -> messages.Role:  # noqa: ARG002
        return queries.role_view(queries.found_role(session, request.id))

    @serves(messages.ListRoles)
    def list_roles(self, session: Session, request: messages.ListRoles, caller: Caller) -> Page[messages.Role]:  # noqa: ARG002
        return queries.list_roles(session, request)

    @serves(messages.ChangeRole)
    def change_role(self, session: Session, request: messages.ChangeRole, caller: Caller) -> messages.Role:
        return roles.change(session, request, self.desk(caller))

    # --- the journal ------------------------------------------------------------------------------------------------

    @serves(messages.ListJournal)
    def list_journal(
        self, session: Session, request: messages.ListJournal, caller: Caller
    ) -> Page[messages.JournalEntry]:
        return queries.list_journal(session, request, caller, self.keys.vault)

    @serves(messages.ShowJournalHead)
    def show_journal_head(
        self,
        session: Session,
        request: messages.ShowJournalHead,  # noqa: ARG002
        caller: Caller,  # noqa: ARG002
    ) -> messages.JournalHead:
        head = queries.journal_head(session)
        return messages.JournalHead(head.number, head.hash.hex())

    @every(3600.0)
    def note_journal_head(self, session: Session) -> None:
        """In a log that leaves the machine it is out of reach of whoever could cut off the end of the journal."""
        head = queries.journal_head(session)
        log(self.name).info("journal_head", head=f"{head.number}:{head.hash.hex()}")

    @handles(PersonalDataHandled, batch=True)
    @handles(HealthShown, batch=True)
    @handles(LoyaltyHandled, batch=True)
    def keep_deeds(
        self, session: Session, events: Sequence[PersonalDataHandled | HealthShown | LoyaltyHandled]
    ) -> None:
        journal.keep_deeds(session, events, events[0].owner, self.desk())

    @handles(ClientErased, batch=True)
    def keep_erasures(self, session: Session, events: Sequence[ClientErased]) -> None:
        desk = self.desk()
        blanked = list(persons.forget(session, [one.client_id for one in events], desk))
        journal.keep_deeds(session, [journal.erasure(one) for one in events], ClientErased.owner, desk)
        journal.record(session, desk, *blanked)
        staff.tell_staff(session, [one.client_id for one in events], desk)

    # --- for the export of a person ---------------------------------------------------------------------------------

    @serves(messages.ExportFromAuth)
    def export_from_auth(
        self,
        session: Session,
        request: messages.ExportFromAuth,
        caller: Caller,  # noqa: ARG002
    ) -> messages.HeldByAuth:
        return persons.export(session, (request.client_id, *request.merged_ids), self.desk())
