"""Reports as people define them: what is listed or grouped, by what, counting what, of which of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.analytics.domain.conditions import (
    Condition,
    Mistakes,
    checks_of,
    condition_of,
    document_of,
)
from services.analytics.domain.segments import DEFINITION as OF_CLIENTS
from services.analytics.domain.subjects import SUBJECTS, Subject

MOST_ROWS = 5_000
MOST_DIMENSIONS = 2


@dataclass(frozen=True, slots=True)
class Report:
    """`of` what it is; `group_by` and `measures` of a grouped report, `columns` of a list; `descending` is the order of
    `order_by`.
    """

    of: str
    kind: str
    group_by: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    condition: Condition | None = None
    order_by: str | None = None
    descending: bool = False
    limit: int = MOST_ROWS

    @property
    def subject(self) -> Subject:
        return SUBJECTS[self.of]

    @property
    def named(self) -> frozenset[str]:
        """Every dimension, column and field that it speaks of."""
        checked = (check.field for check in checks_of(self.condition))
        return frozenset({*self.group_by, *self.columns, *checked})

    @property
    def by_parts(self) -> bool:
        """Whether it looks at the parts of visits or bookings, each alone."""
        return bool(self.named & self.subject.parts)

    @property
    def branches_named(self) -> frozenset[UUID]:
        """The branches that its filter speaks of."""
        found = (each.value for each in checks_of(self.condition) if each.field == "branch")
        values = (value for some in found for value in (some if isinstance(some, tuple) else (some,)))
        return frozenset(value for value in values if isinstance(value, UUID))


def report_of(document: Mapping[str, Any], place: str = "document") -> Report:
    """The report that `document` says; everything that is wrong with it is refused at once, each with its place."""
    mistakes = Mistakes()
    reader = _Reader(document, place, mistakes)
    of = reader.choice("of", tuple(SUBJECTS), "visits")
    subject = SUBJECTS[of]
    kind = reader.choice("kind", ("grouped", "list") if subject.columns else ("grouped",), "grouped")
    grouped = kind == "grouped"
    group_by = reader.several("group_by", subject.dimensions, (), MOST_DIMENSIONS) if grouped else ()
    measures = reader.several("measures", subject.measures, subject.usual_measures, None) if grouped else ()
    columns = () if grouped else reader.several("columns", subject.columns, subject.usual_columns, None)
    condition = None
    if (said := reader.take("filter")) is not None:
        condition = condition_of(said, subject.fields, f"{place}.filter", mistakes)
    keys = (*group_by, *measures, *columns)
    order_by = reader.choice("order_by", keys, None) if keys else None
    report = Report(
        of,
        kind,
        group_by,
        measures,
        columns,
        condition,
        order_by,
        reader.flag("descending"),
        reader.whole("limit", MOST_ROWS),
    )
    reader.done()
    mistakes.refuse()
    return report


def written(report: Report) -> dict[str, Any]:
    """The document of a report in its normal form."""
    said: dict[str, Any] = {"of": report.of, "kind": report.kind}
    if report.kind == "grouped":
        said |= {"group_by": list(report.group_by), "measures": list(report.measures)}
    else:
        said |= {"columns": list(report.columns)}
    if report.condition is not None:
        said["filter"] = document_of(report.condition)
    if report.order_by is not None:
        said |= {"order_by": report.order_by, "descending": report.descending}
    return said | {"limit": report.limit}


def definition(report: Report) -> str:
    """What the figures of the report mean."""
    subject = report.subject
    named = {*report.named, *report.measures}
    said = [subject.always] if subject.always else []
    said += [meaning for name, meaning in subject.definitions.items() if name in named]
    if report.by_parts:
        said.append(subject.by_parts)
    if report.of == "clients" and report.condition is not None:
        said.append(OF_CLIENTS)
    return " ".join(said)


class _Reader:
    """The fields of a report one by one; what is wrong is noted with its place."""

    def __init__(self, document: Mapping[str, Any], place: str, mistakes: Mistakes) -> None:
        self.document = document
        self.place = place
        self.mistakes = mistakes
        self.taken: set[str] = set()

    def take(self, name: str) -> Any:
        self.taken.add(name)
        return self.document.get(name)

    def note(self, name: str, code: str, sentence: str) -> None:
        self.mistakes.note(f"{self.place}.{name}", code, sentence)

    def choice(self, name: str, options: Sequence[str], default: Any) -> Any:
        value = self.take(name)
        if value is None:
            return default
        if not isinstance(value, str) or value not in options:
            self.note(name, "field_unknown", f"this must be one of: {', '.join(options)}")
            return default
        return value

    def several(self, name: str, options: Sequence[str], default: Sequence[str], most: int | None) -> tuple[str, ...]:
        values = self.take(name)
        if values is None:
            return tuple(default)
        if not isinstance(values, list | tuple):
            self.note(name, "filter_wrong_type", "this must be a list")
            return tuple(default)
        for index, value in enumerate(values):
            if not isinstance(value, str) or value not in options:
                self.note(f"{name}.{index}", "dimension_unknown", f"this must be one of: {', '.join(options)}")
        found = tuple(dict.fromkeys(value for value in values if isinstance(value, str) and value in options))
        if most is not None and len(found) > most:
            self.note(name, "too_many", f"at most {most} of them")
        return found

    def flag(self, name: str) -> bool:
        value = self.take(name)
        if value is not None and not isinstance(value, bool):
            self.note(name, "filter_wrong_type", "this must be true or false")
        return value is True

    def whole(self, name: str, most: int) -> int:
        value = self.take(name)
        if value is None:
            return most
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            self.note(name, "filter_wrong_type", f"this must be a whole number from 1 to {most}")
            return most
        return value

    def done(self) -> None:
        for name in self.document:
            if name not in self.taken:
                self.note(str(name), "field_unknown", "there is no such field here")
