"""Forms on sites on the wire: one line per message."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import (
    ChangeContactForm,
    ChangeEnquiry,
    ContactForm,
    CreateContactForm,
    Enquiry,
    FormReceived,
    ListClientEnquiries,
    ListContactForms,
    ListEnquiries,
    PublicForm,
    RevokeContactForm,
    ShowContactForm,
    ShowEnquiry,
    ShowPublicForm,
    SubmitContactForm,
)
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.clients.queries.enquiries import enquiry_of, enquiry_row, list_client_enquiries, list_enquiries
from services.clients.queries.forms import form_row, form_view, list_forms, open_form
from services.clients.queries.reveals import enquiry_shown
from services.clients.service.base import Base
from services.clients.usecases.forms import (
    ask_of_form,
    change_enquiry,
    change_form,
    create_form,
    receive,
    revoke_form,
)


class Forms(Base):
    @serves(CreateContactForm, first=ask_of_form)
    def create_contact_form(
        self, session: Session, request: CreateContactForm, caller: Caller, unknown_branches: frozenset[UUID]
    ) -> ContactForm:
        return create_form(session, request, self.desk(caller, unknown_branches))

    @serves(ShowContactForm)
    def show_contact_form(self, session: Session, request: ShowContactForm, caller: Caller) -> ContactForm:
        return form_view(form_row(session, request.id, caller))

    @serves(ListContactForms)
    def list_contact_forms(self, session: Session, request: ListContactForms, caller: Caller) -> Page[ContactForm]:
        return list_forms(session, request, caller)

    @serves(ChangeContactForm)
    def change_contact_form(self, session: Session, request: ChangeContactForm, caller: Caller) -> ContactForm:
        return change_form(session, request, self.desk(caller))

    @serves(RevokeContactForm)
    def revoke_contact_form(self, session: Session, request: RevokeContactForm, caller: Caller) -> ContactForm:
        return revoke_form(session, request, self.desk(caller))

    @serves(ShowPublicForm)
    def show_public_form(self, session: Session, request: ShowPublicForm, _caller: Caller) -> PublicForm:
        return PublicForm(open_form(session, request.key).name)

    @serves(SubmitContactForm)
    def submit_contact_form(self, session: Session, request: SubmitContactForm, caller: Caller) -> FormReceived:
        return receive(session, request, self.desk(caller))

    @serves(ShowEnquiry)
    def show_enquiry(self, session: Session, request: ShowEnquiry, caller: Caller) -> Enquiry:
        return enquiry_shown(
            session, enquiry_of(enquiry_row(session, request.id, caller), self.vault), caller, utc_now()
        )

    @serves(ListEnquiries)
    def list_enquiries(self, session: Session, request: ListEnquiries, caller: Caller) -> Page[Enquiry]:
        return list_enquiries(session, request, caller, self.vault)

    @serves(ListClientEnquiries)
    def list_client_enquiries(self, session: Session, request: ListClientEnquiries, caller: Caller) -> Page[Enquiry]:
        return list_client_enquiries(session, request, caller, self.vault)

    @serves(ChangeEnquiry)
    def change_enquiry(self, session: Session, request: ChangeEnquiry, caller: Caller) -> Enquiry:
        return enquiry_shown(session, change_enquiry(session, request, self.desk(caller)), caller, utc_now())
