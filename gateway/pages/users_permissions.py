"""All permissions that there are, in groups for the editor of roles, and what a role says of each."""

from collections.abc import Collection
from dataclasses import dataclass

from contracts.permissions import WORDS
from gateway.pages.languages import gettext as _
from gateway.pages.users_words import DEEDS, GROUPS, OWN, OWNABLE, deed
from kernel.caller import EVERYTHING


@dataclass(frozen=True)
class Permission:
    """`given` is `all`, `own` (of what is the user's own), or nothing."""

    word: str
    text: str
    given: str
    ownable: bool


@dataclass(frozen=True)
class Subject:
    name: str
    permissions: tuple[Permission, ...]


@dataclass(frozen=True)
class Group:
    name: str
    subjects: tuple[Subject, ...]

    @property
    def given(self) -> int:
        return sum(bool(one.given) for subject in self.subjects for one in subject.permissions)

    @property
    def all(self) -> int:
        return sum(len(subject.permissions) for subject in self.subjects)


def groups(given: Collection[str]) -> list[Group]:
    """Every permission in its place; what nobody has named yet stands at the end as it is."""
    known = {subject for _name, subjects in GROUPS for subject in subjects}
    found = [
        Group(_(name), tuple(_subject(subject, _(text), given) for subject, text in subjects.items()))
        for name, subjects in GROUPS
    ]
    others = sorted({word.split(".")[0] for word in WORDS} - known)
    return [*found, Group(_("Others"), tuple(_subject(one, one, given) for one in others))] if others else found


def _subject(subject: str, name: str, given: Collection[str]) -> Subject:
    order = list(DEEDS)
    theirs = sorted(
        (word for word in WORDS if word.split(".")[0] == subject),
        key=lambda word: order.index(word.split(".")[1]) if word.split(".")[1] in DEEDS else len(order),
    )
    return Subject(
        name,
        tuple(
            Permission(word, deed(word), _given(word, given), word in OWNABLE or word + OWN in given) for word in theirs
        ),
    )


def _given(word: str, given: Collection[str]) -> str:
    if EVERYTHING in given or word in given:
        return "all"
    return "own" if word + OWN in given else ""
