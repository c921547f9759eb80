"""The sentences of loyalty in English, by the codes that other languages go by."""

from collections.abc import Iterable

# A pair: for one, for any other number, told apart by `count`.
SENTENCES: dict[str, str | tuple[str, str]] = {
    # what a rule is for
    "referrals.counted": (
        "1 person you brought came and paid: {percent} %",
        "{count} people you brought came and paid: {percent} %",
    ),
    "referrals.weighted": (
        "1 person you brought came and paid and counts as {worth}: {percent} %",
        "{count} people you and yours brought came and paid and count as {worth}: {percent} %",
    ),
    "referrals.too_few": ("1 person you brought came and paid", "{count} people you brought came and paid"),
    "visits.counted": ("1 visit: {percent} %", "{count} visits: {percent} %"),
    "visits.too_few": ("1 visit", "{count} visits"),
    "spend.counted": "{spent} spent: {percent} %",
    "spend.too_little": "{spent} spent",
    "levels.reached": "status {level}, reached by {by} ({count}): {percent} %",
    "levels.none": "no status yet by {by} ({count})",
    "nth_service": "each service number {every}, with {count} before: {reward}",
    "birthday": "birthday: {reward}",
    "holiday": "holiday: {reward}",
    "first_visit": "first visit: {reward}",
    "services": "chosen services: {reward}",
    "favourite_service": "favourite service, had {count} times: {reward}",
    "segment": "for clients like you: {reward}",
    "personal": "personal discount: {percent} %",
    "personal.unsaid": "personal discount",
    "promotion": "promotion {name}: {reward}",
    # why a rule gives nothing
    "referrals.needed": ("1 is needed for a discount", "{count} are needed for a discount"),
    "referrals.budget_used_up": "what the visits of those people allow for is used up",
    "visits.needed": ("1 is needed for a discount", "{count} are needed for a discount"),
    "spend.needed": "{start} is needed for a discount",
    "levels.not_reached": "none is reached",
    "nth_service.not_yet": ("the next one has it", "it is {count} more to the next one"),
    "birthday.not_near": "the birthday is not near",
    "holiday.not_near": "no holiday is near",
    "already_given": "another visit had it already",
    "first_visit.not_first": "it is not the first visit",
    "no_such_service": "no such service is on the visit",
    "favourite_service.too_few": "no service was had {count} times yet",
    "segment.not_in": "the client is not one of those it is for",
    "personal.none": "there is none",
    "personal.not_in_force": "it is not in force",
    "promotion.not_in_force": "it is not in force",
    "promotion.used_up": "it is used up",
    "promotion.had_already": "the client has had it as often as it may be had",
    "other_branch": "it does not hold in this branch",
    "some_branches": "it holds in some branches only",
    "needs_visit": "it depends on the visit",
    "excluded": "the client is left out of this rule",
    "excluded_from_all": "the client is left out of the programme",
    "not_enrolled": "the client has had no service yet that enrols into the programme",
    "client_is_staff": "the client works for the salon",
    "erased": "the client's data were erased",
    "nothing_to_price": "there is nothing to price",
    "less_than_personal": "the personal discount is more",
    "less_than_programme": "the programme gives as much or more",
    "less_than": "{by} gives as much or more",
    "nothing_left": "nothing was left for it",
    # why a person or a visit does not count
    "does_not_count": "does not count",
    "no_paid_visit": "has not come and paid yet",
    "refunded": "what they paid was given back",
    "out_of_period": "too long ago",
    "level_cap": "more people of this level than count",
    "given_back": "what was paid was given back",
    "names_themselves": "named themselves",
    "closes_a_loop": "would make a loop",
    "visited_before": "had been a client before they were brought",
    "shared_contact": "shares a phone or an e-mail with who brought them",
    "referrer_is_staff": "was brought by somebody who works for the salon",
    "referrer_erased": "was brought by somebody whose data had been erased",
    "velocity": "one of unusually many in a short time",
    "reviewed_refused": "was looked at and refused",
    # caps
    "cap.max_percent": "at most {after} % by this rule instead of {before} %",
    "cap.level_caps": "{after} of {before} people count: more of a level do not",
    "cap.budget": "at most {after} is left of what the visits of those people allow for, instead of {before}",
    "cap.max_percent_per_line": "at most {after} % of a service instead of {before} %",
    "cap.max_percent_per_visit": "at most {after} % of a visit instead of {before} %",
    "cap.whole_units": "rounded down to stay within the caps: {after} instead of {before}",
    # the whole
    "verdict.discount": "discount: {percent} %",
    "verdict.gift": "gift: {gift}",
    "verdict.offer": "offer: {offer}",
    "verdict.nothing": "no discount",
    "also.gift": "also a gift: {gift}",
    "also.offer": "also an offer: {offer}",
    "progress.visits": ("1 visit to {level}", "{count} visits to {level}"),
    "progress.spend": "{count} to {level}",
    "progress.people": ("1 person to {level}", "{count} people to {level}"),
    "people.not_counted": ("1 person you brought does not count: {why}", "{count} people you brought do not: {why}"),
    "line": "{line_id}: {discount} off, {percent} %",
    "programme": "programme {programme_id}, version {version}, as of {at}",
}

# ISO 4217: currencies whose minor unit is not a hundredth.
_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def say(code: str, params: Iterable[tuple[str, str]] = ()) -> str:
    """The sentence of `code`; a code that has none is told as it is, its underscores as spaces."""
    found = SENTENCES.get(code)
    if found is None:
        return code.replace("_", " ")
    said = dict(params)
    if isinstance(found, tuple):
        found = found[0] if said.get("count") == "1" else found[1]
    return found.format_map(said)


def money(amount: int, currency: str) -> str:
    """`amount` minor units with the decimal point of their currency: "12.50 EUR"."""
    digits = _DIGITS.get(currency, 2)
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 10**digits)
    text = f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"
    return f"{text} {currency}".strip()
