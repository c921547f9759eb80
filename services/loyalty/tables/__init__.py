"""Where loyalty keeps things."""

from services.loyalty.tables.base import loyalty_metadata
from services.loyalty.tables.certificates import (
    certificate_entries,
    certificate_texts,
    certificates,
    failed_look_ups,
    pass_holds,
)
from services.loyalty.tables.copies import (
    announcements,
    clients,
    discounts,
    grants,
    judgements_due,
    merges,
    presences,
    rejudgements,
    visits,
)
from services.loyalty.tables.exclusions import exclusions
from services.loyalty.tables.facts import (
    bills,
    claims,
    occasions,
    personal_discounts,
    removed_segments,
    segment_changes,
    staff,
)
from services.loyalty.tables.loyalty_cards import loyalty_card_entries, loyalty_card_types, loyalty_cards
from services.loyalty.tables.memberships import (
    membership_counters,
    membership_entries,
    membership_freezes,
    membership_types,
    memberships,
)
from services.loyalty.tables.points import (
    point_accounts,
    point_entries,
    point_texts,
    reservations,
    rewards_due,
    settled_bills,
    unsettled_payments,
)
from services.loyalty.tables.programmes import programmes, recalculations
from services.loyalty.tables.promotions import promises, promotion_versions, promotions
from services.loyalty.tables.reviews import reviews
from services.loyalty.tables.simulations import simulations
from services.loyalty.tables.sorting import sortings

__all__ = [
    "announcements",
    "bills",
    "certificate_entries",
    "certificate_texts",
    "certificates",
    "claims",
    "clients",
    "derived",
    "discounts",
    "exclusions",
    "failed_look_ups",
    "grants",
    "judgements_due",
    "loyalty_card_entries",
    "loyalty_card_types",
    "loyalty_cards",
    "loyalty_metadata",
    "membership_counters",
    "membership_entries",
    "membership_freezes",
    "membership_types",
    "memberships",
    "merges",
    "occasions",
    "pass_holds",
    "personal_discounts",
    "point_accounts",
    "point_entries",
    "point_texts",
    "presences",
    "programmes",
    "promises",
    "promotion_versions",
    "promotions",
    "recalculations",
    "rejudgements",
    "removed_segments",
    "reservations",
    "reviews",
    "rewards_due",
    "segment_changes",
    "settled_bills",
    "simulations",
    "sortings",
    "staff",
    "unsettled_payments",
    "visits",
]

# What the events of other services make again: emptied, with inbox and positions, and filled by reading from 0.
derived = (
    clients,
    claims,
    bills,
    visits,
    presences,
    merges,
    discounts,
    personal_discounts,
    occasions,
    staff,
    segment_changes,
    removed_segments,
    promises,
    grants,
)
