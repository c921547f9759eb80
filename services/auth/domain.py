"""The rules of rights and sessions: what roles ship, who may grant what, how long to wait after wrong passwords."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kernel.caller import EVERYTHING, Caller

OWNER = "owner"
CLIENTS_ROLE = "client"
OWN = ".own"
CODES = "codes.read"


@dataclass(frozen=True)
class Rights:
    """What a user may do, what sensitive fields they see, and where."""

    permissions: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    branch_ids: frozenset[UUID] = frozenset()
    reveals_per_shift: int | None = 0  # None is no bound; whoever is told nothing of it is given none
    history_days: int | None = 0

    @property
    def everywhere(self) -> bool:
        return EVERYTHING in self.permissions


def added_up(rights: Iterable[Rights], branch_ids: Iterable[UUID] = ()) -> Rights:
    """The rights of several roles together, in `branch_ids`."""
    every = list(rights)
    return Rights(
        frozenset().union(*(one.permissions for one in every)),
        frozenset().union(*(one.marks for one in every)),
        frozenset(branch_ids),
        _widest(one.reveals_per_shift for one in every),
        _widest(one.history_days for one in every),
    )


def _widest(bounds: Iterable[int | None]) -> int | None:
    every = list(bounds)
    return None if None in every else max((one for one in every if one is not None), default=0)


def may_grant(caller: Caller, rights: Rights) -> bool:
    """Whether `caller` has all of `rights`: nobody grants what they lack. A right to all includes that to one's own."""
    return (
        all(_has(caller, word) for word in rights.permissions)
        and all(caller.sees(mark) for mark in rights.marks)
        and all(caller.in_branch(branch) for branch in rights.branch_ids)
        and (caller.everywhere or not rights.everywhere)
        and _covers(caller.reveals_per_shift, rights.reveals_per_shift)
        and _covers(caller.history_days, rights.history_days)
    )


def _covers(bound: int | None, wanted: int | None) -> bool:
    return bound is None or (wanted is not None and wanted <= bound)


def _has(caller: Caller, word: str) -> bool:
    return bool({EVERYTHING, word, word.removesuffix(OWN)} & caller.permissions)


def is_word(word: str, words: Iterable[str]) -> bool:
    """Whether a role may contain `word`: a permission of a message, or that for one's own."""
    return word.removesuffix(OWN) in words


# --- roles that ship ------------------------------------------------------------------------------------------------

MARKS = frozenset({"contacts", "health", "finance"})

NOT_A_MANAGERS = frozenset(
    {
        "branches.create",
        CODES,  # whoever reads a code can sign in as the client
        "export_rules.edit",
        "journal.read",
        "programme.edit",
        "retention.edit",
        "roles.create",
        "roles.edit",
        "settings.edit",
    }
)

ADMINISTRATOR = frozenset(
    {
        "absences.create",
        "absences.delete",
        "absences.edit",
        "absences.read",
        "appointments.cancel",
        "appointments.complete",
        "appointments.create",
        "appointments.edit",
        "appointments.read",
        "appointments.transfer",
        "blocks.create",
        "blocks.delete",
        "blocks.edit",
        "blocks.read",
        "branches.read",
        "categories.read",
        "certificates.read",
        "certificates.sell",
        "client_categories.read",
        "client_changes.read",
        "client_fields.read",
        "client_files.create",
        "client_files.read",
        "client_notes.create",
        "client_notes.edit.own",
        "client_notes.read",
        "client_perks.redeem",
        "clients.create",
        "clients.edit",
        "clients.read",
        "clients.reveal",
        "clients.share_phone",
        "clients_account.charge",
        "clients_account.deposit",
        "clients_account.read",
        "consent_documents.read",
        "consents.create",
        "consents.read",
        "consents.withdraw",
        "enquiries.edit",
        "enquiries.read",
        "feeds.create",
        "feeds.edit",
        "feeds.read",
        "group_events.create",
        "group_events.edit",
        "group_events.read",
        "holidays.read",
        "loyalty.read",
        "loyalty_cards.block",
        "loyalty_cards.issue",
        "loyalty_cards.read",
        "masters.read",
        "memberships.freeze",
        "memberships.read",
        "memberships.sell",
        "programme.read",
        "programme_versions.read",
        "promotions.read",
        "rooms.read",
        "services.read",
        "settings.read",
        "shifts.read",
        "sources.read",
        "visits.read",
        "waiting_list.create",
        "waiting_list.edit",
        "waiting_list.read",
    }
)

MASTER = frozenset(
    {
        "absences.read.own",
        "appointments.read.own",
        "blocks.read.own",
        "branches.read",
        "categories.read",
        "client_categories.read",
        "client_fields.read",
        "client_files.create",
        "client_files.read",
        "client_notes.create",
        "client_notes.edit.own",
        "client_notes.read",
        "client_perks.redeem",
        "clients.read",
        "feeds.create.own",
        "feeds.edit.own",
        "feeds.read.own",
        "group_events.read.own",
        "holidays.read",
        "masters.read",
        "rooms.read",
        "services.read",
        "settings.read",
        "shifts.read.own",
        "sources.read",
        "visits.read",
    }
)

