"""Bodies and replies that are files: pictures, calendars, and what is larger than a message."""

from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID

import pytest

from contracts.booking import (
    AddPicture,
    CalendarFile,
    Picture,
    PictureFile,
    ReadAppointmentCalendar,
    ReadFeed,
    ReadPicture,
)
from contracts.clients import (
    AddFile,
    ClientFile,
    FilePart,
    KeepFilePart,
    KeptPart,
    Photo,
    PhotoFile,
    PutPhoto,
    ReadFile,
    ReadPhoto,
    ShowClient,
    ShowFile,
    ShowPhoto,
)
from contracts.clients.files import LARGEST_FILE, PART_BYTES
from kernel.errors import Conflict, Gone, Invalid, NotFound
from tests.builders import HERE, a_user

PICTURES = "/api/v1/pictures"
KEPT = Picture(UUID(int=9), "image/webp", 640, 480)
LARGEST = 10 * 1024 * 1024
KEY = "k" * 43


def test_a_picture_is_sent_as_it_is_and_says_where_it_is_kept(web):
    web.bus.answers[AddPicture] = KEPT
    answer = web.http.post(PICTURES, data=b"\x89PNG...", content_type="image/png", headers=web.as_())
    assert (answer.status_code, answer.json["width"]) == (201, 640)
    assert answer.headers["Location"] == f"{PICTURES}/{KEPT.id}"
    assert web.bus.asked_of(AddPicture) == [AddPicture(b"\x89PNG...")]


def test_the_largest_picture_goes_through_and_one_more_byte_does_not(web):
    web.bus.answers[AddPicture] = KEPT
    words = {"content_type": "image/jpeg", "headers": web.as_()}
    assert web.http.post(PICTURES, data=b"x" * LARGEST, **words).status_code == 201
    assert web.http.post(PICTURES, data=b"x" * (LARGEST + 1), **words).status_code == 413
    chunked = {"input_stream": BytesIO(b"x" * (LARGEST + 10))}
    words["headers"] |= {"Transfer-Encoding": "chunked"}
    assert web.http.post(PICTURES, **chunked, **words).status_code == 413


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "", "imagepng"])
def test_what_does_not_say_that_it_is_a_picture_is_refused_before_anybody_is_asked_for_a_token(web, media_type):
    answer = web.http.post(PICTURES, data=b"x", content_type=media_type)
    assert (answer.status_code, answer.json["code"]) == (415, "media_type_unsupported")


def test_nothing_is_no_picture(web):
    answer = web.http.post(f"{PICTURES}?x=1", content_type="image/png", headers=web.as_())
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"image", "x"})


def test_who_may_not_keep_pictures_hears_so(web):
    words = {"data": b"x", "content_type": "image/png"}
    assert web.http.post(PICTURES, **words).status_code == 401
    assert web.http.post(PICTURES, **words, headers=web.as_(a_user("pictures.read"))).status_code == 403
    web.bus.answers[AddPicture] = Invalid("picture_unreadable", "this is no picture")
    assert web.http.post(PICTURES, **words, headers=web.as_()).json["code"] == "picture_unreadable"


def test_a_picture_is_shown_to_anybody_and_may_be_kept_for_long(web):
    web.bus.answers[ReadPicture] = PictureFile("image/webp", b"RIFF\x00\xff")
    answer = web.http.get(f"{PICTURES}/{KEPT.id}")
    assert (answer.status_code, answer.data, answer.content_type) == (200, b"RIFF\x00\xff", "image/webp")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    web.bus.answers[ReadPicture] = NotFound("picture_not_found", "no such picture")
    missing = web.http.get(f"{PICTURES}/{KEPT.id}")
    assert (missing.status_code, missing.content_type) == (404, "application/problem+json")
    assert missing.headers["Cache-Control"] == "private, no-store"


