"""A promotion: a reward for a time, in some branches, for some services and people, perhaps for whoever says a code."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kernel.errors import Invalid
from services.loyalty.domain.programme import Reward


@dataclass(frozen=True, slots=True)
class Promotion:
    """In force from `starts` until `ends`, which is not included. Empty sets do not restrict.

    `code` is compared without case; `limit` is how many visits may have it, `per_client` how many of one client.
    `used` and `used_by_client` are how many had it already, of all and of the client who is asked about, beside those
    visits that their standing tells of. A limit bounds what is promised; who kept to it is not judged again afterwards.
    """

    id: UUID
    name: str
    reward: Reward
    starts: datetime
    ends: datetime
    branch_ids: frozenset[UUID] = frozenset()
    service_ids: frozenset[UUID] = frozenset()
    categories: frozenset[str] = frozenset()
    client_category_ids: frozenset[UUID] = frozenset()
    segment_ids: frozenset[UUID] = frozenset()
    code: str | None = None
    limit: int | None = None
    per_client: int | None = None
    used: int = 0
    used_by_client: int = 0


@dataclass(frozen=True, slots=True)
class PromotionVersion:
    """What a promotion was from `at` on, until its next version."""

    at: datetime
    version: int
    promotion: Promotion


class Promotions:
    """All promotions that ever were, with everything that was changed about them."""

    def __init__(self, versions: Iterable[PromotionVersion]) -> None:
        self._by_id: dict[UUID, list[PromotionVersion]] = {}
        for each in sorted(versions, key=lambda one: one.version):
            self._by_id.setdefault(each.promotion.id, []).append(each)

    def at(self, branch_id: UUID | None, at: datetime) -> tuple[Promotion, ...]:
        """Those in force at an instant, as they were then; in a branch, or anywhere. Nobody has used them yet."""
        found = (self._as_of(versions, at) for versions in self._by_id.values())
        return tuple(each for each in found if each is not None and is_in_force(each, branch_id, at))

    def _as_of(self, versions: list[PromotionVersion], at: datetime) -> Promotion | None:
        return next((each.promotion for each in reversed(versions) if each.at <= at), None)


def is_in_force(promotion: Promotion, branch_id: UUID | None, at: datetime) -> bool:
    elsewhere = branch_id is not None and promotion.branch_ids and branch_id not in promotion.branch_ids
    return promotion.starts <= at < promotion.ends and not elsewhere


def code_key(code: str) -> str:
    """What makes two codes the same: they are said aloud, and typed as people and their keyboards like."""
    return unicodedata.normalize("NFC", code).strip().casefold()


def tidied(promotion: Promotion) -> Promotion:
    """`promotion` with its words as people read them; whatever is said of it says something."""
    words = {"name": promotion.name, "gift": promotion.reward.gift, "offer": promotion.reward.offer}
    tidy = {field: word.strip() for field, word in (words | {"code": promotion.code}).items() if word is not None}
    for field, word in tidy.items():
        if not word:
            raise Invalid.field(field, "text_blank", "this says something")
    reward = replace(promotion.reward, gift=tidy.get("gift"), offer=tidy.get("offer"))
    return replace(promotion, name=tidy["name"], code=tidy.get("code"), reward=reward)


def check(promotion: Promotion) -> None:
    """Refuse what no promotion can be, each with its place."""
    if promotion.ends <= promotion.starts:
        raise Invalid.field("ends", "period_empty", "a promotion ends after it begins")
    reward = promotion.reward
    if sum((bool(reward.percent), reward.gift is not None, reward.offer is not None)) != 1:
        raise Invalid.field("percent", "reward_unclear", "say one of percent, gift and offer")
    if not 0 <= reward.percent <= 100 or reward.percent != round(reward.percent, 2):
        sentence = "this must be a percentage above 0 and up to 100 with at most two decimals"
        raise Invalid.field("percent", "percent_out_of_range", sentence)
    if promotion.limit is not None and promotion.code is None:
        # Without a code nothing was asked for, and who came first would depend on which event came first.
        raise Invalid.field(
            "limit", "limit_needs_code", "only a promotion with a code can be limited to so many visits"
        )
