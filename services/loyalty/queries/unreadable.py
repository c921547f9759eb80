"""Every text that is sealed here and does not open, by its id: what an operator asks after a damage."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Select, select
from sqlalchemy.orm import Session

from services.loyalty.queries import certificates as of_certificates
from services.loyalty.queries import edges as of_edges
from services.loyalty.queries import exclusions as of_exclusions
from services.loyalty.queries.points import place_of_reason
from services.loyalty.tables import exclusions, point_texts
from services.loyalty.tables.certificates import certificate_texts
from services.loyalty.tables.reviews import reviews
from services.loyalty.vault import Vault

BATCH = 200


@dataclass(frozen=True)
class Kept:
    """A column of ciphertexts, each of the row `id` under the key of `subject`, bound to a place."""

    what: str
    id: Column[Any]
    subject: Column[Any]
    sealed: Column[Any]
    place: Callable[[UUID], str]

    @property
    def rows(self) -> Select[Any]:
        columns = (self.id.label("id"), self.subject.label("subject"), self.sealed.label("sealed"))
        return select(*columns).where(self.sealed.is_not(None)).execution_options(yield_per=BATCH)


EVERYTHING = (
    Kept("point_entry", point_texts.c.entry_id, point_texts.c.client_id, point_texts.c.text, place_of_reason),
    Kept("exclusion", exclusions.c.id, exclusions.c.client_id, exclusions.c.reason, of_exclusions.place),
    Kept("referral_review", reviews.c.id, reviews.c.client_id, reviews.c.reason, of_edges.place_of),
    Kept(
        "certificate",
        certificate_texts.c.certificate_id,
        certificate_texts.c.subject_id,
        certificate_texts.c.text,
        of_certificates.place_of_comment,
    ),
)


def unreadable(session: Session, vault: Vault) -> Iterator[tuple[str, UUID]]:
    """What and id of all that does not open and is not of somebody who was erased."""
    for kept in EVERYTHING:
        for rows in session.execute(kept.rows).partitions(BATCH):
            vault.look_up_keys({row.subject for row in rows})
            for row in rows:
                if not vault.opens(row.subject, kept.place(row.id), row.sealed):
                    yield kept.what, row.id
