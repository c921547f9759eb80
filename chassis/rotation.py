"""Rotation of master keys: a version comes into use, all data keys are wrapped anew, the old one is retired.

The progress of a rotation is the rows themselves: what is not under the newest version is still to do. So it can be
killed at any moment and begun again, by anybody, also by several at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, delete, func, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from chassis.crypto import Damaged
from chassis.keyring import Keyring, master_versions, person_keys, put_into_use, unwrapped, wrapping_place
from chassis.masters import MasterKeys
from chassis.observability import log
from kernel.errors import Conflict, NotFound

BATCH = 500
NOBODY = UUID(int=0)

WRAP = (
    update(person_keys)
    .where(person_keys.c.person_id == bindparam("person"), person_keys.c.key_class == bindparam("of"))
    .values(master_version=bindparam("under"), wrapped=bindparam("anew"))
)


@dataclass(frozen=True)
class Standing:
    """How many data keys of a class a version wraps, and whether that is the version that wraps new ones."""

    key_class: str
    version: int
    keys: int
    newest: bool


@dataclass(frozen=True)
class Progress:
    """Of `total` data keys `done` are under the newest version, `damaged` do not open and stay as they are."""

    done: int
    total: int
    damaged: int

    @property
    def percent(self) -> float:
        return 100.0 if not self.total else 100.0 * self.done / self.total


class Rotation:
    """What an operator does to the keys of one service, while it runs or not."""

    def __init__(self, keyring: Keyring) -> None:
        self._engine = keyring.engine
        self._masters = keyring.masters
        self._service = keyring.service

    def standings(self) -> list[Standing]:
        """All versions in use, the newest of each class last."""
        wrapped = person_keys.c
        counted = (
            select(master_versions.c.key_class, master_versions.c.version, func.count(wrapped.person_id))
            .outerjoin(person_keys)
            .group_by(master_versions.c.key_class, master_versions.c.version)
            .order_by(master_versions.c.key_class, master_versions.c.version)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(counted).all()
        newest = {row.key_class: row.version for row in rows}
        return [Standing(name, version, keys, version == newest[name]) for name, version, keys in rows]

    def rotate(self, key_class: str) -> Iterator[Progress]:
        """Put the newest version of the material into use and wrap every key of the class under it, in batches.

        Every process must have been able to read that version before: those who share the file or the command can at
        once, those with an environment after a restart.
        """
        master = self._master(key_class)
        with self._engine.begin() as connection:
            put_into_use(connection, key_class, max(master.versions))
        total, left = self._count(key_class)
        done, damaged, after = total - left, 0, NOBODY
        yield Progress(done, total, damaged)
        while True:
            with self._engine.begin() as connection:
                version = _newest(connection, key_class)
                rows = _not_under(connection, key_class, version, after)
                fresh = self._wrapped_anew(rows, master, version)
                if fresh:
                    connection.execute(WRAP, fresh)
            if not rows:
                return
            after = rows[-1].person_id
            done, damaged = done + len(fresh), damaged + len(rows) - len(fresh)
            yield Progress(done, max(total, done), damaged)

    def retire(self, key_class: str, version: int) -> None:
        """Take a version out of use; refused while it wraps anything, or would wrap what is made next."""
        with self._engine.begin() as connection:
            if version == _newest(connection, key_class):
                raise Conflict("version_newest", "the newest version is the one that wraps")
            try:
                connection.execute(
                    delete(master_versions).where(
                        master_versions.c.key_class == key_class, master_versions.c.version == version
                    )
                )
            except IntegrityError:
                raise Conflict("version_in_use", "there are keys under this version; rotate first") from None

    def damaged(self) -> Iterator[tuple[UUID, str, str]]:
        """Person, class and reason of every wrapped key that does not open."""
        after: tuple[UUID, str] = (NOBODY, "")
        place = tuple_(person_keys.c.person_id, person_keys.c.key_class)
        while True:
            with self._engine.connect() as connection:
                rows = connection.execute(
                    select(person_keys)
                    .where(place > tuple_(*after))
                    .order_by(person_keys.c.person_id, person_keys.c.key_class)
                    .limit(BATCH)
                ).all()
            for row in rows:
                if row.key_class in self._masters:
                    try:
                        unwrapped(self._masters, row)
                    except Damaged as damage:
                        yield row.person_id, row.key_class, str(damage)
            if not rows:
                return
            after = (rows[-1].person_id, rows[-1].key_class)

    def _master(self, key_class: str) -> MasterKeys:
        if key_class not in self._masters:
            raise NotFound("master_not_found", f"there is no master key here for the class {key_class}")
        return self._masters[key_class]

    def _count(self, key_class: str) -> tuple[int, int]:
        """All keys of the class, and those not under the newest version."""
        with self._engine.connect() as connection:
            left = func.count().filter(person_keys.c.master_version != _newest(connection, key_class))
            row = connection.execute(select(func.count(), left).where(person_keys.c.key_class == key_class)).one()
            return row[0], row[1]

    def _wrapped_anew(self, rows: list[Row[Any]], master: MasterKeys, version: int) -> list[dict[str, Any]]:
        fresh: list[dict[str, Any]] = []
        for row in rows:
            try:
                key = unwrapped(self._masters, row)
            except Damaged as damage:
                log(self._service).error(
                    "key_damaged", person_id=str(row.person_id), key_class=row.key_class, reason=str(damage)
                )
                continue
            anew = master.wrap(key, wrapping_place(row.person_id, row.key_class), version)
            fresh.append({"person": row.person_id, "of": row.key_class, "under": version, "anew": anew})
        return fresh


def _newest(connection: Connection, key_class: str) -> int:
    newest = connection.scalar(
        select(func.max(master_versions.c.version)).where(master_versions.c.key_class == key_class)
    )
    return newest or 0


def _not_under(connection: Connection, key_class: str, version: int, after: UUID) -> list[Row[Any]]:
    """The next rows to wrap, locked: one that is destroyed meanwhile must not come back."""
    return list(
        connection.execute(
            select(person_keys)
            .where(
                person_keys.c.person_id > after,
                person_keys.c.key_class == key_class,
                person_keys.c.master_version != version,
            )
            .order_by(person_keys.c.person_id)
            .limit(BATCH)
            .with_for_update()
        )
    )
