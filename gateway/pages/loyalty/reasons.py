"""Codes of loyalty in words: why something differs, why somebody does not count, what became of points."""

from gateway.pages.languages import noted as _

DIFFERENCES = {
    "older_promise": _("what was promised at booking was more, or prices changed"),
    "loyalty_away": _("loyalty did not answer, and booking went by its own copy"),
    "late_facts": _("loyalty heard of something only afterwards"),
    "recorded": _("a visit of another system"),
}
EDGES = {
    "names_themselves": _("named themselves"),
    "closes_a_loop": _("would make a loop"),
    "visited_before": _("had been a client before they were brought"),
    "shared_contact": _("shares a phone or an e-mail with who brought them"),
    "referrer_is_staff": _("was brought by somebody who works for the salon"),
    "client_is_staff": _("works for the salon"),
    "referrer_erased": _("was brought by somebody whose data had been erased"),
    "reviewed_refused": _("was looked at and refused"),
    "velocity": _("one of unusually many in a short time"),
    "no_paid_visit": _("has not come and paid yet"),
    "refunded": _("what they paid was given back"),
}
POINTS = {
    "earn": _("earned"),
    "adjust": _("by hand"),
    "redeem": _("paid with"),
    "reverse": _("given back or taken back"),
    "expire": _("lapsed"),
    "merge": _("from another card"),
}
ABOUT = {
    "visit": _("a visit"),
    "referral": _("somebody brought"),
    "welcome": _("a welcome"),
    "payment": _("a payment"),
    "hand": "",
    "lot": "",
    "card": "",
}
PAID_BY = {"cash": _("Cash"), "card": _("Card"), "transfer": _("Transfer")}
CERTIFICATES = {
    "active": _("can be used"),
    "used_up": _("used up"),
    "expired": _("expired"),
    "blocked": _("blocked"),
}
ENTRIES = {
    "sold": _("sold"),
    "redeemed": _("paid a visit"),
    "reversed": _("given back"),
    "expired": _("expired"),
    "blocked": _("blocked"),
    "unblocked": _("unblocked"),
}
BLOCKS = {
    "lost": _("lost"),
    "stolen": _("stolen"),
    "mistake": _("sold by mistake"),
    "fraud": _("fraud"),
    "other": _("something else"),
}
MEMBERSHIPS = {
    "active": _("can be used"),
    "frozen": _("frozen"),
    "used_up": _("used up"),
    "expired": _("expired"),
}
CARDS = {"active": _("can be used"), "blocked": _("blocked")}
CARD_BLOCKS = {"lost": _("lost"), "stolen": _("stolen"), "damaged": _("damaged"), "other": _("something else")}
TENDERS = {"points": _("points"), "certificate": _("gift certificate"), "membership": _("membership")}
