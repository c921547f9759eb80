"""Why a discount is what it is, in the visitor's language: by the codes and figures that loyalty tells."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision

from contracts.loyalty import Reason
from gateway.pages.formats import money, percent
from gateway.pages.languages import gettext, ngettext
from gateway.pages.languages import noted as _
from gateway.pages.loyalty.reasons import EDGES
from kernel.money import Money

Params = Mapping[str, str]

_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})")
_PERCENTS = frozenset({"percent", "given", "offered"})
_BY = {"visits": _("visits"), "spend": _("money spent"), "people": _("people brought")}

SENTENCES = {
    "referrals.budget_used_up": _("what the visits of those people allow for is used up"),
    "spend.counted": _("%(spent)s spent: %(percent)s"),
    "spend.too_little": _("%(spent)s spent"),
    "levels.reached": _("status %(level)s, reached by %(by)s (%(count)s): %(percent)s"),
    "levels.none": _("no status yet by %(by)s (%(count)s)"),
    "nth_service": _("each service number %(every)s, with %(count)s before: %(reward)s"),
    "birthday": _("birthday: %(reward)s"),
    "holiday": _("holiday: %(reward)s"),
    "first_visit": _("first visit: %(reward)s"),
    "services": _("chosen services: %(reward)s"),
    "favourite_service": _("favourite service, had %(count)s times: %(reward)s"),
    "segment": _("for such clients: %(reward)s"),
    "personal": _("personal discount: %(percent)s"),
    "personal.unsaid": _("personal discount"),
    "promotion": _("promotion %(name)s: %(reward)s"),
    "spend.needed": _("%(start)s is needed for a discount"),
    "levels.not_reached": _("none is reached"),
    "birthday.not_near": _("the birthday is not near"),
    "holiday.not_near": _("no holiday is near"),
    "already_given": _("another visit had it already"),
    "first_visit.not_first": _("it is not the first visit"),
    "no_such_service": _("no such service is on the visit"),
    "favourite_service.too_few": _("no service was had %(count)s times yet"),
    "segment.not_in": _("the client is not one of those it is for"),
    "personal.none": _("there is none"),
    "personal.not_in_force": _("it is not in force"),
    "promotion.not_in_force": _("it is not in force"),
    "promotion.used_up": _("it is used up"),
    "promotion.had_already": _("the client has had it as often as it may be had"),
    "other_branch": _("it does not hold in this branch"),
    "some_branches": _("it holds in some branches only"),
    "needs_visit": _("it depends on the visit"),
    "excluded": _("the client is left out of this rule"),
    "excluded_from_all": _("the client is left out of the programme"),
    "not_enrolled": _("the client has had no service yet that enrols into the programme"),
    "erased": _("the client's data were erased"),
    "nothing_to_price": _("there is nothing to price"),
    "less_than_personal": _("the personal discount is more"),
    "less_than_programme": _("the programme gives as much or more"),
    "less_than": _("%(by)s gives as much or more"),
    "nothing_left": _("nothing was left for it"),
    "does_not_count": _("does not count"),
    "out_of_period": _("too long ago"),
    "level_cap": _("more people of this level than count"),
    "given_back": _("what was paid was given back"),
    "cap.max_percent": _("at most %(after)s %% by this rule instead of %(before)s %%"),
    "cap.level_caps": _("%(after)s of %(before)s people count: more of a level do not"),
    "cap.budget": _("at most %(after)s is left of what the visits of those people allow for, instead of %(before)s"),
    "cap.max_percent_per_line": _("at most %(after)s %% of a service instead of %(before)s %%"),
    "cap.max_percent_per_visit": _("at most %(after)s %% of a visit instead of %(before)s %%"),
    "cap.whole_units": _("rounded down to stay within the caps: %(after)s instead of %(before)s"),
    "verdict.discount": _("discount: %(percent)s"),
    "verdict.gift": _("gift: %(gift)s"),
    "verdict.offer": _("offer: %(offer)s"),
    "verdict.nothing": _("no discount"),
    "also.gift": _("also a gift: %(gift)s"),
    "also.offer": _("also an offer: %(offer)s"),
    "progress.spend": _("%(count)s to %(level)s"),
    "programme": _("programme of version %(version)s"),
    "visit.counted": _("a visit counts"),
    "visit.not_counted": _("a visit does not count"),
    **EDGES,
}
COUNTED: Mapping[str, Callable[[int, Params], str]] = {
    "referrals.counted": lambda n, p: ngettext(
        "%(num)s person brought came and paid: %(percent)s", "%(num)s people brought came and paid: %(percent)s", n, **p
    ),
    "referrals.weighted": lambda n, p: ngettext(
        "%(num)s person brought came and paid and counts as %(worth)s: %(percent)s",
        "%(num)s people brought came and paid and count as %(worth)s: %(percent)s",
        n,
        **p,
    ),
    "referrals.too_few": lambda n, p: ngettext(
        "%(num)s person brought came and paid", "%(num)s people brought came and paid", n, **p
    ),
    "referrals.needed": lambda n, p: ngettext(
        "%(num)s is needed for a discount", "%(num)s are needed for a discount", n, **p
    ),
    "visits.counted": lambda n, p: ngettext("%(num)s visit: %(percent)s", "%(num)s visits: %(percent)s", n, **p),
    "visits.too_few": lambda n, p: ngettext("%(num)s visit", "%(num)s visits", n, **p),
    "visits.needed": lambda n, p: ngettext(
        "%(num)s is needed for a discount", "%(num)s are needed for a discount", n, **p
    ),
    "nth_service.not_yet": lambda n, p: ngettext(
        "%(num)s more to the one that has it", "%(num)s more to the one that has it", n, **p
    ),
    "progress.visits": lambda n, p: ngettext("%(num)s visit to %(level)s", "%(num)s visits to %(level)s", n, **p),
    "progress.people": lambda n, p: ngettext("%(num)s person to %(level)s", "%(num)s people to %(level)s", n, **p),
    "people.not_counted": lambda n, p: ngettext(
        "%(num)s person brought does not count: %(why)s", "%(num)s people brought do not count: %(why)s", n, **p
    ),
}
_BESIDE = {"at": _("at %(value)s"), "level": _("level %(value)s"), "weight": _("weight %(value)s")}


@dataclass(frozen=True)
class Said:
    """A reason in words, with what it rests on; `counts` where it tells whether somebody or something counts."""

    text: str
    children: tuple["Said", ...] = ()
    counts: bool | None = None
    client_id: str | None = None


def said(reason: Reason) -> Said:
    """The same tree in the visitor's language; a code without a sentence keeps loyalty's own, in English."""
    children = tuple(said(child) for child in reason.children)
    if reason.code in ("person.counted", "person.not_counted"):
        counts = reason.code == "person.counted"
        return Said(
            _person(reason, counts=counts), children, counts, str(reason.client_id) if reason.client_id else None
        )
    told = sentence(reason.code, reason.params) or reason.text
    if reason.code.startswith("visit."):
        return Said(f"{told}{_more(reason.params)}", children, reason.code == "visit.counted")
    if refusal := reason.params.get("refusal"):
        below = {
            name.removeprefix("refusal_"): value for name, value in reason.params.items() if name.startswith("refusal_")
        }
        told = "; ".join(part for part in (told, sentence(refusal, below) or refusal) if part)
    return Said(told[:1].upper() + told[1:], children)


def sentence(code: str, params: Params) -> str:
    """The sentence of a code, empty if there is none, or a figure of it is missing."""
    words = _in_words(params)
    try:
        if code in COUNTED:
            return COUNTED[code](round(Decimal(params.get("count", "0"))), words)
        return gettext(SENTENCES[code]) % words if code in SENTENCES else ""
    except (KeyError, InvalidOperation):
        return ""


def _person(reason: Reason, *, counts: bool) -> str:
    name = reason.name or gettext("a client")
    if counts:
        return gettext("%(name)s counts", name=name) + _more(reason.params)
    why = ", ".join(sentence(each, {}) or each for each in reason.params.get("reason", "does_not_count").split(","))
    return gettext("%(name)s does not count: %(why)s", name=name, why=why) + _more(reason.params)


def _more(params: Params) -> str:
    """What only auditors are told."""
    parts = [gettext(message, value=params[name]) for name, message in _BESIDE.items() if name in params]
    return f" ({'; '.join(parts)})" if parts else ""


def _in_words(params: Params) -> dict[str, str]:
    words = {name: _word(name, value) for name, value in params.items()}
    if "gift" in params:
        words["reward"] = gettext("a gift, %(gift)s", gift=params["gift"])
    elif "offer" in params:
        words["reward"] = gettext("an offer, %(offer)s", offer=params["offer"])
    if "why" in params:
        words["why"] = sentence(params.get("reason", ""), {}) or params["why"]
    return words


def _word(name: str, value: str) -> str:
    try:
        if name in _PERCENTS:
            return percent(Decimal(value))
        if name == "reward" and value.endswith("%"):
            return percent(Decimal(value.removesuffix("%").strip()))
    except InvalidOperation:
        return value
    if name == "by":
        return gettext(_BY[value]) if value in _BY else value
    if amount := _AMOUNT.fullmatch(value):
        number, currency = Decimal(amount[1]), amount[2]
        return money(Money(int(number.scaleb(get_currency_precision(currency))), currency))
    return value
