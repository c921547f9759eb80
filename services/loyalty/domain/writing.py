"""From a programme to its document, in the one normal form: every field, lists in order, percentages as texts."""

from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.loyalty.domain.programme import Holiday, Programme, Reward, Rule
from services.loyalty.domain.referrals import plain

_OUTSIDE = frozenset({"id", "version", "starts", "ends", "branch_id"})  # what is said of a document, not in it


def document_of(programme: Programme) -> dict[str, Any]:
    """What `parsing.programme_of` reads the same programme from."""
    names = (each.name for each in fields(programme) if each.name not in _OUTSIDE)
    return {name: _written(getattr(programme, name)) for name in names}


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{plain(value):f}"
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(str(each) for each in value)
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    if is_dataclass(value):
        return _object(value)
    return value


def _object(value: Any) -> dict[str, Any]:
    written = {each.name: _written(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Holiday):
        written["days"] = [f"{month:02}-{day:02}" for month, day in value.days]
    if isinstance(value, Reward):
        written = {name: part for name, part in written.items() if getattr(value, name)}
    return {"kind": value.kind, **written} if isinstance(value, Rule) else written
