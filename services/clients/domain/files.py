"""What a file of a client is, and how it is called."""

import re

from kernel.errors import Invalid

PDF = "application/pdf"
ENDINGS = {PDF: ".pdf", "image/webp": ".webp"}
LONGEST_NAME = 200

_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f/\\]")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")


def is_pdf(content: bytes) -> bool:
    """By its own first bytes; what the sender calls it does not count."""
    return content.startswith(b"%PDF-")


def file_name(name: str, media_type: str) -> str:
    """`name` with the ending of what is kept; `Invalid` if no file can be called so."""
    tidy = name.strip()
    if _NOT_IN_A_NAME.search(tidy) or not tidy.strip("."):
        raise Invalid.field("name", "name_invalid", "a file cannot be called so")
    ending = ENDINGS[media_type]
    stem = _ENDING.sub("", tidy) or tidy
    return stem[: LONGEST_NAME - len(ending)] + ending


def parts_of(size: int, part: int) -> int:
    """Of how many pieces of at most `part` bytes `size` bytes are."""
    return -(-size // part)
