"""How much of open time is booked, how work went, who came again, and the funnel of enquiries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.analytics import ShowCohorts, ShowFunnel, ShowIdleWindows, ShowOccupancy, ShowWork
from gateway.pictures.grouped import MOST_RANKED, Grouped, left_out, plots
from gateway.pictures.numerals import day, drawn, month
from gateway.pictures.plots import (
    MOST_ROWS,
    Columns,
    Grid,
    Picture,
    Plot,
    Ranked,
    Series,
    Span,
    Timetable,
    few_enough,
    something,
)
from gateway.pictures.saying import Saying

Reply = Mapping[str, Any]
KEYS = ("master_id", "unit_id", "branch_id")  # in the order in which they are read
HOUR = 60
MOST_STAGES = 8  # funnels on one picture


def occupancy(reply: Reply, asked: ShowOccupancy, say: Saying) -> Picture:
    rows = [row for row in reply["rows"] if row["occupancy_percent"] is not None]
    something(reply.get("reason") or "nothing_open", rows)
    keys = _keys(rows, asked.bucket)
    grouped = Grouped(rows, keys, ("occupancy_percent",), asked.bucket)
    found = plots(grouped, say)
    if keys == ("period",):
        found = (*found, _hours(rows, asked.bucket, say))
    return Picture(say("title_occupancy"), say.scope(asked), found, (*say.definition(reply), *left_out(grouped, say)))


def _hours(rows: list[Reply], bucket: str, say: Saying) -> Plot:
    """What the share is of: booked and idle hours on top of each other."""
    hours = [row | {name: row[name] / HOUR for name in ("busy_minutes", "idle_minutes")} for row in map(dict, rows)]
    (plot,) = plots(Grouped(hours, ("period",), ("busy_minutes", "idle_minutes"), bucket), say)
    assert isinstance(plot, Columns)
    return Columns(say("hours"), "decimal", plot.labels, plot.series, "stacked" if plot.kind == "bars" else "lines")


def work(reply: Reply, asked: ShowWork, say: Saying) -> Picture:
    """Money above, shares of what went well and badly below."""
    rows = reply["rows"]
    something(reply.get("reason"), rows)
    keys = _keys(rows, asked.bucket)
    money = Grouped(rows, keys, ("revenue",) if len(keys) > 1 else ("revenue", "visits"), asked.bucket)
    shares = ("rebooked_percent", "cancelled_percent", "missed_percent", "late_percent")
    found = plots(money, say)
    if keys == ("period",):
        found = (*found, *plots(Grouped(rows, keys, shares, asked.bucket), say))
    elif "period" not in keys:
        found = (*found, *plots(Grouped(rows, keys, ("rebooked_percent", "cancelled_percent", "missed_percent")), say))
    return Picture(say("title_work"), say.scope(asked), found, (*say.definition(reply), *left_out(money, say)))


def idle_windows(reply: Reply, asked: ShowIdleWindows, say: Saying) -> Picture:
    """A row for each day of a master; a window that ends after midnight goes on beside the others."""
    windows = reply["rows"]
    something(reply.get("reason"), windows)
    several = len({each["branch_id"] for each in windows}) > 1
    labels: dict[tuple[str, ...], str] = {}
    spans = []
    for each in windows:
        starts, ends = datetime.fromisoformat(each["starts"]), datetime.fromisoformat(each["ends"])
        key = (str(starts.date()), each["branch_id"], each["master_id"])
        where = f" · {say.name(each['branch_id'])}" if several else ""
        labels.setdefault(key, f"{day(starts.date(), say.language, year=False)} · {say.name(each['master_id'])}{where}")
        spans.append((key, starts, ends))
    order = {key: place for place, key in enumerate(sorted(labels))}
    few_enough(len(order), MOST_ROWS, "to", "days of masters")
    plot = Timetable(
        tuple(labels[key] for key in order), tuple(Span(order[key], *times) for key, *times in spans), say("clock")
    )
    more = (say("more_windows"),) if reply["more"] else ()
    return Picture(say("title_idle"), say.scope(asked), (plot,), (*more, *say.definition(reply)))


def funnel(reply: Reply, asked: ShowFunnel, say: Saying) -> Picture:
    """The stages in their order; by channel or branch one funnel for each, the largest first."""
    rows = sorted(reply["rows"], key=lambda row: -row["people"])
    something(reply.get("reason"), rows)
    keys = tuple(key for key in ("channel", "branch_id") if key in rows[0])
    found = tuple(_stages(row, " · ".join(say.key(key, row[key]) for key in keys), say) for row in rows[:MOST_STAGES])
    hidden = (say("left_out", count=len(rows) - MOST_STAGES),) if len(rows) > MOST_STAGES else ()
    answered = say(
        "answered",
        enquiries=say.number(sum(row["enquiries"] for row in rows)),
        answered=say.number(sum(row["answered"] for row in rows)),
    )
    notes = (answered, *hidden, *say.definition(reply))
    return Picture(say("title_funnel"), say.scope(asked), found, notes)


def _stages(row: Reply, title: str, say: Saying) -> Ranked:
    """Each stage with its share of the one before; clients with that of the leads, as the definition says."""
    stages: tuple[tuple[str, str | None], ...] = (
        ("people", None),
        ("leads", None),
        ("booked", "booked_percent"),
        ("clients", "clients_percent"),
        ("regulars", "regulars_percent"),
    )
    labels = tuple(say("became_clients" if name == "clients" else name) for name, _ in stages)
    beside = tuple(
        say.number(row[name]) + (f" · {say.percent(row[share])}" if share and row[share] is not None else "")
        for name, share in stages
    )
    values = tuple(float(row[name]) for name, _ in stages)
    return Ranked(title, "count", labels, (Series(title, values),), beside, centred=True)


def retention(reply: Reply, asked: ShowCohorts, say: Saying) -> Picture:
    """A triangle of who was active how many months later; by branch or master the share that came again."""
    rows = reply["rows"]
    something(reply.get("reason"), rows)
    subtitle = say.scope(asked, reply["as_of"])
    keys = tuple(key for key in KEYS if key in rows[0])
    found = _by_key(rows, keys, reply["days"], say) if keys else _triangle(rows, asked, reply["days"], say)
    return Picture(say("title_retention"), subtitle, found, say.definition(reply))


def _triangle(rows: list[Reply], asked: ShowCohorts, days: int, say: Saying) -> tuple[Plot, ...]:
    longest = max(len(row["active"]) for row in rows)
    shares = [[100 * count / row["clients"] for count in row["active"] if row["clients"]] for row in rows]
    values = tuple((*each, *[None] * (longest - len(each))) for each in shares)
    written = tuple(
        tuple("" if value is None else say.number(value, 0 if longest > 12 else 1) for value in row) for row in values
    )
    labels = tuple(f"{month(row['month'], say.language)} · {say.number(row['clients'])}" for row in rows)
    parts: list[Plot] = []
    if any(shares):
        cohort = say("cohort_all" if asked.clients == "all" else "cohort")
        parts.append(
            Grid(
                f"{say('came_again')}, %",
                "percent",
                labels,
                tuple(str(number + 1) for number in range(longest)),
                values,
                written,
                beside=f"{cohort} · {say('clients').lower()}",
                below=say("months_later"),
            )
        )
    settled = [row for row in rows if row["retained_percent"] is not None]
    if settled:
        labels = tuple(month(row["month"], say.language) for row in settled)
        name = say("retained_percent", days=days)
        shown = tuple(drawn(row["retained_percent"]) for row in settled)
        parts.append(Columns(name, "percent", labels, (Series(name, shown),)))
    return tuple(parts)


def _by_key(rows: list[Reply], keys: tuple[str, ...], days: int, say: Saying) -> tuple[Plot, ...]:
    """All months of a branch or master together: people whose time is over, and of them those who came again."""
    sums: dict[tuple[Any, ...], tuple[int, int]] = {}
    for row in rows:
        key = tuple(row[each] for each in keys)
        settled, retained = sums.get(key, (0, 0))
        sums[key] = settled + row["settled"], retained + row["retained"]
    shares = {key: 100 * retained / settled for key, (settled, retained) in sums.items() if settled}
    something("too_early", shares)
    order = sorted(shares, key=lambda key: -shares[key])[:MOST_RANKED]
    name = say("retained_percent", days=days)
    labels = tuple(" · ".join(say.key(field, part) for field, part in zip(keys, key, strict=True)) for key in order)
    beside = tuple(
        f"{say.percent(shares[key])} · {say.number(sums[key][1])} / {say.number(sums[key][0])}" for key in order
    )
    return (Ranked(name, "percent", labels, (Series(name, tuple(shares[key] for key in order)),), beside),)


def _keys(rows: list[Reply], bucket: str) -> tuple[str, ...]:
    """The keys that the rows have; one whole period is no key. A master who has a branch beside stands for both."""
    found = [key for key in ("period", *KEYS) if key in rows[0]]
    if bucket == "period":
        found = [key for key in found if key != "period"]
    one = [key for key in found if len({row.get(key) for row in rows}) == 1 and key in KEYS]
    return tuple(key for key in found if key not in one) or tuple(found)
