"""Pages of clients without services: who is shown what, what a form says to whom, and what is refused unasked."""

import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from contracts.auth import Me, ShowMe
from contracts.booking import ListBranches, ListMasters, ListServices
from contracts.clients import (
    AddFile,
    ChangeClient,
    ChangeEnquiry,
    Client,
    ClientName,
    ClientNames,
    Enquiry,
    EraseClient,
    Erased,
    ExportClient,
    KeepFilePart,
    ListClientCategories,
    ListClientFields,
    ListClients,
    ListEnquiries,
    ListSources,
    NameClients,
    OpenClient,
    Preferences,
    RegisterClient,
    RevealClient,
    ShowAccount,
    ShowClient,
    ShowTimeline,
    TimelineEntry,
    VisitEntry,
)
from contracts.loyalty import (
    Discount,
    DiscountLine,
    ExplainDiscount,
    Explanation,
    LevelReached,
    Reason,
    ReferralCounts,
    ReferralNode,
    Referrals,
    ShowDiscount,
    ShowReferrals,
)
from contracts.message import Page, PastPage
from kernel.errors import Conflict, Gone, NotFound, Stale
from kernel.money import Money
from tests.builders import CLARA, HERE, OWNER, anna

HTMX = {"HX-Request": "true"}
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ME = Me(OWNER.id, "anna", "Anna", (), (), ())
CARD = Client(
    id=CLARA,
    first_name="Clara",
    last_name="<b>Novak</b>",
    patronymic=None,
    preferred_name=None,
    sex=None,
    source=None,
    referrer_id=None,
    home_branch_id=HERE,
    preferences=Preferences(wishes="<i>no talk</i>"),
    comment=None,
    registered_at=datetime(2026, 1, 5, tzinfo=UTC),
    version=3,
    phones=("+7 ••• •••-45-67",),
    birth_date=date(1990, 11, 25),
    contraindications=("latex",),
    contacts_masked=True,
)
EMPTY = (ListBranches, ListMasters, ListServices, ListClientCategories, ListClientFields, ListSources)


@pytest.fixture
def desk(web):
    """Signs somebody in who has these rights; the card of Clara is there."""
    web.bus.answers |= {ShowMe: ME, ListClients: Page((CARD,)), ShowClient: CARD, OpenClient: CARD}
    web.bus.answers |= dict.fromkeys(EMPTY, Page(()))

    def signed_in(*permissions, marks=("contacts", "health")):
        caller = anna("masters.read", "services.read", "branches.read", *permissions, marks=frozenset(marks))
        token = web.as_(caller)["Authorization"].removeprefix("Bearer ")
        web.http.set_cookie("lokon_access", token)
        return web

    return signed_in


def sent(web, path, **fields):
    csrf = re.search(r'name="csrf" content="(\w+)"', web.http.get("/search").text)[1]
    form = {"csrf": csrf, "key": uuid4().hex} | fields
    return web.http.post(path, data=form, headers=HTMX | {"HX-Trigger": "card"})


def test_a_card_names_only_the_parts_that_the_visitor_may_ask_for(desk):
    web = desk("clients.read")
    shown = web.http.get(f"/clients/{CLARA}").text
    assert f"/clients/{CLARA}/habits" in shown
    for part in ("account", "notes", "consents", "edit", "erasing", "exporting"):
        assert f"/clients/{CLARA}/{part}" not in shown
    assert web.http.get(f"/clients/{CLARA}/account").status_code == 403
    assert web.bus.asked_of(ShowAccount) == []


def test_everybody_whom_a_client_brought_is_listed_also_beyond_the_first_twenty(desk):
    web = desk("clients.read", "loyalty.read")
    brought = [ReferralNode(uuid4(), qualified=True, visits=1, revenue=Money(0, "RUB")) for _ in range(31)]
    web.bus.answers[ShowReferrals] = Referrals(CLARA, tuple(brought))
    web.bus.answers[NameClients] = lambda asked: ClientNames(tuple(ClientName(one, f"N{one}") for one in asked.ids))
    first, _, rest = web.http.get(f"/clients/{CLARA}").text.partition("<summary>11 more</summary>")
    assert all(f">N{one.client_id}</a>" in first for one in brought[:20])
    assert all(f">N{one.client_id}</a>" in rest for one in brought[20:])


