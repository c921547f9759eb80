"""Photos and files of a client through the whole system: what is larger than a message arrives whole."""

import io
import os
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from contracts.clients.files import LARGEST_FILE
from tests.e2e.salon import User
from tests.e2e.systems import PASSWORD, Running

PDF = {"Content-Type": "application/pdf"}


@pytest.fixture(scope="module")
def owner(system: Running) -> Iterator[User]:
    owner = User(system.url, "owner", PASSWORD)
    yield owner
    owner.http.close()


@pytest.fixture
def clara(owner: User) -> str:
    client: dict[str, Any] = owner.post("/clients", first_name="Clara")
    return f"/clients/{client['id']}"


def test_the_largest_file_comes_back_byte_by_byte(owner: User, clara: str) -> None:
    content = b"%PDF-1.7\n" + os.urandom(LARGEST_FILE - 9)
    words = {"params": {"name": "Анкета.pdf", "kind": "form"}, "headers": PDF | {"Idempotency-Key": clara}}
    sent = owner.http.post(f"{clara}/files", content=content, **words)
    assert sent.status_code == 201, sent.text
    again = owner.http.post(f"{clara}/files", content=content, **words)
    assert (again.json(), again.headers["Idempotent-Replay"]) == (sent.json(), "true")
    path = f"{clara}/files/{sent.json()['id']}"
    read = owner.http.get(f"{path}/content")
    assert read.content == content
    assert read.headers["Content-Disposition"].startswith("attachment;")
    assert owner.refusal(413, "POST", f"{clara}/files", content=content + b"!", **words)["code"] == "body_too_large"
    assert owner.status("DELETE", path, headers={"If-Match": '"1"'}) == 204
    assert owner.get(f"{clara}/files")["items"] == []


def test_a_photo_is_put_shown_and_gone_with_the_person(owner: User, clara: str) -> None:
    picture = io.BytesIO()
    Image.effect_noise((3000, 2000), 60).convert("RGB").save(picture, "JPEG")
    words = {"content": picture.getvalue(), "headers": {"Content-Type": "image/jpeg", "If-Match": '"1"'}}
    put = owner.http.put(f"{clara}/photo", **words)
    assert (put.status_code, put.json()["width"], put.headers["ETag"]) == (200, 1024, '"2"'), put.text
    photo = owner.http.get(f"{clara}/photo")
    assert Image.open(io.BytesIO(photo.content)).size == (1024, 683)
    assert owner.status("DELETE", clara, headers={"If-Match": "*"}) == 204
    assert owner.status("GET", f"{clara}/photo") == 410
