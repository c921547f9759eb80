"""The guard: what the marks of services come to when they are compared with a card."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from kernel.errors import Conflict, Invalid
from services.booking.domain.catalogue import check_once


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A condition with which a service is marked, and whether it only warns or blocks."""

    condition: str
    blocks: bool


class Verdict(StrEnum):
    """`UNCHECKED`: nobody answered for the card."""

    OK = "ok"
    WARN = "warn"
    BLOCK = "block"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Override:
    """By whose reason a block was passed over; `version` is that of the appointment which this made."""

    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class Health:
    """What a visit comes to by its marks, kept sealed with it: `conditions` are those that the card speaks of."""

    verdict: Verdict
    conditions: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()

    @property
    def stands_in_the_way(self) -> bool:
        return self.verdict is Verdict.BLOCK and not self.overrides

    def passed_over(self, reason: str, version: int) -> "Health":
        return replace(self, overrides=(*self.overrides, Override(version, reason)))


def judge(marks: Iterable[Mark], matched: Collection[str] | None) -> Health | None:
    """What `marks` come to for a card that speaks of the conditions `matched`; None: nobody could say.

    Nothing, where there are no marks to compare.
    """
    wanted = sorted(marks)
    if not wanted:
        return None
    if matched is None:
        return Health(Verdict.UNCHECKED)
    met = [mark for mark in wanted if mark.condition in matched]
    if not met:
        return Health(Verdict.OK)
    verdict = Verdict.BLOCK if any(mark.blocks for mark in met) else Verdict.WARN
    return Health(verdict, tuple(dict.fromkeys(mark.condition for mark in met)))


def check_conditions(conditions: Sequence[str]) -> tuple[str, ...]:
    """The conditions of a service as they are kept; refused if one says nothing, or stands there twice."""
    tidy = tuple(" ".join(each.split()) for each in conditions)
    for place, each in enumerate(tidy):
        if not any(letter.isalnum() for letter in each):
            raise Invalid.field(f"contraindications.{place}.condition", "text_blank", "a condition says something")
    check_once(
        "contraindications.{}.condition",
        [each.casefold() for each in tidy],
        "condition_twice",
        "it stands there already",
    )
    return tidy


def contraindicated(conditions: Sequence[str] = ()) -> Conflict:
    """The refusal of the desk; `conditions` only for those who may see them."""
    details = {"conditions": list(conditions)} if conditions else {}
    return Conflict("contraindicated", "something about this client speaks against this visit", **details)