def test_a_day_is_written_so_that_it_cannot_be_a_month(desk):
    web = desk("clients.read")
    assert "25 Nov 1990" in web.http.get(f"/clients/{CLARA}").text
    assert "25.11.1990" in web.http.get(f"/clients/{CLARA}", headers={"Accept-Language": "ru"}).text


def test_what_was_typed_into_a_card_is_text(desk):
    shown = desk("clients.read").http.get(f"/clients/{CLARA}").text
    assert "<b>Novak" not in shown
    assert "&lt;i&gt;no talk" in shown


def test_without_the_marks_neither_contacts_nor_health_are_shown_but_that_there_is_something(desk):
    shown = desk("clients.read", marks=()).http.get(f"/clients/{CLARA}").text
    assert "45-67" not in shown
    assert "1990" not in shown
    assert "latex" not in shown
    assert "the card speaks of contraindications" in shown


def test_contacts_are_opened_by_a_form_and_by_those_who_may(desk):
    web = desk("clients.read", "clients.reveal")
    assert "Show contacts" in web.http.get(f"/clients/{CLARA}").text
    assert web.bus.asked_of(OpenClient) == []
    answer = sent(web, f"/clients/{CLARA}/opened")
    assert len(web.bus.asked_of(OpenClient)) == 1
    assert web.bus.asked_of(RevealClient) == []
    assert "as many contacts shown as your role allows" in answer.text  # still masked
    assert "Show contacts" not in desk("clients.read").http.get(f"/clients/{CLARA}").text


def test_a_new_card_says_what_the_form_said_and_leads_to_it(desk):
    web = desk("clients.read", "clients.create")
    web.bus.answers[RegisterClient] = CARD
    answer = sent(
        web,
        "/clients",
        first_name=" Clara ",
        with_contacts="yes",
        phones=["", "+79161234567"],
        phone_labels=["nobody’s", "work"],
        with_health="yes",
        contraindications="latex\n\n henna ",
        weekday=["1", ""],
        time_from=["10:00", ""],
        time_to=["12:00", ""],
    )
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/clients/{CLARA}")
    (asked,) = web.bus.asked_of(RegisterClient)
    assert (asked.first_name, asked.phones, asked.phone_labels) == ("Clara", ("+79161234567",), ("work",))
    assert asked.contraindications == ("latex", "henna")
    assert [(time.weekday, time.from_, time.to) for time in asked.preferences.convenient_times] == [
        (1, "10:00", "12:00")
    ]


def test_a_phone_that_somebody_has_leads_to_their_card(desk):
    web = desk("clients.read", "clients.create")
    details = {"errors": {"phones.0": ["taken"]}, "client_id": str(CLARA)}
    web.bus.answers[RegisterClient] = Conflict("client_exists", "somebody is registered with this phone", **details)
    answer = sent(web, "/clients", first_name="Clara", with_contacts="yes", phones="+79161234567", phone_labels="")
    assert answer.status_code == 409
    assert 'data-fields="phones"' in answer.text


def test_a_change_leaves_alone_what_its_writer_was_not_shown(desk):
    """Masked contacts would else be taken for new ones, and health would be wiped by whoever does not see it."""
    web = desk("clients.read", "clients.edit", marks=())
    web.bus.answers[ChangeClient] = CARD
    assert 'name="phones"' not in web.http.get(f"/clients/{CLARA}/edit").text
    sent(web, f"/clients/{CLARA}/edit", version="3", first_name="Clara")
    (envelope,) = [one for one in web.bus.envelopes if one.name == "ChangeClient"]
    said = bytes(envelope.request)
    for name in (b"phones", b"email", b"birth_date", b"contraindications", b"referrer_id", b"home_branch_id"):
        assert name not in said
    assert b'"version":3' in said


