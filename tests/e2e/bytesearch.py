"""Looks for words in the bytes of a whole system: its files, its rows, and whatever any key that exists still opens."""

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from chassis.assembly import key_classes, needs_keyring, service_class
from chassis.config import SERVICES
from chassis.crypto import FORMAT as SEALED
from chassis.crypto import NONCE, TAG, derive, unseal
from chassis.keyring import wrapping_place
from chassis.masters import MasterFile, master_name
from chassis.messaging.idempotency import FORMAT as STORED_REPLY
from chassis.messaging.idempotency import _end_of_marks
from services.clients.vault import FILES
from tests.e2e.systems import ROOT, Running


def texts(value: Any) -> Iterator[str]:
    """All words of a card, but for those that anybody may know."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in ("sex", "channel"):
                yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    else:
        yield value


def forms(text: str) -> set[bytes]:
    """How `text` may be written in a file: as it is, in another case, escaped for JSON or for a URL."""
    spelled = {text, text.lower(), text.upper(), text.casefold()}
    escaped = {json.dumps(each)[1:-1] for each in spelled}
    quoted = {quote(each, safe="@") for each in spelled} | {quote(each, safe="") for each in spelled}
    return {each.encode() for each in spelled | escaped | {each.upper() for each in escaped} | quoted}


class Search:
    """Finds words wherever they stand in clear."""

    def __init__(self, words: Iterable[str]) -> None:
        self.looked_for: dict[bytes, str] = {}
        for word in words:
            self.keep(word)

    def keep(self, word: str) -> str:
        """From now on `word` is sought, too."""
        self.looked_for.update(dict.fromkeys(forms(word), word))
        return word

    def in_bytes(self, content: bytes) -> set[str]:
        return {word for form, word in self.looked_for.items() if form in content}

    def in_folder(self, folder: Path) -> dict[str, set[str]]:
        """What stands in which file below `folder`; files may come and go meanwhile. They are many: grep goes first."""
        patterns = b"\n".join(self.looked_for)
        command = ["grep", "--recursive", "--files-with-matches", "--null", "--text", "--fixed-strings", "--file=-"]
        grep = subprocess.run([*command, folder], input=patterns, env={"LC_ALL": "C"}, capture_output=True)
        found: dict[str, set[str]] = {}
        for file in map(Path, os.fsdecode(grep.stdout).split("\0")[:-1]):
            with suppress(FileNotFoundError):
                found[str(file.relative_to(folder))] = self.in_bytes(file.read_bytes())
        return {file: words for file, words in found.items() if words}

    def in_tables(self, system: Running) -> dict[str, set[str]]:
        """The same row by row, because PostgreSQL compresses what is long; the bytes of sealed columns are unhexed."""
        found: dict[str, set[str]] = {}
        for database in databases(system):
            for table in tables(system, database):
                rows = system.rows(database, f"SELECT row_to_json(t)::text FROM {table} AS t")
                for (row,) in rows:
                    values = [str(value) for value in json.loads(row).values()]
                    raw = [bytes.fromhex(value[2:]) for value in values if value.startswith("\\x")]
                    if here := self.in_bytes(b"\0".join([row.encode(), *(value.encode() for value in values), *raw])):
                        found.setdefault(f"{database}.{table}", set()).update(here)
        return found

    def behind(self, keys: Iterable[bytes], ciphertexts: Iterable[bytes]) -> set[str]:
        """What any of `keys` finds in any of `ciphertexts`, wherever it belongs.

        The tag, which would say that a ciphertext stands in another's place, is not asked.
        """
        wanted = tuple(keys)
        found: set[str] = set()
        for sealed in ciphertexts:
            nonce = sealed[1 : 1 + NONCE] + b"\0\0\0\2"  # where GCM begins to count
            for key in wanted:
                opened = Cipher(algorithms.AES(key), modes.CTR(nonce)).decryptor().update(sealed[1 + NONCE : -TAG])
                if _is_something(opened):
                    found |= self.in_bytes(opened)
        return found


def _is_something(opened: bytes) -> bool:
    """Whether it is what somebody sealed and not noise: text, or what we take as a file."""
    if opened.startswith((b"%PDF", b"RIFF")):
        return True
    try:
        opened.decode()
    except UnicodeDecodeError:
        return False
    return True


def databases(system: Running) -> list[str]:
    rows = system.rows("postgres", "SELECT datname FROM pg_database WHERE datallowconn ORDER BY datname")
    return [name for (name,) in rows]


def tables(system: Running, database: str) -> list[str]:
    rows = system.rows(database, "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname = 'public'")
    return [name for (name,) in rows]


def ciphertexts(system: Running, database: str) -> set[bytes]:
    """Everything in the database that is sealed, whatever column it stands in."""
    columns = system.rows(
        database,
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type = 'bytea'",
    )
    found = set()
    for table, column in columns:
        for (value,) in system.rows(database, f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL'):
            sealed = value[_end_of_marks(value) :] if value[:1] == STORED_REPLY else value
            if sealed[:1] == SEALED and len(sealed) > 1 + NONCE + TAG:
                found.add(bytes(sealed))
    return found


def every_key(system: Running) -> set[bytes]:
    """Every key that opens anything in this system: master keys, what is derived from them, and keys of persons."""
    sources = " ".join(
        file.read_text() for package in ("chassis", "services") for file in (ROOT / package).rglob("*.py")
    )
    purposes = set(re.findall(r'derived\("([^"]+)"\)', sources))
    materials = {file.stem: MasterFile(file).read() for file in (system.folder / "keys").rglob("*.master")}
    masters = {key for material in materials.values() for key in (material.root, *material.versions.values())}
    keys = masters | {derive(key, purpose) for key in masters for purpose in purposes}
    for service in SERVICES:
        if not needs_keyring(service_class(service)):
            continue
        classes = {*key_classes(service_class(service)), FILES}
        rows = system.rows(f"{service}_keys", "SELECT person_id, key_class, master_version, wrapped FROM person_keys")
        for person, key_class, version, wrapped in rows:
            master = materials[master_name(service, key_class)].versions[version]
            key = unseal(master, bytes(wrapped), wrapping_place(person, key_class))
            keys |= {key, *(derive(key, each) for each in classes)}
    return keys
