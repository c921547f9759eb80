"""Data keys per person and class of data, wrapped by the service's master keys, in a small database of their own.

A wrapped key beside the data would come back with every backup of them; so wrapped keys live apart, are left out of
ordinary dumps, and erasing a person is destroying their rows here. The key database has its own transactions: a key is
made before the first thing that is sealed with it, and destroyed after the erasure was decided; a crash in between
leaves a key that opens nothing, or an erasure that is done again.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    Uuid,
    bindparam,
    delete,
    exists,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from chassis.config import Misconfigured
from chassis.crypto import Damaged, new_key
from chassis.database import Instant, metadata
from chassis.masters import PERSON, MasterKeys
from chassis.observability import log
from kernel.errors import Conflict

key_metadata = metadata()

# The versions that may wrap. Here and not only in the material: a version that wraps anything cannot be taken out, and
# nobody wraps under one that was taken out, however long ago they read the material.
master_versions = Table(
    "master_versions",
    key_metadata,
    Column("key_class", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("since", Instant, nullable=False, server_default=func.now()),
)

person_keys = Table(
    "person_keys",
    key_metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("key_class", Text, primary_key=True, server_default=PERSON),
    Column("master_version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False, server_default=func.now()),
    ForeignKeyConstraint(["key_class", "master_version"], ["master_versions.key_class", "master_versions.version"]),
)

REMEMBERED_SECONDS = 30
REMEMBERED = 20_000

# All classes of a person in one statement, made once: whoever opens a card comes by here.
KEYS = select(person_keys).where(person_keys.c.person_id.in_(bindparam("ids", expanding=True)))


class Keyring:
    """The data keys of one service. They are remembered for half a minute: a destroyed one is gone soon everywhere.

    `masters` by class of data; a class without one is not readable in this process.
    """

    def __init__(self, engine: Engine, masters: Mapping[str, MasterKeys], service: str) -> None:
        self.engine = engine
        self.masters = masters
        self.service = service
        self._known: dict[UUID, tuple[float, dict[str, bytes]]] = {}

    def make(self, ids: Iterable[UUID], key_class: str = PERSON) -> dict[UUID, bytes]:
        """The keys of `ids`, made where there are none yet; refused if one is there and does not open."""
        wanted = list(dict.fromkeys(ids))
        keys = self.keys(wanted, key_class)
        missing = sorted(person for person in wanted if person not in keys)
        if missing:
            with self.engine.begin() as connection:
                rows = self._wrapped(connection, missing, key_class)
                connection.execute(insert(person_keys).on_conflict_do_nothing(), rows)
            keys |= self.keys(missing, key_class)
        if len(keys) < len(wanted):
            raise Conflict("key_damaged", "the key of this person is damaged")
        return keys

    def keys(self, ids: Iterable[UUID], key_class: str = PERSON) -> dict[UUID, bytes]:
        """The keys of those of `ids` who have one that opens; the others are logged by their ids."""
        if key_class not in self.masters:
            return {}
        now = time.monotonic()
        found: dict[UUID, bytes] = {}
        asked = []
        for person in ids:
            known = self._known.get(person)
            if known and known[0] > now and key_class in known[1]:
                found[person] = known[1][key_class]
            else:
                asked.append(person)
        if asked:
            fetched = self._fetch(asked, now + REMEMBERED_SECONDS)
            found |= {person: keys[key_class] for person, keys in fetched.items() if key_class in keys}
        return found

    def remembered(self, person: UUID, key_class: str) -> bytes | None:
        """The key, if it was fetched just now together with another class of the same person."""
        known = self._known.get(person)
        return known[1].get(key_class) if known and known[0] > time.monotonic() else None

    def has(self, person: UUID) -> bool:
        """Whether there is a key for `person`, whether it opens or not."""
        with self._reading() as connection:
            return bool(
                connection.scalar(
                    select(exists().where(person_keys.c.person_id == person, person_keys.c.key_class == PERSON))
                )
            )

    def close(self) -> None:
        self.engine.dispose()

    def destroy(self, person: UUID) -> None:
        """After this nothing that was sealed for `person`, of whatever class, can be read again."""
        with self.engine.begin() as connection:
            connection.execute(delete(person_keys).where(person_keys.c.person_id == person))
        self._known.pop(person, None)

    def _fetch(self, ids: Sequence[UUID], until: float) -> dict[UUID, dict[str, bytes]]:
        if len(self._known) > REMEMBERED:
            self._known.clear()
        with self._reading() as connection:
            rows = connection.execute(KEYS, {"ids": ids}).all()
        fetched: dict[UUID, dict[str, bytes]] = {}
        for row in rows:
            if row.key_class not in self.masters:
                continue
            try:
                fetched.setdefault(row.person_id, {})[row.key_class] = unwrapped(self.masters, row)
            except Damaged as damage:
                log(self.service).error(
                    "key_damaged", person_id=str(row.person_id), key_class=row.key_class, reason=str(damage)
                )
        for person, keys in fetched.items():
            self._known[person] = (until, keys)
        return fetched

    def _reading(self) -> Connection:
        return self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def _wrapped(self, connection: Connection, ids: Iterable[UUID], key_class: str) -> list[dict[str, Any]]:
        """Rows with fresh keys under the newest version in use."""
        master = self.masters.get(key_class)
        if master is None:
            raise Conflict("key_withheld", f"this service was not given the key of the class {key_class}")
        version = usable_version(connection, key_class, master)
        return [
            {
                "person_id": person,
                "key_class": key_class,
                "master_version": version,
                "wrapped": master.wrap(new_key(), wrapping_place(person, key_class), version),
            }
            for person in ids
        ]


def unwrapped(masters: Mapping[str, MasterKeys], row: Row[Any]) -> bytes:
    """The key in a row of `person_keys`; `Damaged` if it does not open."""
    return masters[row.key_class].unwrap(row.master_version, row.wrapped, wrapping_place(row.person_id, row.key_class))


def wrapping_place(person: UUID, key_class: str) -> str:
    """What binds a wrapped key to its person and class."""
    return str(person) if key_class == PERSON else f"{person}:{key_class}"


def usable_version(connection: Connection, key_class: str, master: MasterKeys) -> int:
    """The newest version in use that this process has, held until the transaction ends, so that nobody retires it.

    The first key of a class puts the newest version of the material into use.
    """
    held = (
        select(master_versions.c.version)
        .where(master_versions.c.key_class == key_class)
        .order_by(master_versions.c.version.desc())
        .with_for_update(read=True, key_share=True)
    )
    in_use: Sequence[int] = connection.scalars(held).all()
    if not in_use:
        put_into_use(connection, key_class, max(master.versions))
        in_use = connection.scalars(held).all()
    for version in in_use:
        if master.has(version):
            return version
    raise Misconfigured(f"of the versions in use of the master key for {key_class} this process has none")


def put_into_use(connection: Connection, key_class: str, version: int) -> None:
    connection.execute(insert(master_versions).values(key_class=key_class, version=version).on_conflict_do_nothing())