def test_somebody_elses_change_is_told_and_nothing_is_lost(desk):
    web = desk("clients.read", "clients.edit")
    web.bus.answers[ChangeClient] = Stale("version_stale", "the card has changed")
    answer = sent(web, f"/clients/{CLARA}/edit", version="2", first_name="Clara")
    assert answer.status_code == 412
    assert "Somebody has changed this since." in answer.text
    assert answer.headers["HX-Retarget"] == "#card .trouble-place"


def test_nobody_is_erased_by_a_slip(desk):
    web = desk("clients.read", "clients.delete")
    web.bus.answers[EraseClient] = Erased(CLARA)
    assert sent(web, f"/clients/{CLARA}/erase", version="3").status_code == 422
    assert web.bus.asked_of(EraseClient) == []
    assert sent(web, f"/clients/{CLARA}/erase", version="3", sure="on").headers["HX-Redirect"] == "/clients"
    assert len(web.bus.asked_of(EraseClient)) == 1


def test_an_archive_is_for_those_who_may_read_files_too(desk):
    web = desk("clients.read", "clients.export")
    assert "format=zip" not in web.http.get(f"/clients/{CLARA}/exporting", headers=HTMX).text
    assert web.http.get(f"/clients/{CLARA}/export?format=zip").status_code == 403
    assert web.http.get(f"/clients/{CLARA}/export?format=exe").status_code == 422
    assert web.bus.asked_of(ExportClient) == []


@pytest.mark.parametrize(("name", "content"), [("run.exe", b"MZ" * 40), ("run.png", b"MZ" * 40)])
def test_a_file_of_another_kind_goes_no_further(desk, name, content):
    web = desk("clients.read", "client_files.read", "client_files.create")
    answer = sent(web, f"/clients/{CLARA}/files", kind="before", file=(io.BytesIO(content), name))
    assert answer.status_code == 422
    assert web.bus.asked_of(KeepFilePart) == []
    assert web.bus.asked_of(AddFile) == []


def test_filters_of_the_list_are_those_of_its_request(desk):
    web = desk("clients.read")
    category = UUID(int=7)
    web.http.get(f"/clients?q=cla&importance=gold&category_id={category}")
    asked = web.bus.asked_of(ListClients)[-1]
    assert (asked.q, asked.importance, asked.category_id) == ("cla", "gold", category)
    assert web.http.get("/clients?importance=tin").status_code == 422


def test_a_card_that_became_a_part_of_another_leads_there(desk):
    web = desk("clients.read")
    kept = uuid4()
    web.bus.answers[ShowClient] = Gone("merged", "this card was merged into another one", merged_into=str(kept))
    answer = web.http.get(f"/clients/{CLARA}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/clients/{kept}")
    web.bus.answers[ShowClient] = Gone("client_erased", "this client was erased")
    assert web.http.get(f"/clients/{CLARA}").status_code == 410


def test_an_enquiry_is_text_and_is_answered_by_those_who_may(desk):
    asked = Enquiry(
        uuid4(), CLARA, uuid4(), "Site", datetime(2026, 11, 23, tzinfo=UTC), "open", known=False, first_name="<b>Eve",
        last_name=None, message="<script>", done_by=None, done_at=None, version=1, phone="+7 ••• •••-45-67",
    )  # fmt: skip
    web = desk("clients.read", "enquiries.read")
    web.bus.answers |= {ListEnquiries: Page((asked,)), ChangeEnquiry: asked}
    shown = web.http.get("/clients/enquiries").text
    assert "&lt;script&gt;" in shown
    assert f"/clients/enquiries/{asked.id}" not in shown
    assert sent(web, f"/clients/enquiries/{asked.id}", version="1", state="done").status_code == 403
    web = desk("clients.read", "enquiries.read", "enquiries.edit", marks=())
    shown = web.http.get("/clients/enquiries").text
    assert "45-67" not in shown
    assert f"/clients/enquiries/{asked.id}" in shown
    assert sent(web, f"/clients/enquiries/{asked.id}", version="1", state="done").status_code == 204
    assert web.bus.asked_of(ChangeEnquiry) == [ChangeEnquiry(asked.id, 1, "done")]


