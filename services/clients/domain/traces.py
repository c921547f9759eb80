"""What a row of an uploaded table still says of somebody who is erased."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.clients.domain.card import Person
from services.clients.domain.finding import comparable_email

ERASED: tuple[str, ...] = ()  # cells of a row that was taken out; no other row is without any
OF_OTHERS = ("referrer_phone", "referrer_reference", "comment")  # fields in which a row may name somebody else

_PIECE = re.compile(r"[,;/|\n]")
_NUMBER = re.compile(r"\+?\d[\d\s().\xa0–-]{4,}\d")
_EMAIL = re.compile(r"[^\s,;|<>()\"'«»]+@[^\s,;|<>()\"'«»]+")
_NO_DIGIT = re.compile(r"\D+")
_TAIL = 5  # digits that end a number in all its spellings


@dataclass(frozen=True)
class Traces:
    """By what somebody is recognised in a table: phones in E.164, e-mails as they are compared, references."""

    phones: frozenset[str]
    emails: frozenset[str]
    references: frozenset[str]
    read_phone: Callable[[str], str | None]

    def __bool__(self) -> bool:
        return bool(self.phones or self.emails or self.references)

    def left_of(self, cells: Sequence[str], fields: Sequence[str | None]) -> tuple[str, ...]:
        """`cells` without them: a row of theirs goes whole, in a row of others what names them. `fields` of columns."""
        if not self._may_be_in("\n".join(cells)):
            return tuple(cells)
        left = list(cells)
        for place, cell in enumerate(cells):
            field = fields[place] if place < len(fields) else None
            if self._named_in(cell, field):
                if field not in OF_OTHERS:
                    return ERASED
                left[place] = ""
        return tuple(left)

    def _may_be_in(self, text: str) -> bool:
        """A quick look, for the many rows that are about others."""
        digits, folded = _NO_DIGIT.sub("", text), text.casefold()
        return (
            any(phone[-_TAIL:] in digits for phone in self.phones)
            or any(email in folded for email in self.emails)
            or any(reference in text for reference in self.references)
        )

    def _named_in(self, cell: str, field: str | None) -> bool:
        if field in ("reference", "referrer_reference") and cell in self.references:
            return True
        if any(comparable_email(found.strip(".")) in self.emails for found in _EMAIL.findall(cell)):
            return True
        digits = _NO_DIGIT.sub("", cell)
        if not any(phone[-_TAIL:] in digits for phone in self.phones):
            return False
        return any(self.read_phone(written) in self.phones for written in _numbers(cell))


def traces_of(persons: Iterable[Person], read_phone: Callable[[str], str | None]) -> Traces:
    known = tuple(persons)
    return Traces(
        phones=frozenset(phone for person in known for phone in person.phones),
        emails=frozenset(comparable_email(person.email) for person in known if person.email),
        references=frozenset(person.reference for person in known if person.reference),
        read_phone=read_phone,
    )


def _numbers(cell: str) -> Iterator[str]:
    """Whatever in `cell` may be a phone number: its pieces as imports read them, and runs of digits in a text."""
    yield from (piece.strip() for piece in _PIECE.split(cell))
    yield from _NUMBER.findall(cell)
