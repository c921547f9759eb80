"""Master keys: their versions, and where a service finds them: in a file, in the environment, or by a command."""

import contextlib
import fcntl
import json
import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from chassis.config import MasterSource, Misconfigured, Settings
from chassis.crypto import KEY, Damaged, derive, new_key, seal, unseal, write_secret

PERSON = "person"  # the class of data that every keyring has
ROOT = "root"  # in the material: what keys are derived from once the first version is retired
READ_AGAIN_SECONDS = 1.0  # a source is not asked more often, whatever unknown versions come by
COMMAND_SECONDS = 30.0  # that a command may take

_IS_HEX = re.compile(r"[0-9a-fA-F]{64}").fullmatch


@dataclass(frozen=True)
class Material:
    """What a source of master keys holds: the versions, and the key that others are derived from."""

    versions: Mapping[int, bytes] = field(repr=False)
    root: bytes = field(repr=False)

    @classmethod
    def read(cls, text: str) -> "Material":
        """64 hexadecimal digits, which are version 1, or versions by number in JSON; `ValueError` without content."""
        try:
            said = {"1": text} if _IS_HEX(text.strip()) else json.loads(text)
            keys = {name: bytes.fromhex(value) for name, value in said.items()}
            versions = {int(name): key for name, key in keys.items() if name != ROOT}
        except (ValueError, TypeError, AttributeError):
            raise ValueError("neither 64 hexadecimal digits nor versions by number") from None
        if not versions or min(versions) < 1 or {len(key) for key in keys.values()} != {KEY}:
            raise ValueError("a master key has 256 bits, and its versions count from 1")
        return cls(versions, keys.get(ROOT) or versions[min(versions)])

    def text(self) -> str:
        """What `read` reads."""
        keys = {str(version): key for version, key in sorted(self.versions.items())}
        if self.root != self.versions[min(self.versions)]:
            keys[ROOT] = self.root
        return json.dumps({name: key.hex() for name, key in keys.items()})


class MasterKeys:
    """The versions of one master key, from wherever `read` finds them; read again when a version is not known.

    So a process that started before a version was made learns it with the first key that is wrapped under it.
    """

    def __init__(self, read: Callable[[], Material]) -> None:
        self._read = read
        self._material = read()
        self._read_at = float("-inf")

    @property
    def versions(self) -> frozenset[int]:
        """The versions, read anew."""
        self._material = self._read()
        return frozenset(self._material.versions)

    def has(self, version: int) -> bool:
        return self._find(version) is not None

    def wrap(self, key: bytes, bound_to: str, version: int) -> bytes:
        master = self._find(version)
        if master is None:
            raise Damaged(f"no master key of version {version}")
        return seal(master, key, bound_to)

    def unwrap(self, version: int, wrapped: bytes, bound_to: str) -> bytes:
        master = self._find(version)
        if master is None:
            raise Damaged(f"no master key of version {version}")
        return unseal(master, wrapped, bound_to)

    def derived(self, purpose: str) -> bytes:
        """A key for `purpose` that stays the same when the master key is rotated and its first version retired."""
        return derive(self._material.root, purpose)

    def _find(self, version: int) -> bytes | None:
        if version not in self._material.versions and time.monotonic() > self._read_at + READ_AGAIN_SECONDS:
            self._read_at = time.monotonic()
            with contextlib.suppress(Misconfigured):  # a source that is away for a moment: what is known stays known
                self._material = self._read()
        return self._material.versions.get(version)


class MasterFile:
    """A file of master keys: read, one version added, one left out."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Material:
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise Misconfigured(f"the master key cannot be read from {self.path}") from None
        return _material(text, str(self.path))

    def add(self) -> int:
        """Make one more version; its number. It wraps nothing before a rotation begins."""
        with self._alone():
            material = self.read()
            version = max(material.versions) + 1
            write_secret(self.path, replace(material, versions={**material.versions, version: new_key()}).text())
        return version

    def leave_out(self, version: int) -> None:
        """Forget a version; what is derived stays as it was."""
        with self._alone():
            material = self.read()
            rest = {number: key for number, key in material.versions.items() if number != version}
            if rest != material.versions:
                write_secret(self.path, replace(material, versions=rest).text())

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Two who change the file at once would lose a version between them."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def master_name(service: str, key_class: str = PERSON) -> str:
    """The name of a master key, by which files and settings know it."""
    return service if key_class == PERSON else f"{service}.{key_class}"


def master_file(config: Settings, name: str) -> MasterFile | None:
    """The file that the master key `name` is in; None if it comes from elsewhere."""
    source = config.masters.get(name, MasterSource())
    if source.text or source.command:
        return None
    return MasterFile(source.file or config.keys / f"{name}.master")


def find_master(config: Settings, name: str) -> MasterKeys:
    """The master key `name` from where the settings say; `Misconfigured` says what is wrong, never with content."""
    source = config.masters.get(name, MasterSource())
    file = master_file(config, name)
    if file:
        return MasterKeys(file.read)
    text, command = source.text, source.command
    if text:
        return MasterKeys(lambda: _material(text, f"{source.setting}, which is set,"))
    assert command
    return MasterKeys(
        lambda: _material(_said_by(command, source.setting), f"what the command of {source.setting} says")
    )


def find_masters(config: Settings, service: str, classes: tuple[str, ...]) -> dict[str, MasterKeys]:
    """The master keys of `classes`. One that was not given to this process is left out: it cannot read that class."""
    found = {}
    for key_class in classes:
        name = master_name(service, key_class)
        file = None if name in config.masters else master_file(config, name)
        if key_class == PERSON or file is None or file.path.exists():
            found[key_class] = find_master(config, name)
    return found


def _material(text: str, place: str) -> Material:
    try:
        return Material.read(text)
    except ValueError as error:
        raise Misconfigured(f"{place} holds no master key: {error}") from None


def _said_by(command: str, setting: str) -> str:
    """What `command` writes; its own complaints go where those of this process go."""
    try:
        done = subprocess.run(  # noqa: S603  the operator's own command, and no shell
            shlex.split(command), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=COMMAND_SECONDS, check=False
        )
    except (OSError, ValueError):
        raise Misconfigured(f"the command of {setting} cannot be run") from None
    except subprocess.TimeoutExpired:
        raise Misconfigured(f"the command of {setting} took longer than {COMMAND_SECONDS:.0f} seconds") from None
    if done.returncode:
        raise Misconfigured(f"the command of {setting} failed with {done.returncode}")
    return done.stdout.decode("utf-8", "replace")
