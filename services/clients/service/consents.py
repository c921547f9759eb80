"""Texts and consents on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import (
    AddConsentDocument,
    Consent,
    ConsentDocument,
    GiveConsent,
    ListConsentDocuments,
    ListConsents,
    ListOnlineConsents,
    OnlineConsents,
    ShowConsent,
    ShowConsentDocument,
    WithdrawConsent,
)
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.clients import queries
from services.clients.service.base import Base
from services.clients.usecases import consents


class Consents(Base):
    @serves(AddConsentDocument)
    def add_consent_document(
        self,
        session: Session,
        request: AddConsentDocument,
        caller: Caller,  # noqa: ARG002
    ) -> ConsentDocument:
        return consents.add_document(session, request, utc_now())

    @serves(ShowConsentDocument)
    def show_consent_document(
        self,
        session: Session,
        request: ShowConsentDocument,
        caller: Caller,  # noqa: ARG002
    ) -> ConsentDocument:
        return queries.show_document(session, request.id)

    @serves(ListConsentDocuments)
    def list_consent_documents(
        self,
        session: Session,
        request: ListConsentDocuments,
        caller: Caller,  # noqa: ARG002
    ) -> Page[ConsentDocument]:
        return queries.documents(session, request)

    @serves(ListOnlineConsents)
    def list_online_consents(
        self,
        session: Session,
        request: ListOnlineConsents,  # noqa: ARG002
        caller: Caller,  # noqa: ARG002
    ) -> OnlineConsents:
        return queries.online_consents(session, utc_now())

    @serves(GiveConsent)
    def give_consent(self, session: Session, request: GiveConsent, caller: Caller) -> Consent:
        return consents.give(session, request, self.desk(caller))

    @serves(ShowConsent)
    def show_consent(self, session: Session, request: ShowConsent, caller: Caller) -> Consent:
        return queries.show_consent(session, request.client_id, request.id, caller, self.vault)

    @serves(ListConsents)
    def list_consents(self, session: Session, request: ListConsents, caller: Caller) -> Page[Consent]:
        return queries.list_consents(session, request, caller, self.vault)

    @serves(WithdrawConsent)
    def withdraw_consent(self, session: Session, request: WithdrawConsent, caller: Caller) -> Consent:
        return consents.withdraw(session, request, self.desk(caller))
