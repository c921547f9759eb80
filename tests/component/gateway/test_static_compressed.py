"""Static files on their way to browsers: small where they may be, whole where they must."""

import gzip

STYLES = "/static/lokon.css"


def test_a_browser_that_takes_it_gets_a_file_compressed(web):
    with web.http.get(STYLES) as plain:
        whole = plain.data
    small = web.http.get(STYLES, headers={"Accept-Encoding": "gzip, br"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == whole
    assert len(small.data) * 2 < len(whole)
    assert int(small.headers["Content-Length"]) == len(small.data)
    assert "Accept-Encoding" in small.headers["Vary"]
    assert "Content-Encoding" not in plain.headers


def test_a_file_that_has_not_changed_is_not_sent_again(web):
    small = web.http.get(STYLES, headers={"Accept-Encoding": "gzip"})
    known = {"Accept-Encoding": "gzip", "If-None-Match": small.headers["ETag"]}
    with web.http.get(STYLES, headers=known) as again:
        assert (again.status_code, again.data) == (304, b"")


def test_pages_with_tokens_are_not_compressed(web):
    door = web.http.get("/sign-in", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in door.headers


def test_what_is_not_there_is_not_there(web):
    assert web.http.get("/static/none.css", headers={"Accept-Encoding": "gzip"}).status_code == 404
