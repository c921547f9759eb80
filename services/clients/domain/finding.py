"""How a card is found."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from services.clients.domain.card import Person

SHORTEST_PREFIX = 2
LONGEST_PREFIX = 12  # longer words are found by their first letters and told apart after decryption
LAST_DIGITS = 4

WORD = re.compile(r"[^\W_]+")


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of `texts` as they are compared: without case, accents and the dots of ё and й."""
    words: set[str] = set()
    for text in texts:
        # Twice, because a compatibility form may come apart into letters that have a case.
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        words.update(WORD.findall(_without_marks(decomposed)))
    return frozenset(words)


def _without_marks(text: str) -> str:
    if text.isalnum():  # as most names are; no mark is a letter
        return text
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def prefixes_of(words: Iterable[str]) -> frozenset[str]:
    """Every beginning of every word that is worth an index entry."""
    return frozenset(
        word[:length] for word in words for length in range(SHORTEST_PREFIX, min(len(word), LONGEST_PREFIX) + 1)
    )


def comparable_email(email: str) -> str:
    return email.strip().casefold()


@dataclass(frozen=True)
class Wanted:
    """What somebody who searches means; a card that fits any of it is found, by name only if all words begin so."""

    words: frozenset[str] = frozenset()
    phone: str | None = None
    last_digits: str | None = None
    email: str | None = None

    @property
    def prefixes(self) -> frozenset[str]:
        """The index entries that a card found by name has, all of them."""
        return frozenset(word[:LONGEST_PREFIX] for word in self.words if len(word) >= SHORTEST_PREFIX)

    def fits(self, person: Person) -> bool:
        """Whether `person` is really meant: an index of prefixes finds more than that."""
        if self.phone is not None and self.phone in person.phones:
            return True
        if self.last_digits is not None and any(phone.endswith(self.last_digits) for phone in person.phones):
            return True
        if self.email is not None and person.email is not None and comparable_email(person.email) == self.email:
            return True
        names = words_of(person.names)
        return bool(self.words) and all(any(name.startswith(word) for name in names) for word in self.words)


def wanted(q: str, phone: str | None) -> Wanted:
    """Read `q`; `phone` is what it is as an E.164 number, if it is one."""
    text = q.strip()
    if "@" in text:
        return Wanted(email=comparable_email(text))
    is_last = len(text) == LAST_DIGITS and text.isdecimal()
    return Wanted(words=words_of([text]), phone=phone, last_digits=text if is_last else None)
