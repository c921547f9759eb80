"""Request, Event, and the marks that say who may ask and who may see.

A message is one frozen dataclass. From the class alone come its owner (the module), its name on the wire (the class),
its reply, the permission it needs, its codec (`chassis.wire`) and its HTTP schema (`gateway`).
"""

from dataclasses import MISSING, dataclass, field
from datetime import date
from typing import Annotated, Any, ClassVar, Generic, TypeVar, get_args

from msgspec import UNSET, Meta, UnsetType

__all__ = [
    "CONTACTS", "FINANCE", "HEALTH", "INTERNAL", "PUBLIC", "SIGNED_IN", "UNSET",
    "Code", "Cursor", "Event", "Limit", "LongText", "Minutes", "Month", "Name", "Page", "PastPage", "Request", "Text",
    "UnsetType", "Version", "WallClock", "all_events", "all_requests", "sensitive",
]  # fmt: skip

Reply = TypeVar("Reply")
Item = TypeVar("Item")

# Permissions that are not words of a role.
PUBLIC = "public"  # anybody, signed in or not
SIGNED_IN = "signed_in"  # anybody with a valid session
INTERNAL = "internal"  # services only, by their own key

# Kinds of sensitive fields.
CONTACTS = "contacts"
HEALTH = "health"
FINANCE = "finance"

# Bounds that many fields share. A pattern comes with a length, because its `$` lets a line break pass.
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=2_000)]
LongText = Annotated[str, Meta(max_length=10_000)]
Code = Annotated[str, Meta(min_length=1, max_length=64)]
Minutes = Annotated[int, Meta(ge=0, le=24 * 60)]
Limit = Annotated[int, Meta(ge=1, le=200)]
Cursor = Annotated[str, Meta(max_length=500)]
Version = Annotated[int, Meta(ge=1, le=2**62)]
Month = Annotated[str, Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", max_length=7)]
WallClock = Annotated[str, Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", max_length=5)]  # HH:MM; 24:00 ends a day


class Message:
    """What every message has: the service that owns it, by its module or package. Its name is its class's."""

    owner: ClassVar[str]

    def __init_subclass__(cls, **marks: Any) -> None:
        super().__init_subclass__(**marks)
        package, _, module = cls.__module__.partition(".")
        cls.owner = module.partition(".")[0] if package == "contracts" else cls.__module__.rpartition(".")[2]


class Request(Message, Generic[Reply]):
    """An imperative: somebody waits for the reply, at most `timeout` seconds.

    `permission` is a word that a role grants (`appointments.read`) or PUBLIC, SIGNED_IN, INTERNAL; without one the
    class is refused at import. `effects=False` marks a Request that only looks: it runs without a transaction and
    ignores idempotency keys. `keyed=False` marks one with effects that ignores them too (sign-in). `own` are the kinds
    of sensitive fields that the reply shows to whoever has the permission for what is their own.
    """

    permission: ClassVar[str]
    reply: ClassVar[Any]
    timeout: ClassVar[float]
    effects: ClassVar[bool]
    keyed: ClassVar[bool]
    own: ClassVar[frozenset[str]]

    def __init_subclass__(
        cls,
        permission: str | None = None,
        timeout: float = 5.0,
        *,
        effects: bool = True,
        keyed: bool | None = None,
        own: tuple[str, ...] = (),
        **marks: Any,
    ) -> None:
        super().__init_subclass__(**marks)
        if not permission:
            raise TypeError(f"{cls.__name__} declares no permission")
        cls.permission = permission
        cls.timeout = timeout
        cls.effects = effects
        cls.keyed = effects if keyed is None else keyed
        cls.own = frozenset(own)
        cls.reply = next(get_args(base)[0] for base in cls.__orig_bases__ if get_args(base))  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list, and the cursor of the next; None after the last."""

    items: tuple[Item, ...]
    next: str | None = None


@dataclass(frozen=True)
class PastPage(Page[Item], Generic[Item]):
    """A page of what became of something. What happened before `history_from` the caller's roles do not show."""

    history_from: date | None = None


class Event(Message):
    """A past participle: a fact that its owner announces. Ids and business facts only, never personal data."""


def sensitive(mark: str, *, default: Any = MISSING, default_factory: Any = MISSING) -> Any:
    """A dataclass field that the owning service masks for callers who lack `mark`."""
    return field(default=default, default_factory=default_factory, metadata={"sensitive": mark})


def _descendants(base: type[Any], owner: str | None) -> dict[str, type[Any]]:
    return {cls.__name__: cls for cls in base.__subclasses__() if owner in (None, cls.owner)}


def all_requests(owner: str | None = None) -> dict[str, type[Request[Any]]]:
    """Every Request declared in the imported contracts, by name; those of one service if `owner` is given."""
    return _descendants(Request, owner)


def all_events(owner: str | None = None) -> dict[str, type[Event]]:
    """Every Event declared in the imported contracts, by name; those of one service if `owner` is given."""
    return _descendants(Event, owner)
