"""Segments of clients, who stays away, who is new, what clients are worth, and who misses what they booked."""

from collections.abc import Mapping
from typing import Any

from contracts.analytics import ShowChurn, ShowLifetimeValue, ShowNoShows, ShowPeople, ShowSegments
from gateway.pictures.grouped import MOST_RANKED, currency_of, value_of
from gateway.pictures.numerals import drawn
from gateway.pictures.plots import Picture, Ranked, Series, nothing, something
from gateway.pictures.saying import NAMED, Saying

Reply = Mapping[str, Any]
STATES = ("active", "due", "at_risk", "sleeping", "lost")


def segments(reply: Reply, asked: ShowSegments, say: Saying) -> Picture:
    """In the order of the answer, the empty ones too: that nobody is loyal is news."""
    rows = reply["rows"]
    something(reply.get("reason"), (row for row in rows if row["clients"]))
    people = sum(row["clients"] for row in rows)
    shares = [say.percent(100 * row["clients"] / people) for row in rows]
    beside = tuple(
        f"{say.number(row['clients'])} · {share} · {say.short_money(row['revenue'])}"
        for row, share in zip(rows, shares, strict=True)
    )
    counts = Series(say("clients"), tuple(float(row["clients"]) for row in rows))
    plot = Ranked(say("clients"), "count", tuple(say(row["segment"]) for row in rows), (counts,), beside)
    subtitle = f"{say.scope(asked, reply['as_of'])} · {say(asked.recency)}"
    return Picture(say("title_segments"), subtitle, (plot,), say.definition(reply))


def churn(reply: Reply, asked: ShowChurn, say: Saying) -> Picture:
    """By state, then by branch and master, with how likely a visit was for such clients."""
    rows = reply["states"]
    something(reply.get("reason"), (row for row in rows if row["clients"]))
    beside = tuple(f"{say.number(row['clients'])} · {say.short_money(row['revenue'])}" for row in rows)
    counts = Series(say("clients"), tuple(float(row["clients"]) for row in rows))
    plots = [Ranked(say("clients"), "count", tuple(say(row["state"]) for row in rows), (counts,), beside)]
    for field, of in (("branch_id", "branches"), ("master_id", "masters"), ("service_id", "services")):
        if len(reply[of]) > 1:
            plots.append(_states(reply[of], field, say))
    usual = (say("usual_days", days=say.number(reply["usual_days"], 1)),) if reply.get("usual_days") else ()
    return Picture(say("title_churn"), say.scope(asked, reply["as_of"]), tuple(plots), (*usual, *say.definition(reply)))


def _states(rows: list[Reply], field: str, say: Saying) -> Ranked:
    rows = sorted(rows, key=lambda row: -sum(row[state] for state in STATES))[:MOST_RANKED]
    series = tuple(Series(say(state), tuple(float(row[state]) for row in rows)) for state in STATES)
    labels = tuple(say.key(field, row[field]) for row in rows)
    totals = tuple(say.number(sum(row[state] for state in STATES)) for row in rows)
    return Ranked(say("clients"), "count", labels, series, totals, stacked=True)


def clients(reply: Reply, asked: ShowPeople, say: Saying) -> Picture:
    """New, regular and other clients add up to those who came; the sleeping did not, and stand apart."""
    rows = [row for row in reply["rows"] if row["came"] or row["sleeping"]]
    something(reply.get("reason"), rows)
    rows = sorted(rows, key=lambda row: -row["came"])[:MOST_RANKED]
    key = next((field for field in rows[0] if field in NAMED), None)
    labels = tuple(say.key(key, row[key]) if key else say("all") for row in rows)
    came = (
        Series(say("new"), tuple(float(row["new"]) for row in rows)),
        Series(say("regular"), tuple(float(row["regular"]) for row in rows)),
        Series(say("rest"), tuple(float(row["other"]) for row in rows), role="rest"),
    )
    beside = tuple(
        say.number(row["came"])
        + (f" · {say('regular')} {say.percent(row['regular_percent'])}" if row["regular_percent"] is not None else "")
        for row in rows
    )
    plots = [Ranked(say("clients"), "count", labels, came, beside, stacked=True)]
    if any(row["sleeping"] for row in rows):
        sleeping = Series(say("sleeping"), tuple(drawn(row["sleeping"]) for row in rows))
        counts = tuple("" if row["sleeping"] is None else say.number(row["sleeping"]) for row in rows)
        plots.append(Ranked(say("sleeping"), "count", labels, (sleeping,), counts))
    return Picture(say("title_clients"), say.scope(asked), tuple(plots), say.definition(reply))


def lifetime_value(reply: Reply, asked: ShowLifetimeValue, say: Saying) -> Picture:
    """By segment; without a model that beats the simple rule there is nothing to show."""
    rows = [row for row in reply["rows"] if row["clients"]]
    if not rows:
        raise nothing(reply.get("reason") or "no_visits")
    labels = tuple(say(row["segment"]) for row in rows)
    worth = tuple(
        Series(say(name), tuple(value_of(row, name) for row in rows))
        for name in ("value", "margin_value", "network_value")
        if any(row[name] for row in rows)
    )
    people = tuple(say("people_many", count=say.number(row["clients"])) for row in rows)
    visits = Series(say("expected_visits"), tuple(drawn(row["expected_visits"]) for row in rows))
    expected = tuple(say.number(row["expected_visits"], 1) for row in rows)
    plots = (
        *([Ranked(say("year_ahead"), "money", labels, worth, people, currency=currency_of(rows))] if worth else []),
        Ranked(say("expected_visits"), "decimal", labels, (visits,), expected),
    )
    model = (say("model", model=say.word(reply["model"])),) if reply.get("model") else ()
    return Picture(
        say("title_lifetime_value"), say.scope(asked, reply["as_of"]), plots, (*model, *say.definition(reply))
    )


def no_shows(reply: Reply, asked: ShowNoShows, say: Saying) -> Picture:
    """The least reliable, each with the interval of the chance; without chances there is nothing to show."""
    rows = [row for row in reply["items"] if row["no_show_percent"] is not None][:MOST_RANKED]
    something(reply.get("reason"), rows)
    labels = tuple(row["name"] or say.name(row["client_id"]) for row in rows)
    chances = Series(say("title_no_shows"), tuple(drawn(row["no_show_percent"]) for row in rows))
    bounds = ("no_show_percent", "low_percent", "high_percent")
    said = [tuple(say.percent(row[name]) for name in bounds) for row in rows]
    beside = tuple(f"{chance} ({low} – {high})" for chance, low, high in said)
    plot = Ranked(say("title_no_shows"), "percent", labels, (chances,), beside)
    counts = say("interval_client", count=say.number(reply["appointments"]), missed=say.number(reply["missed"]))
    return Picture(say("title_no_shows"), say.scope(asked), (plot,), (counts, *say.definition(reply)))
