"""Values of a reply as texts of a picture: in its language, with the names that who asks may know."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from gateway.pictures import numerals
from gateway.pictures.definitions import said
from gateway.pictures.words import text_of

NAMED = {"branch_id", "service_id", "master_id", "unit_id"}
TIMES = ("day", "week", "month", "quarter", "year", "period")


class Saying:
    """`names` are those of branches, services, masters and units by their ids."""

    def __init__(self, language: str, names: Mapping[str, str]) -> None:
        self.language = language
        self.names = names

    def __call__(self, word: str, **parts: object) -> str:
        text = text_of(word, self.language)
        return text.format(**parts) if parts else text

    def number(self, value: float | Decimal, places: int = 0) -> str:
        return numerals.number(value, self.language, places)

    def money(self, value: Mapping[str, Any]) -> str:
        return numerals.money(value["amount"], value["currency"], self.language)

    def short_money(self, value: Mapping[str, Any]) -> str:
        return numerals.money(value["amount"], value["currency"], self.language, brief=True)

    def percent(self, value: float | Decimal) -> str:
        return numerals.percent(value, self.language)

    def day(self, value: str | date) -> str:
        return numerals.day(value if isinstance(value, date) else date.fromisoformat(value), self.language)

    def key(self, field: str, value: Any) -> str:
        """What the value of a key is called."""
        if value is None:
            return self("nobody")
        if field in TIMES:
            return numerals.period(str(value), self.language)
        if field == "weekday" and isinstance(value, int):
            return numerals.WEEKDAYS[self.language][value]
        if field in NAMED or field.endswith("_id"):
            return self.name(str(value))
        return self.word(str(value))

    def word(self, value: str) -> str:
        """A value from a list in the language, or a word of the salon's own as it is."""
        return text_of(value, self.language) if value in WORDS_OF_OURS else value

    def name(self, id_: str) -> str:
        """The name, or the end of the id where that is not for who asks."""
        return self.names.get(id_) or f"…{id_[-6:]}"

    def scope(self, asked: Any, as_of: str | None = None, bucket: str | None = None) -> str:
        """Of when and of which branches: what stands below the title. `bucket`: by what, where that is not asked."""
        return " · ".join(self._scope(asked, as_of, bucket or _bucket_of(asked)))

    def _scope(self, asked: Any, as_of: str | None, bucket: str | None) -> Iterator[str]:
        first, last = getattr(asked, "from_", None), getattr(asked, "to", None)
        if isinstance(first, date) and isinstance(last, date):
            yield f"{self.day(first)} – {self.day(last)}"
            if bucket and (cut := begun_only(first, last, bucket)):
                names = [self.key(bucket, each) for each in cut]
                if bucket == "week":
                    names = [self("week_from", day=name) for name in names]
                yield self("not_whole", periods=", ".join(names))
        if as_of is not None:
            yield self("as_of", day=self.day(as_of))
        branch = getattr(asked, "branch_id", None)
        yield self.name(str(branch)) if branch else self("all_branches")
        service, category = getattr(asked, "service_id", None), getattr(asked, "category", None)
        if service or category:
            yield self.name(str(service)) if service else str(category)

    def by(self, keys: tuple[str, ...]) -> str:
        """`by month, branch`."""
        return self("by", keys=", ".join(self(key.removesuffix("_id")) for key in keys)) if keys else ""

    def definition(self, reply: Mapping[str, Any]) -> tuple[str, ...]:
        text = reply.get("definition")
        return (said(text, self.language),) if isinstance(text, str) and text else ()


# Values that stand in replies and are on our lists; everything else in a reply is the salon's own.
WORDS_OF_OURS = {
    "active", "due", "at_risk", "sleeping", "lost", "new", "champions", "loyal", "potential", "promising",
    "needs_attention", "about_to_sleep", "cooling", "hibernating", "unknown", "referral", "cancelled", "kept", "missed",
    "seasonal_naive", "damped_trend", "holt_winters", "female", "male",
    "mbg_cnbd_k", "bg_nbd", "desk", "online", "phone", "messenger", "walk-in",
}  # fmt: skip


def _bucket_of(asked: Any) -> str | None:
    """By what stretch of time rows are asked for, if by any."""
    said = (getattr(asked, "bucket", None), *(getattr(asked, "group_by", None) or ()))
    return next((each for each in said if each in TIMES), None)


def begun_only(first: date, last: date, bucket: str) -> list[str]:
    """The weeks, months, quarters or years, as replies name them, of which the days from the first to the last are only
    a part: what they come to is not to be read as a fall.
    """
    both = (_stretch(day, bucket) for day in (first, last))
    return list(dict.fromkeys(name for begins, ends, name in both if begins < first or ends > last))


def _stretch(day: date, bucket: str) -> tuple[date, date, str]:
    """What a day is in: its first and last day, and its name."""
    if bucket == "week":
        begins = day - timedelta(days=day.weekday())
        return begins, begins + timedelta(days=6), str(begins)
    months = {"month": 1, "quarter": 3, "year": 12}.get(bucket)
    if months is None:
        return day, day, str(day)
    at = (day.month - 1) // months
    begins = date(day.year, at * months + 1, 1)
    ends = (begins + timedelta(days=31 * months)).replace(day=1) - timedelta(days=1)
    name = {"month": f"{day:%Y-%m}", "quarter": f"{day.year}-Q{at + 1}", "year": str(day.year)}[bucket]
    return begins, ends, name


def every(first: str, last: str, field: str) -> list[str]:
    """All days, weeks, months, quarters or years from the first to the last, so that an empty one shows as empty."""
    if field in ("day", "week", "period") and len(first) == len(last) == 10:
        start, end = date.fromisoformat(first), date.fromisoformat(last)
        step = 7 if field == "week" else 1
        return [str(start + timedelta(days)) for days in range(0, (end - start).days + 1, step)]
    if len(first) == len(last) == 7:
        size, mark = (4, "Q") if first[5] == "Q" else (12, "")
        begin, finish = (int(text[:4]) * size + int(text[6 if mark else 5 :]) - 1 for text in (first, last))
        width = 1 if mark else 2
        return [f"{at // size:04d}-{mark}{at % size + 1:0{width}d}" for at in range(begin, finish + 1)]
    return [str(year) for year in range(int(first), int(last) + 1)] if first.isdigit() and last.isdigit() else []
