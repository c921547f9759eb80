"""Which refusal wins when several apply: the order that the API promises."""

from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest

from contracts.booking import Branch, ChangeBranch, Holiday, Removed, RemoveHoliday, ShowBranch, ShowHoliday
from contracts.clients import Client, EraseClient, Preferences, ShowClient
from kernel.errors import Forbidden, Gone, NotFound, Stale
from kernel.time import utc_now
from tests.builders import HERE, a_user, anna

PATH = f"/api/v1/branches/{HERE}"
BRANCH = Branch(HERE, "Here", "Europe/Moscow", None, (), 3)
GOOD: dict[str, Any] = {"json": {"name": "There"}}
BAD: dict[str, Any] = {"json": {"name": 5}}
NO_ID = "/api/v1/branches/not-an-id"


def status(answer: Any) -> int:
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    return answer.status_code


def test_a_body_that_is_too_large_is_refused_before_anybody_is_asked_for_a_token(web):
    assert status(web.http.patch(PATH, data=b"[" * (1024 * 1024 + 1), content_type="text/plain")) == 413


def test_a_chunked_body_that_turns_out_too_large_is_refused_too(web):
    answer = web.http.patch(
        PATH,
        input_stream=BytesIO(b" " * (1024 * 1024 + 100)),
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
    )
    assert status(answer) == 413


def test_a_body_of_another_type_is_refused_before_anybody_is_asked_for_a_token(web):
    assert status(web.http.patch(PATH, data=b"{", content_type="text/plain")) == 415


@pytest.mark.parametrize(
    "body", [b"{", b'{"name": "a\xff"}', b'{"name": "\\ud800"}', b"nul", b"[" * 100_000, b'{"name": NaN}']
)
def test_broken_json_is_refused_before_anybody_is_asked_for_a_token(web, body):
    assert status(web.http.patch(PATH, data=body, content_type="application/json")) == 400


def test_who_asks_comes_before_what_is_wrong(web):
    answer = web.http.patch(PATH, **BAD)
    assert status(answer) == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_false_token_is_not_somebody_signed_out(web):
    assert status(web.http.get(PATH, headers={"Authorization": "Bearer x.y.z"})) == 401
    assert status(web.http.get(PATH, headers={"Authorization": "Basic b3duZXI6eA=="})) == 401
    assert status(web.http.get(PATH, headers=web.as_(seconds=-1))) == 401


def test_the_right_comes_before_what_is_wrong(web):
    assert status(web.http.patch(PATH, **BAD, headers=web.as_(a_user("branches.read")))) == 403
    assert web.bus.asked_of(ShowBranch) == []


def test_an_id_that_is_none_is_unknown_but_who_asks_comes_first(web):
    assert status(web.http.get(NO_ID)) == 401
    assert status(web.http.get(NO_ID, headers=web.as_(a_user("rooms.read")))) == 403
    assert status(web.http.get(NO_ID, headers=web.as_())) == 404
    assert status(web.http.delete(NO_ID, headers=web.as_())) == 405


def test_what_is_not_there_comes_before_a_missing_version_and_a_wrong_field(web):
    web.bus.answers[ShowBranch] = NotFound("branch_not_found", "no such branch")
    assert status(web.http.patch(PATH, **BAD, headers=web.as_())) == 404
    assert status(web.http.patch(PATH, **GOOD, headers=web.as_())) == 404


def test_what_is_gone_comes_before_a_missing_version(web):
    web.bus.answers[ShowClient] = Gone("erased", "the person was erased", merged_into="x")
    answer = web.http.delete(f"/api/v1/clients/{uuid4()}", headers=web.as_())
    assert status(answer) == 410
    assert answer.json["merged_into"] == "x"


def test_a_missing_version_comes_before_a_wrong_field(web):
    web.bus.answers[ShowBranch] = BRANCH
    assert status(web.http.patch(PATH, **BAD, headers=web.as_())) == 428


