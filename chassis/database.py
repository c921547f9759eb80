"""Engines, sessions, column types and the names of constraints."""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

# psycopg waits in C and would stop every green thread; told so before its first import, it waits through Python.
os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_select")  # noqa: TID251  read by psycopg, not by us

import psycopg
import uuid_utils
from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from kernel.errors import Refusal

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


# For one transaction: it computes between its statements as long as it takes; it sorts or joins many rows.
PATIENT = text("SET LOCAL idle_in_transaction_session_timeout = 0")
ROOMY = text("SET LOCAL work_mem = '64MB'")


def metadata() -> MetaData:
    """An empty MetaData whose constraints have names that migrations and refusals can rely on."""
    return MetaData(naming_convention=NAMES)


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): sorts by the time it was made."""
    return UUID(int=uuid_utils.uuid7().int)


class Instant(TypeDecorator[datetime]):
    """An aware instant; it comes back in UTC, and a naive one is refused on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant knows its time zone")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value if value is None else value.astimezone(UTC)


def connect(url: str, pool: int = 16) -> Engine:
    """An engine on `url` for `pool` messages at once. Parameters hold personal data and never reach logs or errors."""
    return create_engine(
        url,
        pool_size=pool,
        max_overflow=4,
        pool_timeout=10,
        pool_pre_ping=False,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={"connect_timeout": 5, "options": "-c timezone=UTC"},
    )


def sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine, expire_on_commit=False, autoflush=True)


def is_away(error: BaseException) -> bool:
    """Whether `error` says that the database is away, not that the statement is wrong."""
    if not isinstance(error, OperationalError):
        return False
    cause = error.orig
    return (
        error.connection_invalidated
        or not isinstance(cause, psycopg.Error)
        or cause.sqlstate is None
        or (cause.sqlstate[:2] in ("08", "53", "57", "58"))
    )


def is_clash(error: BaseException) -> bool:
    """Whether the transaction lost against another one (deadlock, serialization) and may simply be tried again."""
    cause = getattr(error, "orig", None)
    return isinstance(cause, psycopg.Error) and cause.sqlstate in ("40001", "40P01")


def refusal_of(error: IntegrityError, refusals: Mapping[str, Refusal]) -> Exception:
    """The refusal that a violated constraint means, by the constraint's name; the error itself if none is named."""
    cause: Any = error.orig
    name = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
    return refusals.get(name or "", error)


def wait_until_there(engine: Engine, seconds: float) -> None:
    """Wait for the database to accept connections, at most `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            engine.connect().close()
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return
