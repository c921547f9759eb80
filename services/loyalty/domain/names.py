"""Names that a salon gives to what it sells."""

import unicodedata

from kernel.errors import Invalid


def named(text: str, field: str = "name") -> str:
    """`text` with single spaces and none outside; `Invalid` if nothing is left."""
    tidy = " ".join(text.split())
    if not tidy:
        raise Invalid.field(field, "name_blank", "a name says something")
    return tidy


def key_of(name: str) -> str:
    """What two names have in common that nobody should take for two."""
    return unicodedata.normalize("NFKC", name).casefold()
