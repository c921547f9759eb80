"""What a full name is made of, and when two names may be the same person's."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from services.clients.domain.finding import words_of

_PATRONYMIC = re.compile(r"(вич|вна|ична|инична|оглы|кызы|vich|vna|ichna)$", re.IGNORECASE)


def split_name(text: str) -> tuple[str | None, str, str | None]:
    """Last name, first name and patronymic of a full name, which mostly comes in that order.

    One word is a first name. A patronymic shows by its ending: «Анна Петровна» and «Анна Петровна Иванова» say the
    first name first.
    """
    words = text.split()
    if len(words) == 1:
        return None, words[0], None
    if len(words) == 2:
        first, second = words
        return (None, first, second) if _PATRONYMIC.search(second) else (first, second, None)
    if len(words) == 3 and _PATRONYMIC.search(words[1]) and not _PATRONYMIC.search(words[2]):
        return words[2], words[0], words[1]
    return words[0], words[1], " ".join(words[2:])


ALIKE = 0.8  # of two words; Наталья and Наталия, Иванова and Ивановна


def alike(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether names may be the same person's: two words of each resemble each other, or the only one of either."""
    fewer, more = sorted((words_of(one), words_of(other)), key=len)
    found = sum(any(_resemble(word, each) for each in more) for word in fewer)
    return bool(fewer) and found >= min(2, len(fewer))


def _resemble(one: str, other: str) -> bool:
    return one == other or SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def pairs_of(names: Iterable[str], letters: int = 2) -> set[tuple[str, str]]:
    """Beginnings of names, two at a time: whoever is alike shares one of these pairs, but for a slip at the start."""
    starts = sorted({word[:letters] for word in words_of(names) if len(word) >= letters})
    if len(starts) == 1:
        return {(starts[0], starts[0])}
    return {(one, other) for place, one in enumerate(starts) for other in starts[place + 1 :]}
