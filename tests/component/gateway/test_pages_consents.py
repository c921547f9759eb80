"""The settings of what clients agree to: which text holds, which comes, and how the next version begins."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.auth import Me, ShowMe
from contracts.clients import AddConsentDocument, ConsentDocument, ListConsentDocuments, ShowConsentDocument
from contracts.message import Page
from kernel.time import utc_now
from tests.builders import OWNER, anna

HTMX = {"HX-Request": "true"}


def a_text(version: int, valid_from: datetime, title: str = "Your data") -> ConsentDocument:
    return ConsentDocument(
        UUID(int=version),
        "personal_data",
        version,
        "en",
        title,
        f"<b>text {version}</b>",
        valid_from,
        valid_from,
        "required",
    )


@pytest.fixture
def settings(web):
    """A browser of the owner; `settings.send` posts a form of the page."""
    now = utc_now()
    texts = (a_text(3, now + timedelta(days=3)), a_text(2, now - timedelta(days=1)), a_text(1, now - timedelta(days=9)))
    web.bus.answers |= {
        ShowMe: Me(OWNER.id, "owner", "Olga Owner", (), (), ()),
        ListConsentDocuments: Page(texts),
        ShowConsentDocument: texts[0],
        AddConsentDocument: texts[0],
    }
    token = web.as_(OWNER)["Authorization"].removeprefix("Bearer ")
    web.http.set_cookie("lokon_access", token)
    web.http.set_cookie("lokon_session", "refresh")
    csrf = web.http.get("/settings/consents").text.split('name="csrf" content="')[1].split('"')[0]
    web.send = lambda **fields: web.http.post(
        "/settings/consents", data={"csrf": csrf, "key": uuid4().hex} | fields, headers=HTMX
    )
    return web


def test_the_page_says_which_version_holds_and_which_is_planned(settings):
    shown = settings.http.get("/settings/consents").text
    third, second, first = shown.split("<summary>Version ")[1:]
    assert ("planned" in third, "planned" in second, "planned" in first) == (True, False, False)
    assert ("holds now" in third, "holds now" in second, "holds now" in first) == (False, True, False)
    assert "&lt;b&gt;text 2&lt;/b&gt;" in second
    assert "Keeping and using personal data" in shown


def test_without_any_text_the_page_says_what_to_do(settings):
    settings.bus.answers[ListConsentDocuments] = Page(())
    assert "Add the text about personal data first" in settings.http.get("/settings/consents").text


def test_the_next_version_begins_as_the_last_one(settings):
    shown = settings.http.get(f"/settings/consents/{UUID(int=3)}/next", headers=HTMX).text
    assert 'name="purpose" value="personal_data"' in shown
    assert "&lt;b&gt;text 3&lt;/b&gt;</textarea>" in shown
    assert '<option value="required" selected>' in shown


def test_a_text_is_added_as_it_was_written(settings):
    said = {"purpose": "photos", "title": "Photos", "text": "Shown.", "language": "en", "asked_online": "optional"}
    assert settings.send(**said, valid_from="2027-01-15").status_code == 204
    (asked,) = settings.bus.asked_of(AddConsentDocument)
    assert asked == AddConsentDocument(**said, valid_from=datetime(2027, 1, 15, tzinfo=UTC))
    assert settings.send(**said).status_code == 204
    assert settings.bus.asked_of(AddConsentDocument)[-1].valid_from is None


@pytest.mark.parametrize("wrong", [{"asked_online": "perhaps"}, {"title": ""}, {"purpose": "Two words"}])
def test_what_is_wrong_is_told_and_nothing_is_added(settings, wrong):
    said = {"purpose": "photos", "title": "Photos", "text": "We show them.", "language": "en", "asked_online": "no"}
    assert settings.send(**said | wrong).status_code == 422
    assert not settings.bus.asked_of(AddConsentDocument)


def test_who_may_only_read_is_offered_nothing_to_write(settings):
    token = settings.as_(anna("consent_documents.read"))["Authorization"].removeprefix("Bearer ")
    settings.http.set_cookie("lokon_access", token)
    shown = settings.http.get("/settings/consents").text
    assert "holds now" in shown
    assert "New text" not in shown
    assert settings.http.get("/settings/consents/new", headers=HTMX).status_code == 403