MARKETER = frozenset(
    {
        "analytics.read",
        "branches.read",
        "categories.read",
        "client_categories.read",
        "dashboards.edit",
        "masters.read",
        "programme.read",
        "programme_versions.read",
        "promotions.edit",
        "promotions.read",
        "reports.edit",
        "segments.edit",
        "services.read",
        "settings.read",
        "sources.create",
        "sources.delete",
        "sources.edit",
        "sources.read",
    }
)

ACCOUNTANT = frozenset(
    {
        "analytics.read",
        "appointments.read",
        "appointments.refund",
        "branches.read",
        "categories.read",
        "certificates_liability.read",
        "clients_account.read",
        "dashboards.edit",
        "loyalty_differences.read",
        "masters.read",
        "reports.edit",
        "rooms.read",
        "services.read",
        "settings.read",
    }
)

CLIENT = frozenset(
    {
        "appointments.cancel.own",
        "appointments.create.own",
        "appointments.move.own",
        "appointments.read.own",
        "branches.read",
        "categories.read",
        "certificates.read.own",
        "clients.delete.own",
        "clients.export.own",
        "clients.read.own",
        "clients_account.read.own",
        "consent_documents.read",
        "consents.create.own",
        "consents.read.own",
        "consents.withdraw.own",
        "loyalty.read.own",
        "loyalty_cards.read.own",
        "memberships.read.own",
        "programme.read",
        "services.read",
        "visits.read.own",
        "waiting_list.create.own",
        "waiting_list.edit.own",
        "waiting_list.read.own",
    }
)


def shipped_roles(words: Iterable[str]) -> dict[str, Rights]:
    """The roles that every installation has; `words` are the permissions that there are."""
    every = frozenset(words)
    return {
        OWNER: Rights(frozenset({EVERYTHING}), frozenset({EVERYTHING}), reveals_per_shift=None, history_days=None),
        "manager": Rights(every - NOT_A_MANAGERS, MARKS, reveals_per_shift=300, history_days=None),
        "administrator": Rights(
            ADMINISTRATOR, frozenset({"contacts", "health"}), reveals_per_shift=60, history_days=730
        ),
        "master": Rights(MASTER, history_days=90),
        "marketer": Rights(MARKETER),
        "accountant": Rights(ACCOUNTANT, frozenset({"finance"}), history_days=None),
        "auditor": Rights(
            frozenset(word for word in every - {CODES} if word.endswith(".read")),
            frozenset({"finance"}),
            history_days=None,
        ),
        "client": Rights(CLIENT),
    }


# --- wrong passwords ------------------------------------------------------------------------------------------------

WINDOW = timedelta(minutes=15)  # failures are forgotten so long after the last one
FIRST_WAIT = timedelta(seconds=30)
FREE = {"login": 5, "address": 100}  # failures before the first wait; an address may be a whole salon's


@dataclass(frozen=True)
class Failures:
    """How often signing in failed of late, and when it did last."""

    count: int
    last_at: datetime


def wait_after(failures: Failures, free: int, now: datetime) -> timedelta:
    """How long from `now` until the next attempt: none for `free` failures less one, then doubling up to the window."""
    if failures.count < free:
        return timedelta(0)
    doublings = min(failures.count - free, 10)
    wait = min(FIRST_WAIT * (1 << doublings), WINDOW)
    return max(failures.last_at + wait - now, timedelta(0))


# --- codes to a phone -----------------------------------------------------------------------------------------------

CODE_LIFE = timedelta(minutes=10)  # somebody may have to read it from the outbox and tell it
CONFIRMATION_LIFE = timedelta(minutes=30)  # the time to fill in a booking, and once more if the slot was taken
TRIES = 5
GAP = timedelta(minutes=1)  # between two codes to one phone
COUNTED = timedelta(hours=1)
MOST_CODES = {"phone": 5, "address": 30}  # within that; an address may be a whole salon's


def wait_for_code(to_phone: Sequence[datetime], from_address: Sequence[datetime], now: datetime) -> timedelta:
    """How long from `now` until another code may go to a phone, after those of the last hour, oldest first."""
    waits = [timedelta(0)]
    for times, most in ((to_phone, MOST_CODES["phone"]), (from_address, MOST_CODES["address"])):
        if len(times) >= most:
            waits.append(times[-most] + COUNTED - now)
    return max(waits)


# --- sessions -------------------------------------------------------------------------------------------------------

RETRY = timedelta(seconds=30)  # so long a client whose answer was lost may ask for it again


@dataclass(frozen=True)
class Limits:
    """The longest life of a session, and the longest pause in it."""

    life: timedelta
    idle: timedelta

    def alive_until(self, started_at: datetime, used_at: datetime) -> datetime:
        return min(started_at + self.life, used_at + self.idle)


def may_retry(used_at: datetime, used_with: bytes | None, asked_with: bytes | None, now: datetime) -> bool:
    """Whether a used refresh token is the same call again, not a stolen one."""
    return used_with is not None and used_with == asked_with and now - used_at <= RETRY
