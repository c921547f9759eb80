"""What a PATCH says, and writing it over the version that its sender saw."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec import UNSET
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import refusal_of
from contracts.message import Request
from kernel.errors import Refusal, Stale


def changes_of(request: Request[Any], *fields: str) -> dict[str, Any]:
    """Those of `fields` that the request says something about."""
    return {field: value for field in fields if (value := getattr(request, field)) is not UNSET}


def check_version(asked: int, current: int) -> None:
    if asked != current:
        raise Stale("version_stale", "somebody has changed it since")


@contextmanager
def refusing(session: Session, refusals: Mapping[str, Refusal]) -> Iterator[None]:
    """Write, and refuse by the name of the constraint that stands against it."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        raise refusal_of(error, refusals) from None
