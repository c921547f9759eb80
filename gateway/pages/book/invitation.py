"""The code in a link by which a client invites others: the id of their card, short enough to be read in an address."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

_BYTES = 16


def code_of(client_id: UUID) -> str:
    """For `/book?from=<code>`."""
    return urlsafe_b64encode(client_id.bytes).decode().rstrip("=")


def client_of(code: str | None) -> UUID | None:
    """Whose code it is; None for what is none."""
    try:
        raw = urlsafe_b64decode((code or "").encode("ascii") + b"==")
    except ValueError:
        return None
    return UUID(bytes=raw) if len(raw) == _BYTES else None
