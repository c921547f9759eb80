"""When somebody may be said to have agreed."""

from dataclasses import dataclass
from datetime import datetime

from kernel.errors import Conflict, Invalid


@dataclass(frozen=True)
class Agreed:
    """The last time that somebody agreed for a purpose, and until when if they took it back."""

    document_version: int
    withdrawn_at: datetime | None = None


def refuse_impossible_consent(given_at: datetime, valid_from: datetime, now: datetime) -> None:
    """Nobody agreed after now, or to a text that did not hold yet."""
    if given_at.tzinfo is None:
        raise Invalid.field("given_at", "offset_missing", "an instant has an offset")
    if given_at > now:
        raise Invalid.field("given_at", "given_in_future", "nobody agreed after now")
    if given_at < valid_from:
        raise Invalid.field("given_at", "document_not_valid_yet", "this text did not hold yet")


def refuse_consent_again(last: Agreed | None, document_version: int, given_at: datetime) -> None:
    """An open consent is followed by one to a later text, a withdrawn one by any that came after."""
    if last is None:
        return
    if last.withdrawn_at is None:
        if document_version <= last.document_version:
            raise Conflict("consent_given", "the client agrees to this text or a later one already")
    elif given_at < last.withdrawn_at:
        raise Invalid.field("given_at", "given_before_withdrawal", "the client has withdrawn this since")
