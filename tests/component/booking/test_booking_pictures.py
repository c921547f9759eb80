"""Pictures: small, upright, without what the camera wrote; and what is none."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import update

from contracts.booking import (
    AddPicture,
    ChangeCategory,
    ChangeMaster,
    ChangeService,
    CreateCategory,
    Picture,
    ReadPicture,
)
from kernel.errors import Forbidden, Invalid, NotFound
from services.booking.tables import pictures
from tests.builders import CLARA, a_user
from tests.component.booking.salon import Salon, field_of

ORIENTATION, TURNED = 0x0112, 6  # the camera was held upright: the picture lies on its side
GPS, WHEN = 0x8825, 0x0132
RED, BLUE = (255, 0, 0), (0, 0, 255)


def a_picture(width: int = 40, height: int = 20, kind: str = "PNG", mode: str = "RGB", **more: Any) -> bytes:
    """Its left half is red, the rest blue."""
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width // 2, height))
    written = io.BytesIO()
    image.convert(mode).save(written, kind, **more)
    return written.getvalue()


def read(salon: Salon, picture: Picture) -> Image.Image:
    file = salon.ask(ReadPicture(picture.id), None)
    assert file.media_type == picture.media_type == "image/webp"
    image = Image.open(io.BytesIO(file.content))
    assert (image.format, image.size) == ("WEBP", (picture.width, picture.height))
    return image


def is_near(pixel: tuple[int, ...], colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 60 for one, other in zip(pixel, colour, strict=False))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "RGB"), ("JPEG", "CMYK"), ("WEBP", "RGB"), ("GIF", "P")],
)
def test_a_picture_is_kept_as_webp_whatever_it_was(salon: Salon, kind: str, mode: str) -> None:
    image = read(salon, salon.ask(AddPicture(a_picture(40, 20, kind, mode)))).convert("RGB")
    assert image.size == (40, 20)
    assert is_near(image.getpixel((5, 10)), RED)
    assert is_near(image.getpixel((35, 10)), BLUE)


@pytest.mark.parametrize(("size", "kept"), [((3000, 1500), (1024, 512)), ((500, 4096), (125, 1024)), ((1, 1), (1, 1))])
def test_a_large_picture_is_made_small(salon: Salon, size: tuple[int, int], kept: tuple[int, int]) -> None:
    for kind in ("JPEG", "PNG"):
        assert read(salon, salon.ask(AddPicture(a_picture(*size, kind)))).size == kept


def test_what_the_camera_wrote_is_left_out_and_the_picture_stands_upright(salon: Salon) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED
    exif[WHEN] = "2026:01:01 12:00:00"
    exif.get_ifd(GPS)[2] = (55.0, 45.0, 0.0)
    sent = a_picture(40, 20, "JPEG", exif=exif, icc_profile=b"a profile of colours", comment=b"Clara, 1 King St")
    image = read(salon, salon.ask(AddPicture(sent)))
    assert image.size == (20, 40)
    assert is_near(image.convert("RGB").getpixel((10, 5)), RED)
    assert not image.getexif()
    assert not image.info.keys() & {"exif", "icc_profile", "xmp", "comment"}


def test_what_shows_through_still_does(salon: Salon) -> None:
    glass = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(glass, "PNG")
    assert read(salon, salon.ask(AddPicture(glass.getvalue()))).getpixel((4, 4))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    "content",
    [
        b"no picture at all",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'/>",
        b"%PDF-1.7",
        a_picture()[:40],
        a_picture(400, 400, "JPEG")[:900],
        a_picture(kind="BMP"),
        a_picture(kind="TIFF"),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
    ],
    ids=["words", "SVG", "PDF", "half a PNG", "half a JPEG", "BMP", "TIFF", "no PNG"],
)
def test_what_is_no_picture_is_refused(salon: Salon, content: bytes) -> None:
    with pytest.raises(Invalid, match="picture_unreadable") as caught:
        salon.ask(AddPicture(content))
    assert field_of(caught.value) == "image"


@pytest.mark.parametrize("side", [6_000, 8_000, 12_000, 60_000])
def test_a_picture_that_would_fill_the_memory_is_refused(salon: Salon, side: int) -> None:
    """A few kilobytes can say that they are gigabytes of white."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000)))
    with pytest.raises(Invalid, match="picture_too_large"):
        salon.ask(AddPicture(bomb))


def test_pictures_are_shown_by_services_categories_and_masters(salon: Salon) -> None:
    picture = salon.ask(AddPicture(a_picture()), a_user("pictures.create")).id
    assert salon.ask(ChangeService(salon.haircut.id, 1, picture_id=picture)).picture_id == picture
    assert salon.ask(ChangeMaster(salon.anna.id, 1, picture_id=picture)).picture_id == picture
    brows = salon.ask(CreateCategory("Brows", picture_id=picture))
    assert brows.picture_id == picture
    assert salon.ask(ChangeCategory(brows.id, 1, picture_id=None)).picture_id is None


def test_anybody_reads_a_picture_and_not_everybody_adds_one(salon: Salon) -> None:
    with pytest.raises(NotFound, match="picture_not_found"):
        salon.ask(ReadPicture(CLARA), None)
    with pytest.raises(Forbidden):
        salon.ask(AddPicture(a_picture()), a_user("services.edit"))


def test_beside_a_name_a_picture_is_small(salon: Salon) -> None:
    """One that was kept before there were small ones is as it is."""
    picture = salon.ask(AddPicture(a_picture(1600, 800)))
    small = salon.ask(ReadPicture(picture.id, small=True), None)
    image = Image.open(io.BytesIO(small.content))
    assert (small.media_type, image.format, image.size) == ("image/webp", "WEBP", (128, 64))
    with salon.booking.session() as session:
        session.execute(update(pictures).values(small=None))
        session.commit()
    assert salon.ask(ReadPicture(picture.id, small=True), None) == salon.ask(ReadPicture(picture.id), None)