@pytest.mark.parametrize("seen", ['"2"', "2", 'W/"3"', "x", '"x"', '"0"', '"99999999999999999999"', '"1", "2"'])
def test_another_version_comes_before_a_wrong_field(web, seen):
    web.bus.answers[ShowBranch] = BRANCH
    assert status(web.http.patch(PATH, **BAD, headers=web.as_() | {"If-Match": seen})) == 412


@pytest.mark.parametrize("seen", ['"3"', "3", "*", '"1", "3"'])
def test_with_the_right_version_the_wrong_field_is_told(web, seen):
    web.bus.answers[ShowBranch] = BRANCH
    answer = web.http.patch(PATH, **BAD, headers=web.as_() | {"If-Match": seen})
    assert status(answer) == 422
    assert list(answer.json["errors"]) == ["name"]


def test_a_good_change_goes_to_its_service_at_once(web):
    web.bus.answers[ChangeBranch] = BRANCH
    answer = web.http.patch(PATH, **GOOD, headers=web.as_() | {"If-Match": '"2"'})
    assert answer.status_code == 200
    assert web.bus.asked_of(ChangeBranch) == [ChangeBranch(HERE, 2, name="There")]
    assert web.bus.asked_of(ShowBranch) == []


def test_any_version_will_do_for_a_star(web):
    web.bus.answers |= {ShowBranch: BRANCH, ChangeBranch: BRANCH}
    assert web.http.patch(PATH, **GOOD, headers=web.as_() | {"If-Match": "*"}).status_code == 200
    assert web.bus.asked_of(ChangeBranch)[0].version == 3


def test_the_service_says_what_the_gateway_cannot_know(web):
    web.bus.answers[ChangeBranch] = Stale("version_stale", "somebody was faster")
    assert status(web.http.patch(PATH, **GOOD, headers=web.as_() | {"If-Match": '"2"'})) == 412


def test_who_may_change_but_not_read_hears_of_the_wrong_field(web):
    web.bus.answers[ShowBranch] = Forbidden("permission_missing", "this needs branches.read")
    headers = web.as_(anna("branches.edit"))
    assert status(web.http.patch(PATH, **BAD, headers=headers | {"If-Match": '"1"'})) == 422
    assert status(web.http.patch(PATH, **GOOD, headers=headers | {"If-Match": "*"})) == 412


def test_an_erased_person_is_gone_without_a_body(web):
    web.bus.answers |= {EraseClient: {"id": str(HERE)}, ShowClient: a_client()}
    answer = web.http.delete(f"/api/v1/clients/{HERE}", headers=web.as_() | {"If-Match": '"1"'})
    assert (answer.status_code, answer.data) == (204, b"")


def test_what_is_not_installed_is_unknown_to_those_who_may_ask(a_web):
    web = a_web(services=("auth", "clients", "booking"))
    assert status(web.http.get("/api/v1/loyalty/programme")) == 401
    answer = web.http.get("/api/v1/loyalty/programme", headers=web.as_())
    assert (status(answer), answer.json["code"]) == (404, "not_installed")


def a_client() -> Client:
    return Client(HERE, "Clara", None, None, None, None, None, None, None, Preferences(), None, utc_now(), 1)


def test_what_is_removed_names_its_version_and_leaves_no_body(web):
    path = f"/api/v1/holidays/{HERE}"
    holiday = Holiday(HERE, HERE, date(2027, 1, 1), "New Year", None, None, 3)
    web.bus.answers |= {ShowHoliday: holiday, RemoveHoliday: Removed(HERE)}
    assert status(web.http.delete(path, headers=web.as_())) == 428
    assert status(web.http.delete(f"{path}?x=1", headers=web.as_() | {"If-Match": '"2"'})) == 412
    assert status(web.http.delete(f"{path}?x=1", headers=web.as_() | {"If-Match": '"3"'})) == 422
    answer = web.http.delete(path, headers=web.as_() | {"If-Match": '"3"'})
    assert (answer.status_code, answer.data) == (204, b"")
    assert web.bus.asked_of(RemoveHoliday) == [RemoveHoliday(HERE, 3)]