def test_a_calendar_is_text_in_utf_8_that_is_saved_under_a_name(web):
    web.bus.answers |= {
        ReadFeed: CalendarFile("BEGIN:VCALENDAR\r\nX:Стрижка\r\n"),
        ReadAppointmentCalendar: CalendarFile("BEGIN:VCALENDAR\r\n"),
    }
    answer = web.http.get(f"/api/v1/calendar-feeds/read.ics?key={KEY}")
    assert answer.data.decode() == "BEGIN:VCALENDAR\r\nX:Стрижка\r\n"
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="calendar.ics"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    mine = web.http.get(f"/api/v1/appointments/{HERE}/calendar.ics", headers=web.as_())
    assert mine.headers["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    assert web.http.get(f"/api/v1/appointments/{HERE}/calendar.ics").status_code == 401


def test_a_calendar_needs_a_key_and_a_revoked_one_opens_nothing(web):
    web.bus.answers[ReadFeed] = NotFound("feed_not_found", "no such feed")
    assert web.http.get("/api/v1/calendar-feeds/read.ics").status_code == 422
    assert web.http.get(f"/api/v1/calendar-feeds/read.ics?key={KEY}").status_code == 404


def test_the_document_says_what_is_a_file(web):
    paths = web.http.get("/api/v1/openapi.json").json["paths"]
    assert list(paths["/api/v1/pictures"]["post"]["requestBody"]["content"]) == ["image/*"]
    assert list(paths["/api/v1/pictures/{id}"]["get"]["responses"]["200"]["content"]) == ["image/webp"]
    feed = paths["/api/v1/calendar-feeds/read.ics"]["get"]["responses"]["200"]["content"]
    assert list(feed) == ["text/calendar; charset=utf-8"]
    assert "410" in paths["/api/v1/online/appointment"]["get"]["responses"], "once the visit is over"
    assert "Location" not in paths["/api/v1/online/appointments"]["post"]["responses"]["201"]["headers"]


def test_a_photo_of_a_client_is_private_and_says_its_version(web):
    web.bus.answers |= {ReadPhoto: PhotoFile("image/webp", b"RIFF", 3), PutPhoto: Photo(HERE, 4, "image/webp", 8, 8)}
    photo = f"/api/v1/clients/{HERE}/photo"
    answer = web.http.get(photo, headers=web.as_())
    assert (answer.data, answer.headers["ETag"], answer.content_type) == (b"RIFF", '"3"', "image/webp")
    assert answer.headers["Cache-Control"] == "private, no-store"
    sent = {"data": b"\x89PNG", "content_type": "image/png"}
    put = web.http.put(photo, **sent, headers=web.as_() | {"If-Match": '"3"'})
    assert (put.status_code, put.headers["ETag"]) == (200, '"4"')
    assert web.bus.asked_of(PutPhoto) == [PutPhoto(HERE, 3, b"\x89PNG")]
    web.bus.answers[ShowPhoto] = Photo(HERE, 3)
    assert web.http.put(photo, **sent, headers=web.as_()).status_code == 428
    assert web.http.put(photo, **sent, headers=web.as_() | {"If-Match": "*"}).status_code == 200
    assert (
        web.http.put(photo, data=b"x" * (LARGEST + 1), content_type="image/png", headers=web.as_()).status_code == 413
    )


# --- larger than a message ------------------------------------------------------------------------------------------

FILES = f"/api/v1/clients/{HERE}/files"
FORM = ClientFile(
    UUID(int=7),
    HERE,
    "Анкета.pdf",
    "form",
    "application/pdf",
    3,
    None,
    UUID(int=2),
    datetime(2026, 3, 1, tzinfo=UTC),
    1,
)


def keeps(web) -> None:
    web.bus.answers |= {AddFile: FORM, KeepFilePart: KeptPart(UUID(int=1), 0)}


def test_a_large_file_goes_ahead_in_parts_and_the_query_says_what_it_is(web):
    keeps(web)
    content = b"%PDF-" + b"x" * (2 * PART_BYTES)
    sent = {"data": content, "content_type": "application/pdf", "headers": web.as_()}
    answer = web.http.post(f"{FILES}?name=form.pdf&kind=form", **sent)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{FILES}/{FORM.id}")
    parts = web.bus.asked_of(KeepFilePart)
    assert [(part.client_id, part.number, len(part.content)) for part in parts] == [
        (HERE, 0, PART_BYTES),
        (HERE, 1, PART_BYTES),
        (HERE, 2, 5),
    ]
    assert b"".join(part.content for part in parts) == content
    [added] = web.bus.asked_of(AddFile)
    assert added == AddFile(HERE, parts[0].upload_id, len(content), "form.pdf", "form")
    assert {part.upload_id for part in parts} == {added.upload_id}


def test_the_same_file_under_the_same_key_is_the_same_request(web):
    """Without a key two uploads have nothing to do with each other."""
    keeps(web)
    for key in ("once", "once", None, None):
        headers = web.as_() | ({"Idempotency-Key": key} if key else {})
        sent = {"data": b"%PDF-", "content_type": "application/pdf", "headers": headers}
        assert web.http.post(f"{FILES}?name=a", **sent).status_code == 201
    first, again, third, fourth = (one.upload_id for one in web.bus.asked_of(AddFile))
    assert first == again
    assert len({first, third, fourth}) == 3


def test_a_wrong_file_is_refused_before_any_of_it_is_sent(web):
    keeps(web)
    web.bus.answers[ShowClient] = NotFound("client_not_found", "no such client")
    pdf = {"data": b"%PDF-", "content_type": "application/pdf", "headers": web.as_()}
    assert web.http.post(FILES, **pdf).status_code == 404
    web.bus.answers[ShowClient] = Conflict("card_damaged", "damaged")
    wrong = web.http.post(f"{FILES}?kind=secret&size=3", **pdf)
    assert (wrong.status_code, set(wrong.json["errors"])) == (422, {"kind", "size", "name"})
    assert web.http.post(f"{FILES}?name=a", **pdf | {"content_type": "text/html"}).status_code == 415
    assert web.http.post(f"{FILES}?name=a", **pdf | {"data": b""}).status_code == 422
    assert web.http.post(f"{FILES}?name=a", **pdf | {"data": bytes(LARGEST_FILE + 1)}).status_code == 413
    assert web.bus.asked_of(KeepFilePart) == []


def test_a_part_that_is_refused_ends_the_upload(web):
    keeps(web)
    web.bus.answers[KeepFilePart] = Gone("client_erased", "erased")
    sent = {"data": b"%PDF-", "content_type": "application/pdf", "headers": web.as_()}
    assert web.http.post(f"{FILES}?name=a", **sent).status_code == 410
    assert web.bus.asked_of(AddFile) == []


def test_the_parts_of_a_file_are_one_body_that_is_saved_and_never_shown(web):
    web.bus.answers[ReadFile] = lambda asked: FilePart(
        "Анкета.pdf", "application/pdf", b"%d" % asked.number, asked.number, 3
    )
    answer = web.http.get(f"{FILES}/{FORM.id}/content", headers=web.as_())
    assert (answer.status_code, answer.data, answer.content_type) == (200, b"012", "application/pdf")
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;") and "filename*=UTF-8''%D0%90" in disposition
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    web.bus.answers[ShowFile] = FORM
    assert web.http.get(f"{FILES}/{FORM.id}/content?number=2", headers=web.as_()).status_code == 422


def test_the_document_says_what_a_file_may_be(web):
    asked = web.http.get("/api/v1/openapi.json").json["paths"]["/api/v1/clients/{client_id}/files"]["post"]
    assert set(asked["requestBody"]["content"]) == {"image/*", "application/pdf"}
    assert {one["name"] for one in asked["parameters"]} >= {"name", "kind", "appointment_id", "Idempotency-Key"}
    assert {one["name"] for one in asked["parameters"]} & {"size", "upload_id"} == set()
