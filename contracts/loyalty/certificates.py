"""Gift certificates: sold for money, redeemed by whoever has the code."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.message import FINANCE, Cursor, Event, Limit, Page, Request, Text, sensitive
from kernel.money import Money

PassPaidBy = Literal["cash", "card", "transfer"]
CertificateState = Literal["active", "used_up", "expired", "blocked"]
CertificateEntryKind = Literal["sold", "redeemed", "reversed", "expired", "blocked", "unblocked"]
CertificateBlockReason = Literal["lost", "stolen", "mistake", "fraud", "other"]
CertificateCode = Annotated[str, Meta(min_length=1, max_length=64)]


@dataclass(frozen=True)
class Certificate:
    """`balance` is what is left of `amount`, `reserved` what of it is set aside for a visit.

    `code` is told once, when it is sold; afterwards only its last four characters are known. Clients are not told of
    others whose certificate it is.
    """

    id: UUID
    last_characters: str
    branch_id: UUID
    amount: Money
    balance: Money
    reserved: Money
    state: CertificateState
    paid_by: PassPaidBy
    sold_at: datetime
    sold_by: UUID | None
    expires_at: datetime | None
    buyer_id: UUID | None
    recipient_id: UUID | None
    block_reason: CertificateBlockReason | None = None
    comment: str | None = None
    code: str | None = None


@dataclass(frozen=True)
class CertificateEntry:
    """One entry, never changed: `amount` more or less, and what stood there afterwards."""

    id: UUID
    number: int
    kind: CertificateEntryKind
    amount: Money
    balance: Money
    at: datetime
    author_id: UUID | None = None
    appointment_id: UUID | None = None


@dataclass(frozen=True)
class SellCertificate(Request[Certificate], permission="certificates.sell"):
    """Without `expires_at` it never expires. Who buys it and who gets it need not be said."""

    branch_id: UUID
    amount: Money
    paid_by: PassPaidBy
    expires_at: datetime | None = None
    buyer_id: UUID | None = None
    recipient_id: UUID | None = None


@dataclass(frozen=True)
class ShowCertificate(Request[Certificate], permission="certificates.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListCertificates(Request[Page[Certificate]], permission="certificates.read", effects=False):
    """The newest first: those sold in the caller's branches, or those that a client bought or got."""

    branch_id: UUID | None = None
    client_id: UUID | None = None
    state: CertificateState | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ListCertificateEntries(Request[Page[CertificateEntry]], permission="certificates.read", effects=False):
    """The newest first."""

    id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class LookUpCertificate(Request[Certificate], permission="certificates.read", keyed=False):
    """By its code, as somebody reads it out. Whoever asks for codes that there are not has to wait, ever longer."""

    code: CertificateCode


@dataclass(frozen=True)
class BlockCertificate(Request[Certificate], permission="certificates.block"):
    """Nobody pays with it from now on; what was set aside before is still used. The comment is for the salon only."""

    id: UUID
    reason: CertificateBlockReason
    comment: Text | None = None


@dataclass(frozen=True)
class UnblockCertificate(Request[Certificate], permission="certificates.block"):
    id: UUID


@dataclass(frozen=True)
class BranchLiability:
    """What a branch has sold and not yet earned: `blocked` is the part of `outstanding` that nobody can redeem now."""

    branch_id: UUID
    certificates: int
    outstanding: Money | None = sensitive(FINANCE, default=None)
    blocked: Money | None = sensitive(FINANCE, default=None)


@dataclass(frozen=True)
class CertificateLiability:
    """What is owed to holders of certificates as of `as_of`, by the branch that sold them."""

    as_of: datetime
    branches: tuple[BranchLiability, ...]


@dataclass(frozen=True)
class ShowCertificateLiability(Request[CertificateLiability], permission="certificates_liability.read", effects=False):
    branch_id: UUID | None = None


@dataclass(frozen=True)
class CertificateSold(Event):
    """Money came in for a certificate, in minor units: it is owed, not earned, until a visit is paid with it."""

    certificate_id: UUID
    branch_id: UUID
    amount: int
    currency: str
    paid_by: str
    expires_at: datetime | None
    occurred_at: datetime
