"""How passwords are kept and compared: argon2id, one at a time, away from the hub that everybody waits on."""

import base64
import secrets
import string
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chassis.aside import Lane

KINDS = {
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "digits": string.digits,
    "symbols": "!#%+-.:=?@_~",  # that no shell and no form takes for something else
}

_hasher = PasswordHasher()
_away = Lane()  # 150 ms, 64 MiB and a core for each


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).rstrip(b"=").decode()


# What the password of nobody is compared with, so that an unknown login takes as long as a wrong password.
NOBODYS = (
    f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    f"${_text(bytes(_hasher.salt_len))}${_text(secrets.token_bytes(_hasher.hash_len))}"
)


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _away(_hasher.hash, password)


def fits(kept: str, password: str) -> bool:
    """Whether `password` is the one of which `kept` was kept."""

    def compare() -> bool:
        try:
            return _hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    return _away(compare)


def is_outdated(kept: str) -> bool:
    """Whether `kept` was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def generated(length: int, kinds: Sequence[str]) -> str:
    """A random password of `length` characters, at least one of each of `kinds`."""
    alphabet = "".join(KINDS[kind] for kind in kinds)
    while True:  # drawn anew, not patched: every password that will do is as likely as any other
        password = "".join(secrets.choice(alphabet) for _ in range(length))
        if all(set(password) & set(KINDS[kind]) for kind in kinds):
            return password
