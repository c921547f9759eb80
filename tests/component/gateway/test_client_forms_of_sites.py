"""A form is sent from pages of other sites, and a table of clients goes ahead in parts."""

from uuid import UUID

from contracts.clients import (
    CreateClientImport,
    FormReceived,
    KeepImportPart,
    KeptPart,
    PublicForm,
    ShowPublicForm,
    SubmitContactForm,
)
from contracts.clients.files import PART_BYTES
from contracts.clients.imports import LARGEST_IMPORT
from kernel.errors import Invalid, NotFound
from tests.component.gateway.conftest import Web

FORM = "/api/v1/forms/0190a000-0000-7000-8000-0000000000f1"
SITE = {"Origin": "https://salon.example"}
SAID = {"first_name": "Clara", "phone": "+79161234567"}


def test_a_browser_of_any_site_may_ask(web: Web) -> None:
    """Without credentials; which sites may send is for the form to say, and other addresses stay closed."""
    web.bus.answers[SubmitContactForm] = FormReceived()
    asked = web.http.options(FORM, headers=SITE | {"Access-Control-Request-Method": "POST"})
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    sent = web.http.post(FORM, json=SAID, headers=SITE)
    assert (sent.status_code, sent.json) == (202, {"received": True})
    assert sent.headers["Access-Control-Allow-Origin"] == "*"
    (request,) = web.bus.asked_of(SubmitContactForm)
    assert (request.origin, request.key) == (SITE["Origin"], UUID(FORM.rpartition("/")[2]))
    assert "Access-Control-Allow-Origin" not in web.http.get("/api/v1/clients", headers=SITE).headers


def test_only_the_gateway_says_where_a_form_was_sent_from(web: Web) -> None:
    web.bus.answers[ShowPublicForm] = PublicForm("Landing page")
    assert web.http.post(FORM, json=SAID | {"origin": "https://salon.example"}).status_code == 422


def test_a_form_that_is_not_there_is_told_before_what_is_wrong(web: Web) -> None:
    web.bus.answers[ShowPublicForm] = NotFound("form_not_found", "there is no such form")
    assert web.http.post(FORM, json={}).status_code == 404


def test_a_table_goes_ahead_in_parts(web: Web) -> None:
    """With what is said of it in the query; what may not be it is refused before anything is sent."""
    web.bus.answers[KeepImportPart] = lambda part: KeptPart(part.upload_id, part.number)
    web.bus.answers[CreateClientImport] = Invalid.field("content", "file_unreadable", "no table")
    body = b"x" * (PART_BYTES + 1)
    headers = web.as_() | {"Content-Type": "text/csv; charset=utf-8"}
    sent = web.http.post("/api/v1/client-imports?separator=tab&encoding=cp1251", data=body, headers=headers)
    assert (sent.status_code, sent.json["code"]) == (422, "file_unreadable")
    assert [len(part.content) for part in web.bus.asked_of(KeepImportPart)] == [PART_BYTES, 1]
    (made,) = web.bus.asked_of(CreateClientImport)
    assert (made.size, made.separator, made.encoding) == (len(body), "tab", "cp1251")
    picture = web.as_() | {"Content-Type": "image/png"}
    assert web.http.post("/api/v1/client-imports", data=b"x", headers=picture).status_code == 415
    large = web.http.post("/api/v1/client-imports", data=b"x" * (LARGEST_IMPORT + 1), headers=headers)
    assert large.status_code == 413
