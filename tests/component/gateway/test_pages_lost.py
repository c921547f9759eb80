"""Addresses where no page answers: a page for whoever looks with a browser, a problem document for programs."""

import pytest

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
RUSSIAN = BROWSER | {"Accept-Language": "ru"}


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/nosuchpage", 404, "Здесь ничего нет"),
        ("GET", "/desk/", 404, "Здесь ничего нет"),
        ("GET", "/sign-out", 405, "здесь смотреть не на что"),
    ],
)
def test_a_browser_is_told_in_its_language_and_led_back(web, method, path, status, text):
    answer = web.http.open(path, method=method, headers=RUSSIAN)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert text.casefold() in answer.text.casefold()
    assert 'href="/"' in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert status != 405 or answer.headers["Allow"]


def test_what_breaks_outside_of_pages_is_told_in_words_too(web):
    web.app.add_url_rule("/breaks", "breaks", lambda: 1 // 0)
    answer = web.http.get("/breaks", headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert "Something went wrong here." in answer.text
    assert web.http.get("/breaks").mimetype == "application/problem+json"


def test_a_part_of_a_page_is_told_beside_what_stands_there(web):
    answer = web.http.get("/nosuchpart", headers={"Accept": "text/html, */*", "HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (404, "#trouble")
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/nosuchpage", "*/*"),
        ("/nosuchpage", "application/json"),
        ("/api/v1/nowhere", "text/html"),
        ("/static/nothing.js", "text/html"),
    ],
)
def test_programs_and_the_api_get_a_problem(web, path, accept):
    answer = web.http.get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
