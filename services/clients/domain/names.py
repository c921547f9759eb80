"""What a full name is made of, and by what names that are much the same are found."""

import re
from collections.abc import Iterable

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


def pairs_of(names: Iterable[str], letters: int = 2) -> set[tuple[str, str]]:
    """Beginnings of names, two at a time: much the same names share one of these pairs, but for a slip at the start."""
    starts = sorted({word[:letters] for word in words_of(names) if len(word) >= letters})
    if len(starts) == 1:
        return {(starts[0], starts[0])}
    return {(one, other) for place, one in enumerate(starts) for other in starts[place + 1 :]}
