"""Files in forms: what is of the wrong kind or too large is refused while it is being sent, not when it is there."""

import io

import flask
import pytest
from werkzeug.test import TestResponse, create_environ, run_wsgi_app
from werkzeug.wrappers import Request

from gateway.pages.uploads import MEBIBYTE, Upload, UploadRequest, expect, sent
from gateway.problems import of_refusal
from kernel.errors import Refusal

PHOTO = Upload("photo", largest=2 * MEBIBYTE)
TABLE = Upload("table", ("csv", "xlsx"), largest=MEBIBYTE)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
EDGE = "edge-of-parts"


class Line(io.RawIOBase):
    """A slow line that counts what was read from it."""

    def __init__(self, content: bytes) -> None:
        self._content, self.length, self.read_so_far = content, len(content), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        piece = self._content[self.read_so_far : self.read_so_far + len(buffer)]
        buffer[: len(piece)] = piece
        self.read_so_far += len(piece)
        return len(piece)


@pytest.fixture
def web():
    app = flask.Flask("uploads")
    app.request_class = UploadRequest
    app.register_error_handler(Refusal, of_refusal)

    def take(upload):
        def taken():
            expect(upload)
            found = sent(upload)
            return {"name": found[0], "size": len(found[1])} if found else {"name": None}

        return taken

    for upload in (PHOTO, TABLE):
        app.add_url_rule(f"/{upload.name}", upload.name, take(upload), methods=["POST"])
    app.add_url_rule("/plain", "plain", lambda: dict(flask.request.form), methods=["POST"])
    return app


def posted(web, address, name, content, field=None):
    line = Line(part(field or address, name, content))
    environ = create_environ(f"/{address}", method="POST")
    environ |= {"CONTENT_TYPE": f"multipart/form-data; boundary={EDGE}", "CONTENT_LENGTH": str(line.length)}
    environ["wsgi.input"] = line
    return TestResponse(*run_wsgi_app(web, environ), request=Request(environ)), line


def part(field, name, content):
    disposition = f'Content-Disposition: form-data; name="{field}"; filename="{name}"'
    return f"--{EDGE}\r\n{disposition}\r\n\r\n".encode() + content + f"\r\n--{EDGE}--\r\n".encode()


def test_a_picture_arrives_whole_under_the_last_part_of_its_name(web):
    answer, _ = posted(web, "photo", "holiday/me.PNG", PNG)
    assert (answer.status_code, answer.json) == (200, {"name": "me.PNG", "size": len(PNG)})


def test_a_form_may_come_without_its_file(web):
    answer, _ = posted(web, "photo", "", b"")
    assert (answer.status_code, answer.json) == (200, {"name": None})


def test_a_body_that_says_it_is_too_large_is_refused_unread(web):
    answer, line = posted(web, "photo", "me.png", PNG + b"x" * 3 * MEBIBYTE)
    assert (answer.status_code, answer.json["code"]) == (413, "file_too_large")
    assert line.read_so_far == 0


@pytest.mark.parametrize(("name", "content"), [("me.exe", PNG), ("me.svg", b"<svg onload=alert(1)>"), ("me", PNG)])
def test_another_ending_is_refused_before_the_file_is_read(web, name, content):
    answer, line = posted(web, "photo", name, content + b"x" * MEBIBYTE)
    assert (answer.status_code, answer.json["code"]) == (422, "media_type_unsupported")
    assert line.read_so_far < MEBIBYTE / 4


@pytest.mark.parametrize(
    ("address", "name", "content"),
    [
        ("photo", "me.png", b"<script>alert(1)</script>"),
        ("photo", "me.jpg", PNG),
        ("photo", "me.webp", b"RIFF0000WAVEfmt xxxxx"),
        ("table", "clients.csv", b"\x7fELF\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        ("table", "clients.xlsx", b"name;phone;birthday\n"),
    ],
)
def test_another_beginning_than_the_name_promises_is_refused_before_the_rest_is_read(web, address, name, content):
    answer, line = posted(web, address, name, content + b"x" * (MEBIBYTE - 2000))
    assert (answer.status_code, answer.json["code"]) == (422, "media_type_unsupported")
    assert line.read_so_far < MEBIBYTE / 2


@pytest.mark.parametrize("content", [b"", b"\x89PNG"])
def test_a_file_too_short_to_be_one_of_its_kind_is_refused(web, content):
    answer, _ = posted(web, "photo", "me.png", content)
    assert (answer.status_code, answer.json["code"]) == (422, "media_type_unsupported")


def test_a_form_that_expects_no_file_takes_none(web):
    answer, _ = posted(web, "plain", "me.png", PNG, field="comment")
    assert (answer.status_code, answer.json["code"]) == (422, "file_unexpected")
