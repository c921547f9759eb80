"""A data key per person, wrapped by the service's master key, in a small database of its own.

A wrapped key beside the data would come back with every backup of them; so wrapped keys live apart, are left out of
ordinary dumps, and erasing a person is destroying one row here. The key database has its own transactions: a key is
made before the first thing that is sealed with it, and destroyed after the erasure was decided; a crash in between
leaves a key that opens nothing, or an erasure that is done again.
"""

import time
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Column, Engine, Integer, LargeBinary, Table, Uuid, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from chassis.crypto import MasterKeys, new_key
from chassis.database import Instant, metadata

key_metadata = metadata()

person_keys = Table(
    "person_keys",
    key_metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("master_version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False, server_default=func.now()),
)

REMEMBERED_SECONDS = 30
REMEMBERED = 20_000


class Keyring:
    """The data keys of one service. They are remembered for half a minute: a destroyed one is gone soon everywhere."""

    def __init__(self, engine: Engine, master: MasterKeys) -> None:
        self._engine = engine
        self._master = master
        self._known: dict[UUID, tuple[float, bytes]] = {}

    def make(self, ids: Iterable[UUID]) -> dict[UUID, bytes]:
        """The keys of `ids`, made where there are none yet."""
        wanted = list(dict.fromkeys(ids))
        keys = self.keys(wanted)
        fresh = []
        for person in wanted:
            if person not in keys:
                version, wrapped = self._master.wrap(new_key(), str(person))
                fresh.append({"person_id": person, "master_version": version, "wrapped": wrapped})
        if fresh:
            with self._engine.begin() as connection:
                connection.execute(insert(person_keys).on_conflict_do_nothing(), fresh)
            keys |= self.keys(row["person_id"] for row in fresh)  # type: ignore[misc]
        return keys

    def keys(self, ids: Iterable[UUID]) -> dict[UUID, bytes]:
        """The keys of those of `ids` who have one."""
        now = time.monotonic()
        found: dict[UUID, bytes] = {}
        asked = []
        for person in ids:
            known = self._known.get(person)
            if known and known[0] > now:
                found[person] = known[1]
            else:
                asked.append(person)
        if asked:
            if len(self._known) > REMEMBERED:
                self._known.clear()
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                rows = connection.execute(
                    select(person_keys.c.person_id, person_keys.c.master_version, person_keys.c.wrapped).where(
                        person_keys.c.person_id.in_(asked)
                    )
                ).all()
            for row in rows:
                key = self._master.unwrap(row.master_version, row.wrapped, str(row.person_id))
                found[row.person_id] = key
                self._known[row.person_id] = (now + REMEMBERED_SECONDS, key)
        return found

    def close(self) -> None:
        self._engine.dispose()

    def destroy(self, person: UUID) -> None:
        """After this nothing that was sealed for `person` can be read again."""
        self._known.pop(person, None)
        with self._engine.begin() as connection:
            connection.execute(delete(person_keys).where(person_keys.c.person_id == person))
