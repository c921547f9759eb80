"""The only importer of `cryptography` and `jwt`: envelopes, blind indexes, signatures and the files that keep keys."""

import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kernel.caller import EVERYTHING, Caller
from kernel.errors import Unauthenticated

FORMAT = b"\x01"
NONCE = 12
TAG = 16
KEY = 32


class Damaged(Exception):  # noqa: N818  reads better in `except`
    """A ciphertext does not open: it was changed, moved to another place, or its key is another one."""


# --- envelopes ------------------------------------------------------------------------------------------------------


def new_key() -> bytes:
    """256 random bits."""
    return secrets.token_bytes(KEY)


def seal(key: bytes, plain: bytes, bound_to: str) -> bytes:
    """AES-256-GCM of `plain`: format byte, nonce, ciphertext and tag. `bound_to` names the place that it belongs to."""
    nonce = os.urandom(NONCE)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """What `seal` was given; `Damaged` if a bit, the key or the place differs."""
    if sealed[:1] != FORMAT:
        raise Damaged("unknown format")
    if len(sealed) < len(FORMAT) + NONCE + TAG:
        raise Damaged("a part is missing")
    try:
        return AESGCM(key).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], bound_to.encode())
    except InvalidTag:
        raise Damaged("the tag does not fit") from None


def derive(key: bytes, purpose: str) -> bytes:
    """A key of its own for `purpose` (HKDF-SHA256, RFC 5869)."""
    return HKDF(hashes.SHA256(), KEY, None, purpose.encode()).derive(key)


def blind_index(key: bytes, text: str, size: int = 16) -> bytes:
    """A keyed fingerprint of `text` (HMAC-SHA256, cut to `size` bytes) by which equal texts can be found."""
    return hmac.digest(key, text.encode(), "sha256")[:size]


def fingerprint(text: str | bytes) -> bytes:
    """SHA-256, for what is random already (tokens) or not secret (bodies of requests)."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).digest()


# --- identities -----------------------------------------------------------------------------------------------------

ALGORITHM = "EdDSA"
USERS = "users"


class TokenSigner:
    """Signs access tokens with an Ed25519 key: auth for users, every service for itself."""

    def __init__(self, key: Ed25519PrivateKey, issuer: str) -> None:
        self._key = key
        self._issuer = issuer

    def sign(self, caller: Caller, expires_at: float) -> str:
        """A token that says who `caller` is until `expires_at` (seconds since 1970)."""
        claims: dict[str, Any] = {"exp": int(expires_at), "kind": caller.kind}
        if caller.service:
            claims["svc"] = caller.service
        else:
            claims |= {
                "sub": str(caller.id),
                "sid": str(caller.session_id),
                "per": sorted(caller.permissions),
                "mrk": sorted(caller.marks),
                "bra": [str(branch) for branch in sorted(caller.branch_ids)],
                "all": caller.everywhere,
            }
            if caller.client_id:
                claims["cli"] = str(caller.client_id)
            if caller.reveals_per_shift is not None:
                claims["rev"] = caller.reveals_per_shift
            if caller.history_days is not None:
                claims["his"] = caller.history_days
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self._issuer})


class TokenVerifier:
    """Turns tokens into callers; remembers those it has verified, because a signature costs more than a look-up."""

    def __init__(self, public_keys: dict[str, Ed25519PublicKey], remembered: int = 10_000) -> None:
        self._keys = public_keys
        self._verified: dict[str, tuple[float, Caller]] = {}
        self._remembered = remembered

    def verify(self, token: str) -> Caller:
        """The caller whom `token` names; `Unauthenticated` if it is false or has expired."""
        known = self._verified.get(token)
        if known is None:
            known = self._check(token)
            if len(self._verified) >= self._remembered:
                self._verified.clear()
            self._verified[token] = known
        if known[0] <= time.time():
            self._verified.pop(token, None)
            raise Unauthenticated("token_expired", "the access token has expired")
        return known[1]

    def _check(self, token: str) -> tuple[float, Caller]:
        try:
            issuer = jwt.get_unverified_header(token).get("kid", "")
            claims = jwt.decode(
                token, self._keys[issuer], algorithms=[ALGORITHM], options={"require": ["exp"], "verify_exp": False}
            )
            return float(claims["exp"]), _caller(claims, issuer)
        except (jwt.PyJWTError, KeyError, ValueError, TypeError):
            raise Unauthenticated("token_invalid", "the access token is not valid") from None


def _caller(claims: dict[str, Any], issuer: str) -> Caller:
    if issuer != USERS:
        if claims.get("svc") != issuer:
            raise ValueError("a service speaks for itself only")
        # What only services may ask is made for them; whom they answer in turn gets it masked.
        return Caller(kind="service", service=issuer, marks=frozenset({EVERYTHING}), everywhere=True)
    return Caller(
        id=UUID(claims["sub"]),
        kind="user",
        permissions=frozenset(claims["per"]),
        marks=frozenset(claims["mrk"]),
        branch_ids=frozenset(UUID(branch) for branch in claims["bra"]),
        everywhere=bool(claims["all"]),
        client_id=UUID(claims["cli"]) if "cli" in claims else None,
        session_id=UUID(claims["sid"]),
        reveals_per_shift=_bound(claims, "rev"),
        history_days=_bound(claims, "his"),
    )


def _bound(claims: dict[str, Any], name: str) -> int | None:
    return int(claims[name]) if name in claims else None


# --- key files ------------------------------------------------------------------------------------------------------


class KeyFolder:
    """The files that keep keys: `<name>.key` signs for users or a service, `public.json` verifies, `<name>.master`.

    In production each container is given only its own files and `public.json`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, identities: Iterable[str], masters: Iterable[str]) -> None:
        """Make what is missing and leave alone what is there."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in (USERS, *identities):
            if not self._file(f"{name}.key").exists():
                raw = Ed25519PrivateKey.generate().private_bytes(
                    serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
                )
                self._write(f"{name}.key", raw.hex())
        for name in masters:
            if not self._file(f"{name}.master").exists():
                self._write(f"{name}.master", json.dumps({"1": new_key().hex()}))
        public = {
            file.stem: self._private(file.stem)
            .public_key()
            .public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            .hex()
            for file in sorted(self.folder.glob("*.key"))
        }
        self._write("public.json", json.dumps(public))

    def signer(self, name: str) -> TokenSigner:
        return TokenSigner(self._private(name), name)

    def verifier(self) -> TokenVerifier:
        texts = json.loads(self._file("public.json").read_text())
        return TokenVerifier({name: Ed25519PublicKey.from_public_bytes(bytes.fromhex(x)) for name, x in texts.items()})

    def secret(self, name: str, purpose: str) -> bytes:
        """32 bytes that only whoever has the key of `name` can make, others for each `purpose`."""
        return hmac.digest(bytes.fromhex(self._file(f"{name}.key").read_text()), purpose.encode(), "sha256")

    def _private(self, name: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self._file(f"{name}.key").read_text()))

    def _file(self, name: str) -> Path:
        return self.folder / name

    def _write(self, name: str, text: str) -> None:
        write_secret(self._file(name), text)


def write_secret(path: Path, text: str) -> None:
    """Whole or not at all, and readable by the owner only, from the first byte."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
