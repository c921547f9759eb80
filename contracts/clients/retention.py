"""How long people are kept who do not come any more."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from contracts.message import UNSET, Request, UnsetType, Version

Months = Annotated[int, Meta(ge=1, le=600)]


@dataclass(frozen=True)
class Retention:
    """Who has not come for `months_without_visit` is made anonymous; nobody is while it is null."""

    months_without_visit: int | None
    version: int


@dataclass(frozen=True)
class ShowRetention(Request[Retention], permission="retention.read", effects=False):
    pass


@dataclass(frozen=True)
class ChangeRetention(Request[Retention], permission="retention.edit"):
    """From then on cards without an appointment and without a change for that long are erased, like by hand.

    Nobody is who has an appointment to come, was entered here later than that, or agreed to `long_storage`.
    """

    version: Version
    months_without_visit: Months | None | UnsetType = UNSET


@dataclass(frozen=True)
class RetentionPreview:
    months_without_visit: int
    clients: int


@dataclass(frozen=True)
class PreviewRetention(Request[RetentionPreview], permission="retention.read", effects=False):
    """How many cards would be erased now; nothing happens."""

    months_without_visit: Months
