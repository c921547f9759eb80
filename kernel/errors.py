"""The few kinds of refusal, each with a code that finishes the sentence "refused because…"."""

from typing import Any, ClassVar


class Refusal(Exception):  # noqa: N818  a refusal is an answer, not a failure
    """A request that was understood and is refused.

    `code` is stable and machine-readable, `message` a sentence for people without personal data, and `details`
    holds what a client may act on: `errors` (field -> sentences), `conflicts`, `alternatives`, `retry_after` (seconds),
    and for the second of two editors `theirs`, `current` and `original`.
    """

    kind: ClassVar[str] = "refusal"

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details = details


class NotFound(Refusal):
    """Nothing of that id, or nothing that the caller may see."""

    kind = "not_found"


class Gone(Refusal):
    """It existed and is no more."""

    kind = "gone"


class Conflict(Refusal):
    """Right in itself, but not now: what time may change."""

    kind = "conflict"


class Stale(Refusal):
    """The caller saw an older version."""

    kind = "stale"


class Invalid(Refusal):
    """Wrong in itself; `details["errors"]` names the fields."""

    kind = "invalid"

    @classmethod
    def field(cls, field: str, code: str, message: str) -> "Invalid":
        """Refuse one field; nested fields are written with dots (`segments.0.service_id`)."""
        return cls(code, message, errors={field: [message]})


class Forbidden(Refusal):
    """The caller lacks the right."""

    kind = "forbidden"


class Unauthenticated(Refusal):
    """Nobody knows who asks."""

    kind = "unauthenticated"


class Throttled(Refusal):
    """Too often; `details["retry_after"]` says in how many seconds to try again."""

    kind = "throttled"


class Unavailable(Refusal):
    """A service that is needed did not answer: away (`service_unavailable`) or too late (`timed_out`)."""

    kind = "unavailable"


KINDS: dict[str, type[Refusal]] = {
    kind.kind: kind
    for kind in (NotFound, Gone, Conflict, Stale, Invalid, Forbidden, Unauthenticated, Throttled, Unavailable)
}
