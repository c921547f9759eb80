"""Pictures: whatever is uploaded is read, turned upright, made small and written anew, without what came with it."""

import io
import struct
from dataclasses import dataclass
from typing import Any

from chassis.aside import aside
from kernel.errors import Invalid

# The most pixels that are read, by the kind of picture: decoded they take up to 16 bytes each, but a JPEG is read at
# about the size that is kept.
MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 25_000_000, "WEBP": 25_000_000, "GIF": 25_000_000}
PLAIN = ("RGB", "RGBA")  # modes in which a picture can be made smaller as it is
MEDIA_TYPE = "image/webp"


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A picture as it is kept: MEDIA_TYPE, and its size in pixels."""

    content: bytes
    width: int
    height: int


def make_small(image: bytes, longest_side: int, field: str) -> Shrunk:
    """`shrunk` where it stops nobody."""
    return aside(shrunk, image, longest_side, field)


def shrunk(image: bytes, longest_side: int, field: str) -> Shrunk:
    """`image` as WebP of at most `longest_side` pixels in both directions.

    `Invalid`, naming `field`, if it is none (`picture_unreadable`) or would fill the memory (`picture_too_large`).
    """
    from PIL import Image, ImageOps, WebPImagePlugin  # noqa: F401  takes memory; few processes ever need it

    try:
        with Image.open(io.BytesIO(image), formats=tuple(MOST_PIXELS)) as opened:
            if opened.width * opened.height > MOST_PIXELS.get(opened.format or "", MOST_PIXELS["JPEG"]):
                raise _too_large(field)
            opened.draft(None, (longest_side, longest_side))  # a JPEG is not even decoded in full
            plain = opened if opened.mode in PLAIN else opened.convert(_mode(opened))
            plain.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
            small = ImageOps.exif_transpose(plain).convert(_mode(plain))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(field) from None
    except (OSError, ValueError, TypeError, SyntaxError, EOFError, LookupError, ArithmeticError, struct.error):
        # What decoders stumble over in bytes that are no picture.
        raise Invalid.field(field, "picture_unreadable", "this is no JPEG, PNG, WebP or GIF picture") from None
    # Pasted into a new one: colours only, not what the camera wrote.
    clean = Image.new(small.mode, small.size)
    clean.paste(small)
    written = io.BytesIO()
    clean.save(written, "WEBP", quality=82)
    return Shrunk(written.getvalue(), clean.width, clean.height)


def _mode(image: Any) -> str:
    return "RGBA" if image.has_transparency_data else "RGB"


def _too_large(field: str) -> Invalid:
    most = "a picture has at most 50 million pixels, one that is no JPEG 25 million"
    return Invalid.field(field, "picture_too_large", most)
