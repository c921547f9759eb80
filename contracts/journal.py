"""What an event says that belongs into the journal; the journal itself is kept by auth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.message import Code


@dataclass(frozen=True)
class Deed:
    """The fields of such an event: what somebody did, when, to what; ids and codes only, never personal data.

    `action` is the subject and a past participle (`client.revealed`). `actor_id` is None where the service did it by
    itself. `details` are lists of ids, codes or counts as text.
    """

    action: Code
    subject_kind: Code
    occurred_at: datetime
    subject_id: UUID | None = None
    actor_id: UUID | None = None
    branch_id: UUID | None = None
    details: Mapping[Code, tuple[Code, ...]] = field(default_factory=dict)
