"""When somebody may be said to have agreed."""

from collections.abc import Iterable, Mapping
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


@dataclass(frozen=True)
class AskedOnline:
    """The text in force for a purpose that whoever books online is asked about."""

    document_version: int
    required: bool


def refuse_other_consents(asked: Mapping[str, AskedOnline], agreed: Iterable[tuple[str, int]]) -> None:
    """Whoever books online agrees to all that is required, by purpose, and to nothing but the texts in force."""
    said = dict(agreed)
    for purpose, version in said.items():
        if purpose not in asked or asked[purpose].document_version != version:
            raise Invalid.field("consents", "consent_outdated", "this text is not in force; read the one that is")
    missing = sorted(purpose for purpose, each in asked.items() if each.required and purpose not in said)
    if missing:
        raise Invalid.field("consents", "consent_missing", f"agree first to what is required: {', '.join(missing)}")


def counts_online(last: Agreed | None, asked: AskedOnline, *, proved: bool) -> bool:
    """Whether a yes that was given online is kept on a card.

    Nobody has verified who gave it, unless it is a new card or the phone was `proved`: else it brings back nothing
    that was withdrawn, and only what is required counts.
    """
    if last is not None and last.withdrawn_at is None and last.document_version >= asked.document_version:
        return False
    return proved or (asked.required and (last is None or last.withdrawn_at is None))
