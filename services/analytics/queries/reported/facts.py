"""What the subjects of reports have in common: days, branches, people and the channels that they came through."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, Text, and_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Date, Integer

from kernel.errors import Invalid
from services.analytics.domain.channels import channel_key
from services.analytics.domain.conditions import Check
from services.analytics.domain.intervals import STATES
from services.analytics.domain.reports import Report
from services.analytics.domain.rfm import SEGMENTS
from services.analytics.queries.conditions import Compare, clause, compared
from services.analytics.queries.scope import Channels
from services.analytics.tables import client_standings, clients

IN_ROW = {"branch": "branch_id", "service": "service_id", "master": "master_id", "client": "client_id"}
PATTERNS = {"month": "YYYY-MM", "quarter": 'YYYY-"Q"Q'}
JUDGED: dict[str, Sequence[str]] = {"state": STATES, "rfm": SEGMENTS}  # kept as places in these
TEXTS: Any = ARRAY(Text)


@dataclass(frozen=True)
class Scope:
    """Of what a report is evaluated, both days included; `branches` None is all of them."""

    first: date
    last: date
    branches: Collection[UUID] | None
    today: date

    @property
    def one_branch(self) -> UUID | None:
        """The branch by which people are judged, or None for the chain; there is no judgement over some of them."""
        if self.branches is None:
            return None
        if len(self.branches) != 1:
            raise Invalid.field("branch_id", "branch_needed", "people are judged in the chain or in a branch: name one")
        return next(iter(self.branches))


def in_row(name: str) -> str:
    return IN_ROW.get(name, name)


class Facts(ABC):
    """The rows of a subject within a scope, with what is known beside them, joined as it is asked for."""

    ordered_by: tuple[str, ...] = ("day_", "appointment_id")
    day: ColumnElement[Any]
    client: ColumnElement[Any]
    source: FromClause

    def __init__(self, report: Report, scope: Scope, known_as: Channels) -> None:
        self.report = report
        self.scope = scope
        self.known_as = known_as
        self._joined: dict[str, Any] = {}
        self._begin()
        self.where = [*self._within(), self._condition()]

    @abstractmethod
    def _begin(self) -> None:
        """Say where rows are read from: `source`, `day` and `client`."""

    @abstractmethod
    def _within(self) -> list[ColumnElement[bool]]:
        """What rows are of the scope."""

    def _condition(self) -> ColumnElement[bool]:
        """The filter of the report."""
        fields = {name: self._comparing(name) for name in self.report.subject.fields}
        return clause(self.report.condition, fields)

    @abstractmethod
    def _own(self, name: str) -> Any:
        """What a dimension, column or field is read from that only this subject has."""

    @abstractmethod
    def grouped(self, group_by: tuple[str, ...]) -> Select[Any]:
        """A row per keys, with the figures of the report; without keys one row over all."""

    @abstractmethod
    def listed(self) -> Select[Any]:
        """A row for each, with its columns and what keeps their order."""

    def key(self, name: str) -> Any:
        """What a dimension, a column or a field is read from."""
        match name:
            case "day":
                return self.day
            case "week":
                return cast(func.date_trunc(literal("week"), self.day), Date)
            case "month" | "quarter":
                return func.to_char(self.day, literal(PATTERNS[name], Text))
            case "year":
                return cast(func.extract("year", self.day), Integer)
            case "weekday":
                return cast(func.extract("isodow", self.day), Integer) - 1
            case "source":
                return func.coalesce(self._named().c.name, self._cards().c.root_key)
            case "sex" | "birth_band":
                return self._cards().c[name]
            case "state":
                return self._standings().c.state
            case "rfm":
                return self._standings().c.segment
        return self._own(name)

    def keys(self, names: Sequence[str]) -> list[Any]:
        return [self.key(name).label(in_row(name)) for name in names]

    def _comparing(self, name: str) -> Compare:
        """The test of a field; it is read only where it is asked for."""
        if name == "source":
            return self._is_source
        if name in JUDGED:
            return lambda check: compared(self.key(name), _by_number(check, JUDGED[name]))
        return lambda check: compared(self.key(name), check)

    def _is_source(self, check: Check) -> ColumnElement[bool]:
        """Channels are compared without case."""

        def called(name: str | None) -> str | None:
            return None if name is None else self.known_as.name_of.get(channel_key(name), name)

        value = tuple(map(called, check.value)) if check.operator == "in" else called(check.value)
        return compared(self.key("source"), Check(check.field, check.operator, value))

    # --- what is joined once it is asked for ------------------------------------------------------------------------

    def _join(self, name: str, table: Any, on: Callable[[Any], ColumnElement[bool]]) -> Any:
        """`table` beside each row, where it has something to say of it."""
        if name not in self._joined:
            self._joined[name] = table
            self.source = self.source.outerjoin(table, on(table))
        return self._joined[name]

    def _cards(self) -> Any:
        return self._join("cards", clients.alias("cards"), lambda cards: cards.c.client_id == self.client)

    def _named(self) -> Any:
        """Two keys may be one channel, so it goes by what it is called."""
        keys = [key for key in self.known_as.key_of if key is not None]
        names = [self.known_as.name(key) for key in keys]
        columns = func.unnest(literal(keys, TEXTS)).label("key"), func.unnest(literal(names, TEXTS)).label("name")
        cards = self._cards()
        return self._join("named", select(*columns).subquery("named"), lambda named: named.c.key == cards.c.root_key)

    def _standings(self) -> Any:
        branch = self.scope.one_branch
        return self._join(
            "standing",
            client_standings.alias("standing"),
            lambda judged: and_(judged.c.client_id == self.client, judged.c.branch_id.is_not_distinct_from(branch)),
        )


def _by_number(check: Check, names: Sequence[str]) -> Check:
    """The same test of a column that holds places in `names`."""

    def place(name: str | None) -> int | None:
        return None if name is None else [*names].index(name)

    value = tuple(map(place, check.value)) if check.operator == "in" else place(check.value)
    return Check(check.field, check.operator, value)


def within(facts: Any, scope: Scope) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = [facts.c.local_date.between(scope.first, scope.last)]
    return asked if scope.branches is None else [*asked, facts.c.branch_id.in_(scope.branches)]


def per(keys: Sequence[Any], asked: Select[Any]) -> Select[Any]:
    return asked.group_by(*(key.element for key in keys)) if keys else asked
