"""What is written in forms on sites lands on a card, tells nothing, waits for the desk, and goes with the person."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from contracts.clients import (
    ChangeContactForm,
    ChangeEnquiry,
    ClientRegistered,
    ContactForm,
    CreateContactForm,
    Enquiry,
    EnquiryAnswered,
    EnquiryReceived,
    EraseClient,
    FormReceived,
    ListClientEnquiries,
    ListClients,
    ListContactForms,
    ListEnquiries,
    PublicForm,
    RevokeContactForm,
    ShowClient,
    ShowContactForm,
    ShowEnquiry,
    ShowPublicForm,
    SubmitContactForm,
)
from kernel.errors import Forbidden, Gone, Invalid, NotFound, Stale, Throttled
from kernel.time import utc_now
from services.clients.queries.export import HeldElsewhere, export
from services.clients.tables import contact_forms, enquiries
from services.clients.usecases import forms
from tests.builders import ELSEWHERE, HERE, OWNER, anna, boris
from tests.component.clients.conftest import PHONE, clara, refused
from tests.harness import Harness

MANAGER = ("contact_forms.create", "contact_forms.edit", "contact_forms.read")
DESK = ("clients.read", "clients.delete", "enquiries.read", "enquiries.edit")
ANNA = anna(*DESK, marks=frozenset({"contacts"}))
BORIS = boris(*DESK, marks=frozenset({"contacts"}))


def a_form(salon: Harness, **said: object) -> ContactForm:
    return salon.ask(CreateContactForm(**{"name": "Landing page", "channel": "site"} | said))


def submit(salon: Harness, form: ContactForm, **said: object) -> FormReceived:
    words = {"first_name": "Клара", "phone": "8 916 123-45-67", "message": "When are you open?"} | said
    return salon.ask(SubmitContactForm(key=form.key, **words), None)


def only(salon: Harness) -> Enquiry:
    (enquiry,) = salon.ask(ListEnquiries()).items
    return enquiry


def test_somebody_new_gets_a_card(salon: Harness) -> None:
    """From the channel and of the branch of the form, with the enquiry on it."""
    form = a_form(salon, branch_id=HERE)
    assert submit(salon, form, email="clara@example.com") == FormReceived(received=True)
    enquiry = only(salon)
    assert (enquiry.form_id, enquiry.form_name, enquiry.state, enquiry.known) == (form.id, form.name, "open", False)
    assert (enquiry.first_name, enquiry.phone, enquiry.message) == ("Клара", PHONE, "When are you open?")
    card = salon.ask(ShowClient(enquiry.client_id))
    assert (card.source.channel, card.home_branch_id, card.phones) == ("site", HERE, (PHONE,))
    assert [one.id for one in salon.ask(ListClientEnquiries(card.id)).items] == [enquiry.id]


def test_a_known_phone_keeps_its_card_and_the_same_answer(salon: Harness) -> None:
    """Nobody has verified who writes: what they call themselves stands on the enquiry only."""
    card = salon.ask(clara())
    form = a_form(salon)
    new = submit(salon, form, phone="+79990000000")
    assert submit(salon, form, first_name="Роза", email="rosa@example.com") == new
    after = salon.ask(ShowClient(card.id))
    assert (after.version, after.first_name, after.email) == (card.version, "Клара", None)
    (enquiry,) = salon.ask(ListClientEnquiries(card.id)).items
    assert (enquiry.known, enquiry.first_name, enquiry.email) == (True, "Роза", "rosa@example.com")
    assert len(salon.announced(ClientRegistered)) == 2


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"phone": "12345"}, "phone_invalid"),
        ({"email": "nobody"}, "email_invalid"),
        ({"first_name": "  "}, "name_blank"),
    ],
)
def test_what_is_wrong_is_wrong_whoever_is_known(salon: Harness, said: dict[str, str], code: str) -> None:
    """And of machines too, which would else learn what gives them away."""
    salon.ask(clara())
    form = a_form(salon)
    for more in ({}, {"website": "http://spam.example"}):
        refused(Invalid, code, lambda m=more: submit(salon, form, **said, **m))
    assert salon.ask(ListEnquiries()).items == ()


def test_a_machine_is_thanked_and_forgotten(salon: Harness) -> None:
    assert submit(salon, a_form(salon), website="http://spam.example") == FormReceived()
    assert (salon.ask(ListEnquiries()).items, salon.ask(ListClients()).items) == ((), ())


def test_pages_of_other_sites_are_refused(salon: Harness) -> None:
    """Where the form names its sites; a browser says from which page it sends."""
    form = a_form(salon, origins=("https://salon.example",))
    refused(Forbidden, "origin_foreign", lambda: submit(salon, form, origin="https://evil.example"))
    submit(salon, form, origin="https://salon.example")
    submit(salon, a_form(salon), origin="https://anywhere.example")
    assert len(salon.ask(ListEnquiries()).items) == 2


def test_a_key_opens_its_form_until_it_is_taken_back(salon: Harness) -> None:
    """It is told once, and kept as a hash."""
    form = a_form(salon)
    assert form.path == f"/api/v1/forms/{form.key}"
    assert salon.ask(ShowPublicForm(form.key), None) == PublicForm("Landing page")
    shown = salon.ask(ShowContactForm(form.id))
    assert (shown.key, shown.path, shown.revoked_at) == (None, None, None)
    with salon.session() as session:
        row = session.execute(select(contact_forms)).one()
        assert str(form.key).encode() not in repr(tuple(row)).encode()
    revoked = salon.ask(RevokeContactForm(form.id))
    assert (revoked.version, salon.ask(RevokeContactForm(form.id))) == (2, revoked)
    refused(NotFound, "form_not_found", lambda: submit(salon, form))
    refused(NotFound, "form_not_found", lambda: salon.ask(ShowPublicForm(form.key), None))
    refused(NotFound, "form_not_found", lambda: salon.ask(ShowPublicForm(uuid4()), None))


def test_a_flood_through_one_form_is_stopped(salon: Harness) -> None:
    """The count is of an hour, and of the form."""
    form = a_form(salon)
    submit(salon, form)
    with salon.session() as session:
        row = session.execute(select(enquiries)).one()
        copies = [row._asdict() | {"id": uuid4()} for _ in range(forms.MOST_PER_HOUR - 1)]
        session.execute(enquiries.insert(), copies)
        session.commit()
    refused(Throttled, "too_many_calls", lambda: submit(salon, form))
    submit(salon, a_form(salon))
    with salon.session() as session:
        session.execute(update(enquiries).values(received_at=utc_now().replace(year=2020)))
        session.commit()
    submit(salon, form)


def test_forms_are_changed_by_those_of_their_branch(salon: Harness) -> None:
    """Whoever is bound to one branch makes forms for it; those of others and of the chain are not there for them."""
    theirs = anna(*MANAGER)
    here = salon.ask(CreateContactForm("Here", "site"), theirs)
    assert here.branch_id == HERE
    elsewhere, chain = a_form(salon, branch_id=ELSEWHERE), a_form(salon)
    assert [one.id for one in salon.ask(ListContactForms(), theirs).items] == [here.id]
    for form in (elsewhere, chain):
        for request in (ShowContactForm(form.id), RevokeContactForm(form.id), ChangeContactForm(form.id, 1, name="x")):
            refused(NotFound, "form_not_found", lambda r=request: salon.ask(r, theirs))
    both = anna(*MANAGER, branch_ids=frozenset({HERE, ELSEWHERE}))
    refused(Invalid, "branch_missing", lambda: salon.ask(CreateContactForm("Both", "site"), both))
    foreign = CreateContactForm("There", "site", ELSEWHERE)
    refused(NotFound, "branch_not_found", lambda: salon.ask(foreign, theirs))
    changed = salon.ask(ChangeContactForm(here.id, 1, name=" Main ", origins=("https://a.example",)), theirs)
    assert (changed.name, changed.channel, changed.origins, changed.version) == (
        "Main", "site", ("https://a.example",), 2,
    )  # fmt: skip
    refused(Stale, "version_stale", lambda: salon.ask(ChangeContactForm(here.id, 1, name="x"), theirs))
    refused(Invalid, "name_blank", lambda: salon.ask(ChangeContactForm(here.id, 2, name=" "), theirs))


def test_the_desk_answers_what_is_open(salon: Harness) -> None:
    """Of two who do so at once the second learns of it."""
    submit(salon, a_form(salon))
    enquiry = only(salon)
    done = salon.ask(ChangeEnquiry(enquiry.id, 1, "done"), ANNA)
    assert (done.state, done.done_by, done.version) == ("done", ANNA.id, 2)
    refused(Stale, "version_stale", lambda: salon.ask(ChangeEnquiry(enquiry.id, 1, "done"), ANNA))
    assert salon.ask(ListEnquiries(state="open")).items == ()
    assert [one.id for one in salon.ask(ListEnquiries(state="done")).items] == [enquiry.id]
    again = salon.ask(ChangeEnquiry(enquiry.id, 2, "open"))
    assert (again.state, again.done_by, again.done_at) == ("open", None, None)
    told = salon.announced(EnquiryReceived, EnquiryAnswered)
    assert [(one.version, one.answered_at) for one in told] == [(1, None), (2, done.done_at), (3, None)]
    assert {(one.enquiry_id, one.client_id, one.channel, one.known) for one in told} == {
        (enquiry.id, enquiry.client_id, "site", False)
    }


def test_enquiries_are_seen_with_their_cards(salon: Harness) -> None:
    """Boris may not; and contacts only by who may see contacts."""
    submit(salon, a_form(salon, branch_id=HERE))
    enquiry = salon.ask(ShowEnquiry(only(salon).id), ANNA)
    assert enquiry.phone == PHONE
    assert salon.ask(ListEnquiries(), BORIS).items == ()
    for request in (ShowEnquiry(enquiry.id), ChangeEnquiry(enquiry.id, 1, "done")):
        refused(NotFound, "enquiry_not_found", lambda r=request: salon.ask(r, BORIS))
    refused(NotFound, "client_not_found", lambda: salon.ask(ListClientEnquiries(enquiry.client_id), BORIS))
    refused(Forbidden, "permission_missing", lambda: salon.ask(ListEnquiries(), anna("clients.read")))
    assert salon.ask(ShowEnquiry(enquiry.id), anna(*DESK)).phone == "•••"


def test_pages_of_enquiries_follow_each_other(salon: Harness) -> None:
    form = a_form(salon)
    for number in range(5):
        submit(salon, form, phone=f"+7916000000{number}")
    seen: list[UUID] = []
    page = salon.ask(ListEnquiries(limit=2))
    while True:
        seen.extend(one.id for one in page.items)
        if page.next is None:
            break
        page = salon.ask(ListEnquiries(limit=2, cursor=page.next))
    assert (len(seen), seen) == (5, sorted(seen, reverse=True))


def test_an_enquiry_is_exported_with_the_person(salon: Harness) -> None:
    submit(salon, a_form(salon))
    enquiry = only(salon)
    with salon.session() as session:
        zones: dict[UUID, str] = {}
        held = export(
            session, enquiry.client_id, OWNER, salon.dispatcher.instance.vault, HeldElsewhere(zones, {}), utc_now()
        )
    assert [one.message for one in held.enquiries] == ["When are you open?"]


def test_enquiries_go_with_the_person(salon: Harness) -> None:
    """And a damaged one does not stop the list."""
    form = a_form(salon)
    submit(salon, form)
    submit(salon, form, phone="+79990000000")
    with salon.session() as session:
        session.execute(
            update(enquiries).where(enquiries.c.client_id == only_card(salon, PHONE)).values(said=b"\x01" + bytes(60))
        )
        session.commit()
    assert [one.phone for one in salon.ask(ListEnquiries()).items] == ["+79990000000"]
    gone = only_card(salon, "+79990000000")
    salon.ask(EraseClient(gone, 1), OWNER)
    assert salon.ask(ListEnquiries()).items == ()
    refused(Gone, "client_erased", lambda: salon.ask(ListClientEnquiries(gone)))
    with salon.session() as session:
        assert session.scalar(select(func.count()).select_from(enquiries)) == 1


def only_card(salon: Harness, phone: str) -> UUID:
    (card,) = salon.ask(ListClients(q=phone)).items
    return card.id
