"""The rules of client cards: what a card may say, how it is found, and who may have brought whom."""

from services.clients.domain.card import (
    EARLIEST_BIRTH,
    EMAIL,
    Card,
    Person,
    Times,
    birth_band,
    channel_key,
    checked,
    refuse_impossible_registration,
)
from services.clients.domain.completeness import completeness, missing
from services.clients.domain.consents import (
    Agreed,
    AskedOnline,
    counts_online,
    refuse_consent_again,
    refuse_impossible_consent,
    refuse_other_consents,
)
from services.clients.domain.finding import (
    LAST_DIGITS,
    Wanted,
    comparable_email,
    prefixes_of,
    wanted,
    words_of,
)
from services.clients.domain.habits import LOOKED_AT, Evidence, PastVisit, habits
from services.clients.domain.health import matched
from services.clients.domain.occasions import month_day
from services.clients.domain.referrers import (
    referrers_first,
    refuse_loop,
)
from services.clients.domain.retention import first_id_of, months_before

__all__ = [
    "EARLIEST_BIRTH",
    "EMAIL",
    "LAST_DIGITS",
    "LOOKED_AT",
    "Agreed",
    "AskedOnline",
    "Card",
    "Evidence",
    "PastVisit",
    "Person",
    "Times",
    "Wanted",
    "birth_band",
    "channel_key",
    "checked",
    "comparable_email",
    "completeness",
    "counts_online",
    "first_id_of",
    "habits",
    "matched",
    "missing",
    "month_day",
    "months_before",
    "prefixes_of",
    "referrers_first",
    "refuse_consent_again",
    "refuse_impossible_consent",
    "refuse_impossible_registration",
    "refuse_loop",
    "refuse_other_consents",
    "wanted",
    "words_of",
]
