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
    """What a visit comes to by its marks, kept sealed with it: `conditions` are those that the card speaks of.

    `overridden`: its block is passed over. `overrides` tell the history, those of what it was before included.
    """

    verdict: Verdict
    conditions: tuple[str, ...] = ()
    overridden: bool = False
    overrides: tuple[Override, ...] = ()

    @property
    def blocked(self) -> bool:
        return self.verdict is Verdict.BLOCK and not self.overridden


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the guard says of a visit that is to be booked; `reason` is why its block is passed over."""

    health: Health | None = None
    reason: str | None = None

    @property
    def refused(self) -> bool:
        return self.health is not None and self.health.blocked and self.reason is None

    def at(self, version: int) -> Health | None:
        """As it is kept with the appointment that this makes, which has `version` then."""
        if self.health is None or self.reason is None:
            return self.health
        overrides = (*self.health.overrides, Override(version, self.reason))
        return replace(self.health, overridden=True, overrides=overrides)


def weigh(health: Health | None, reason: str | None, before: Health | None = None) -> Weighed:
    """What `health` means for a visit of which the guard has said `before`: what was passed over stays so."""
    if health is None:
        return Weighed()
    if before is not None:
        known = before.overridden and set(health.conditions) <= set(before.conditions)
        overridden = health.verdict is Verdict.BLOCK and known
        health = replace(health, overridden=overridden, overrides=before.overrides)
    return Weighed(health, reason if health.blocked else None)


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
