"""Make forms for sites, take in what is written there, and note what was answered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from chassis.crypto import fingerprint
from chassis.database import new_id
from chassis.outbox import announce
from contracts.clients import (
    ChangeContactForm,
    ChangeEnquiry,
    ContactForm,
    CreateContactForm,
    Enquiry,
    EnquiryAnswered,
    EnquiryReceived,
    FormReceived,
    RevokeContactForm,
    SubmitContactForm,
    TakeContact,
)
from kernel.caller import Caller
from kernel.errors import Forbidden, Invalid, NotFound, Throttled
from services.clients.domain.sources import named
from services.clients.phones import read_phone
from services.clients.queries.enquiries import SaidInForm, enquiry_of, enquiry_row, place_of
from services.clients.queries.forms import form_row, form_view, open_form
from services.clients.tables import contact_forms, enquiries
from services.clients.usecases.asking import unknown_branches
from services.clients.usecases.changes import changes_of, check_version
from services.clients.usecases.contacts import check_said, take_contact
from services.clients.usecases.desk import Desk

PATH = "/api/v1/forms/"
MOST_PER_HOUR = 300  # enquiries through one form: no salon answers more, and somebody is filling the base


def ask_of_form(call: Callable[[Any], Any], request: CreateContactForm, _caller: Caller) -> frozenset[UUID]:
    return unknown_branches(call, [request.branch_id] if request.branch_id else [])


def create_form(session: Session, request: CreateContactForm, desk: Desk) -> ContactForm:
    """A form whose key is told this once. It stands in the page of a site; what it opens is this form alone."""
    branch_id = _branch_of(request.branch_id, desk)
    form_id, key = new_id(), uuid4()
    values = {
        "id": form_id,
        "name": named(request.name),
        "branch_id": branch_id,
        "channel": named(request.channel, "channel"),
        "origins": list(request.origins),
        "key_hash": fingerprint(str(key)),
        "created_by": desk.caller.id,
        "created_at": desk.now,
        "version": 1,
    }
    row = session.execute(insert(contact_forms).values(values).returning(contact_forms)).one()
    return replace(form_view(row), key=key, path=f"{PATH}{key}")


def change_form(session: Session, request: ChangeContactForm, desk: Desk) -> ContactForm:
    row = form_row(session, request.id, desk.caller, locked=True)
    check_version(request.version, row.version)
    values = changes_of(request, "name", "channel", "origins")
    for field in values.keys() & {"name", "channel"}:
        values[field] = named(values[field], field)
    if not values:
        return form_view(row)
    values["version"] = row.version + 1
    changed = update(contact_forms).where(contact_forms.c.id == row.id).values(values)
    return form_view(session.execute(changed.returning(contact_forms)).one())


def revoke_form(session: Session, request: RevokeContactForm, desk: Desk) -> ContactForm:
    row = form_row(session, request.id, desk.caller, locked=True)
    if row.revoked_at is not None:
        return form_view(row)
    values = {"revoked_at": desk.now, "version": row.version + 1}
    revoked = update(contact_forms).where(contact_forms.c.id == row.id).values(values)
    return form_view(session.execute(revoked.returning(contact_forms)).one())


def receive(session: Session, request: SubmitContactForm, desk: Desk) -> FormReceived:
    """Put it on the card with this phone, or on a new one; the answer is the same.

    A card that is there stays as it is, and what is wrong is said before anybody looks for the phone.
    """
    form = open_form(session, request.key)
    if request.origin and form.origins and request.origin not in form.origins:
        raise Forbidden("origin_foreign", "this form is not for pages of this site")
    said = TakeContact(
        request.first_name, request.phone, request.last_name, request.email, form.channel, form.branch_id
    )
    check_said(said, desk)
    if request.website:
        return FormReceived()
    _refuse_flood(session, form.id, desk)
    taken = take_contact(session, said, desk)
    enquiry_id = new_id()
    written = SaidInForm(
        request.first_name.strip(),
        read_phone(request.phone, desk.phone_region) or request.phone,
        request.last_name,
        request.email,
        request.message,
    )
    values = {
        "id": enquiry_id,
        "client_id": taken.client_id,
        "form_id": form.id,
        "received_at": desk.now,
        "known": not taken.created,
        "said": desk.vault.seal_for(taken.client_id, place_of(enquiry_id), written),
        "version": 1,
    }
    session.execute(insert(enquiries).values(values))
    _tell(session, EnquiryReceived, enquiry_id, desk.now)
    return FormReceived()


def change_enquiry(session: Session, request: ChangeEnquiry, desk: Desk) -> Enquiry:
    row = enquiry_row(session, request.id, desk.caller, "enquiries.edit")
    this = enquiries.c.id == row.id
    version = session.scalar(select(enquiries.c.version).where(this).with_for_update())
    if version is None:  # the person was erased just now
        raise NotFound("enquiry_not_found", "there is no such enquiry")
    check_version(request.version, version)
    if (row.done_at is not None) != (request.state == "done"):
        done = (desk.caller.id, desk.now) if request.state == "done" else (None, None)
        values = {"done_by": done[0], "done_at": done[1], "version": row.version + 1}
        session.execute(update(enquiries).where(this).values(values))
        _tell(session, EnquiryAnswered, row.id, desk.now)
    return enquiry_of(enquiry_row(session, row.id, desk.caller, "enquiries.edit"), desk.vault)


def _tell(
    session: Session, event: type[EnquiryReceived] | type[EnquiryAnswered], enquiry_id: UUID, now: datetime
) -> None:
    """Announce what others may know of the enquiry: nothing of what was written in it."""
    told = select(
        enquiries.c.id.label("enquiry_id"),
        enquiries.c.version,
        enquiries.c.client_id,
        contact_forms.c.branch_id,
        contact_forms.c.channel,
        enquiries.c.known,
        enquiries.c.received_at,
        enquiries.c.done_at.label("answered_at"),
    ).join(contact_forms, contact_forms.c.id == enquiries.c.form_id)
    row = session.execute(told.where(enquiries.c.id == enquiry_id)).one()
    announce(session, event(**row._asdict(), occurred_at=now))


def _refuse_flood(session: Session, form_id: UUID, desk: Desk) -> None:
    lately = (enquiries.c.form_id == form_id) & (enquiries.c.received_at > desk.now - timedelta(hours=1))
    if (session.scalar(select(func.count()).select_from(enquiries).where(lately)) or 0) >= MOST_PER_HOUR:
        raise Throttled("too_many_calls", "too many enquiries through this form; call us", retry_after=3600)


def _branch_of(branch_id: UUID | None, desk: Desk) -> UUID | None:
    """The branch that is named, which has to be the caller's; whoever is bound to one need not name it."""
    caller = desk.caller
    if branch_id is None and not caller.everywhere:
        if len(caller.branch_ids) != 1:
            raise Invalid.field("branch_id", "branch_missing", "say for which branch the form is")
        return next(iter(caller.branch_ids))
    if branch_id is not None:
        if branch_id in desk.unknown_branches:
            raise Invalid.field("branch_id", "branch_unknown", "there is no such branch")
        if not caller.in_branch(branch_id):
            raise NotFound("branch_not_found", "there is no such branch")
    return branch_id