def test_a_number_of_the_salons_own_is_read_as_people_write_it(desk):
    web = desk("clients.read", "clients.create")
    web.bus.answers[RegisterClient] = CARD
    field, other = UUID(int=8), UUID(int=9)
    said = {f"custom.{field}": "12,5", f"custom.{other}": "a, b"}
    sent(web, "/clients", first_name="Clara", asked_number=str(field), asked_field=str(other), **said)
    (asked,) = web.bus.asked_of(RegisterClient)
    assert {one.field_id: one.value for one in asked.custom} == {field: "12.5", other: "a, b"}


def test_the_list_begins_with_whose_cards_were_opened_last(desk):
    web = desk("clients.read")
    web.bus.answers[ListClients] = Page(())
    web.bus.answers[NameClients] = ClientNames((ClientName(CLARA, "Clara Novak"),))
    web.http.get(f"/clients/{CLARA}")
    assert f'<a href="/clients/{CLARA}">Clara Novak</a>' in web.http.get("/clients").text
    assert "Clara" not in web.http.get("/clients?q=Somebody").text


# --- everything that happened ----------------------------------------------------------------------------------------


def test_a_visit_stands_by_the_clock_of_its_branch(desk):
    """Whoever looks may work in another zone: the table of visits says the same."""
    web = desk("clients.read", "visits.read")
    visit = VisitEntry(uuid4(), HERE, date(2026, 11, 26), "14:00", "booked", (), ())
    at = datetime(2026, 11, 26, 9, tzinfo=UTC)
    web.bus.answers[ShowTimeline] = PastPage((TimelineEntry(at, "visit", visit=visit),), None)
    text = web.http.get(f"/clients/{CLARA}/timeline", headers=HTMX).text
    assert "14:00" in text
    assert "9:00" not in text


# --- why a discount -------------------------------------------------------------------------------------------------


def test_a_discount_is_told_in_the_language_of_the_page(desk):
    """Loyalty's own sentences are English and speak to the client; the card speaks of the client."""
    web = desk("clients.read", "loyalty.read")
    lines = (
        DiscountLine("referrals", "31 people you brought came and paid: 15 %", Decimal(15)),
        DiscountLine("cap", "at most 10 % by this rule instead of 15 %", Decimal(-5)),
    )
    level = LevelReached("Silver", "visits", 3, "Gold", 7, "7 visits to Gold")
    web.bus.answers[ShowDiscount] = Discount(CLARA, Decimal(10), lines, ReferralCounts(31, 31), 0, NOW, 1, level=level)
    given = {"rule": "referrals", "kind": "referrals", "count": "31", "percent": "15"}
    reason = Reason(
        "verdict.discount",
        "discount: 10 %",
        {"percent": "10"},
        (
            Reason("referrals.counted", lines[0].text, given),
            Reason(
                "personal.unsaid", "personal discount; there is none", {"rule": "personal", "refusal": "personal.none"}
            ),
        ),
    )
    web.bus.answers[ExplainDiscount] = Explanation("client", NOW, 1, Decimal(10), "discount", reason)
    web.http.set_cookie("lokon_language", "ru")
    page = web.http.get(f"/clients/{CLARA}/loyalty", headers=HTMX).text
    assert "31 приведённый" in page
    assert "7 визитов до" in page
    assert "you brought" not in page
    assert "персональ" not in page.lower()  # a rule that gives nothing has no line
    assert "at most 10 %" in page  # what the explanation does not name stays as loyalty says it


def test_without_an_explanation_a_discount_keeps_its_own_words(desk):
    web = desk("clients.read", "loyalty.read")
    lines = (DiscountLine("visits", "10 visits: 5 %", Decimal(5)),)
    web.bus.answers[ShowDiscount] = Discount(CLARA, Decimal(5), lines, ReferralCounts(0, 0), 0, NOW, 1)
    web.bus.answers[ExplainDiscount] = NotFound("client_unknown", "not yet")
    assert "10 visits: 5 %" in web.http.get(f"/clients/{CLARA}/loyalty", headers=HTMX).text
