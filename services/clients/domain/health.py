"""When a card speaks of a condition that a service is marked with."""

from collections.abc import Iterable, Sequence

from services.clients.domain.finding import words_of

LONG_ENOUGH = 4  # letters of a word that is also met with an ending: "latex" in "latexes", «орех» in «орехи»


def matched(conditions: Sequence[str], entries: Iterable[str]) -> tuple[bool, ...]:
    """For each of `conditions`, whether one of the `entries` of a card has all of its words.

    Words are compared as in the search for names: without case, accents and the dots of ё. A longer word is also met
    as the beginning of one, because people write in cases and plurals, and a warning too many costs less than one too
    few. The words may stand in any order and among others, but in one entry: what is said of the mother's diabetes
    and of an allergy to insulin makes no "insulin diabetes".
    """
    said = [words_of([entry]) for entry in entries]
    return tuple(any(_speaks_of(words_of([condition]), words) for words in said) for condition in conditions)


def _speaks_of(condition: frozenset[str], words: frozenset[str]) -> bool:
    return bool(condition) and all(_occurs(word, words) for word in condition)


def _occurs(word: str, words: frozenset[str]) -> bool:
    return word in words or (len(word) >= LONG_ENOUGH and any(each.startswith(word) for each in words))
