"""The photo of a client."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.message import Request, Version

Image = Annotated[bytes, Meta(min_length=1, max_length=10 * 1024 * 1024)]


@dataclass(frozen=True)
class Photo:
    """What is known of a client's photo. Without one there is a version to say that one comes instead."""

    client_id: UUID
    version: int
    media_type: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class ShowPhoto(Request[Photo], permission="clients.read", effects=False):
    """Whether there is a photo, how large it is, and its version: 1 while there was none."""

    client_id: UUID


@dataclass(frozen=True)
class PhotoFile:
    media_type: str
    content: bytes
    version: int


@dataclass(frozen=True)
class ReadPhoto(Request[PhotoFile], permission="clients.read", effects=False):
    client_id: UUID


@dataclass(frozen=True)
class PutPhoto(Request[Photo], permission="clients.edit", timeout=15.0):
    """Kept encrypted as WebP, at most 1,024 pixels wide and high, without what the camera wrote into it."""

    client_id: UUID
    version: Version
    image: Image


@dataclass(frozen=True)
class RemovePhoto(Request[Photo], permission="clients.edit"):
    client_id: UUID
    version: Version
