"""How the entries of the journal hang together: each is hashed with the one before, under a key.

The hash is an HMAC-SHA256: whoever can write into the database, but has not the key, cannot make entries that fit.
What a key does not show is that the last entries are gone; for that the head is kept elsewhere and compared.
"""

import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

FORMAT = 1
START = bytes(32)  # what the first entry has for the hash of the one before


@dataclass(frozen=True)
class Entry:
    """What somebody did. `details` holds lists of ids and codes; `address` is sealed."""

    at: datetime
    actor_kind: str  # user · service · nobody
    actor_id: UUID | None
    told_by: str
    action: str
    subject_kind: str
    subject_id: UUID | None = None
    branch_id: UUID | None = None
    address: bytes | None = None
    details: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """An entry in its place."""

    number: int
    entry: Entry
    previous: bytes
    hash: bytes


@dataclass(frozen=True)
class Head:
    """The newest entry: its number and hash; of an empty journal 0 and `START`."""

    number: int = 0
    hash: bytes = START


class Broken(Exception):  # noqa: N818  reads better in `except`
    """The journal is not what was written; the message names the first entry at which that shows."""


def linked(key: bytes, head: Head, entries: Iterable[Entry]) -> Iterator[Link]:
    """`entries` in their places behind `head`."""
    for number, entry in enumerate(entries, head.number + 1):
        link = Link(number, entry, head.hash, hashed(key, number, head.hash, entry))
        head = Head(number, link.hash)
        yield link


def hashed(key: bytes, number: int, previous: bytes, entry: Entry) -> bytes:
    """HMAC-SHA256 over a JSON array of the format, the number, the hash before and the fields in their order."""
    said = [FORMAT, number, previous, *astuple(entry)]
    text = json.dumps(said, default=_written, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, text.encode(), "sha256")


def walked(key: bytes, links: Iterable[Link], anchor: Head | None = None) -> Head:
    """The head of a whole journal; `Broken` at the first entry that is missing, changed or in the wrong place.

    `anchor` is a head that was kept elsewhere.
    """
    head = Head()
    for link in links:
        if link.number != head.number + 1:
            raise Broken(f"entry {head.number + 1} is missing")
        if link.previous != head.hash:
            raise Broken(f"entry {link.number} does not follow the one before")
        if not hmac.compare_digest(link.hash, hashed(key, link.number, link.previous, link.entry)):
            raise Broken(f"entry {link.number} was changed")
        head = Head(link.number, link.hash)
        if anchor is not None and anchor.number == head.number and anchor.hash != head.hash:
            raise Broken(f"entry {link.number} is not the one that was noted")
    if anchor is not None and anchor.number > head.number:
        raise Broken(f"entry {head.number + 1} is missing: the journal had {anchor.number}")
    return head


def _written(value: Any) -> str:
    """A value as text, the same for everything that is equal."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.hex() if isinstance(value, bytes) else str(value)
