"""Channels of the first acquaintance beside those of bookings, as a picture."""

from collections.abc import Mapping
from typing import Any

from gateway.pages.languages import gettext as _
from gateway.pictures.grouped import MOST_RANKED
from gateway.pictures.plots import Picture, Ranked, Series, something
from gateway.pictures.saying import Saying


def channels(reply: Mapping[str, Any], asked: Any, say: Saying) -> Picture:
    """Visits by the first and by the last touch; both add up to the same."""
    rows = [row for row in reply["rows"] if row["first_touch"]["visits"] or row["last_touch"]["visits"]]
    something(reply.get("reason"), rows)
    rows = sorted(rows, key=lambda row: -max(row[touch]["visits"] for touch in ("first_touch", "last_touch")))
    rows = rows[:MOST_RANKED]
    series = tuple(
        Series(name, tuple(float(row[touch]["visits"]) for row in rows))
        for touch, name in (("first_touch", _("First touch: visits")), ("last_touch", _("Last touch: visits")))
    )
    labels = tuple(say.word(row["channel"]) if row["channel"] else say("unknown") for row in rows)
    plot = Ranked(say("visits"), "count", labels, series)
    return Picture(_("First and last touch"), say.scope(asked), (plot,), say.definition(reply))
