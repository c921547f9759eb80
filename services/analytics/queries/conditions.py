"""Conditions in SQL."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, true

from services.analytics.domain.conditions import Check, Condition, Either, Every, Not

Compare = Callable[[Check], ColumnElement[bool]]


def clause(condition: Condition | None, fields: Mapping[str, Compare]) -> ColumnElement[bool]:
    """What rows have to fulfil. Every test is true or false and never null, so that `not` means what it says."""
    if condition is None:
        return true()
    if isinstance(condition, Every):
        return and_(true(), *(clause(part, fields) for part in condition.parts))
    if isinstance(condition, Either):
        return or_(false(), *(clause(part, fields) for part in condition.parts))
    if isinstance(condition, Not):
        return not_(clause(condition.part, fields))
    return fields[condition.field](condition)


def value_of(column: ColumnElement[Any]) -> Compare:
    """The tests of a plain column."""
    return lambda check: compared(column, check)


def compared(column: ColumnElement[Any], check: Check) -> ColumnElement[bool]:
    value = check.value
    match check.operator:
        case "is":
            return column.is_not_distinct_from(value)
        case "in":
            among = func.coalesce(column.in_([each for each in value if each is not None]), false())
            return or_(among, column.is_(None)) if None in value else among
        case "at_least":
            found = column >= value
        case "at_most":
            found = column <= value
        case "above":
            found = column > value
        case _:
            found = column < value
    return func.coalesce(found, false())
