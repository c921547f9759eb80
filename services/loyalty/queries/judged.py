"""One client judged: by the programme in force somewhere at an instant, by the facts that counted then."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.loyalty.domain.edges import VELOCITY
from services.loyalty.domain.granting import with_had
from services.loyalty.domain.judging import judge
from services.loyalty.domain.programme import Programme
from services.loyalty.domain.qualifying import NO_PAID_VISIT, REFUNDED
from services.loyalty.domain.standing import Brought, Standing
from services.loyalty.domain.verdict import Verdict
from services.loyalty.queries.dossier import Dossier, without_collecting

LAST = UUID(int=2**128 - 1)  # of all visits of one instant


@dataclass(frozen=True, slots=True)
class Judged:
    """What is true of a client and what follows from it; `newest` is the latest fact behind it."""

    standing: Standing
    programme: Programme
    verdict: Verdict
    newest: datetime | None

    @property
    def counts(self) -> tuple[int, int]:
        """How many people the client brought, and how many of those count."""
        held = [each for each in self.standing.brought if each.level == 1 and refused(each) is None]
        return len(held), sum(each.counts_since is not None for each in held)


def refused(brought: Brought) -> str | None:
    """Why an edge does not hold; that of somebody who only does not count yet does."""
    return None if brought.reason in (None, NO_PAID_VISIT, REFUNDED, VELOCITY) else brought.reason


def judged(dossier: Dossier, client_id: UUID, at: datetime, branch_id: UUID | None = None) -> Judged:
    """What a client has at any visit at `at`, of the chain or of one branch."""
    return judged_by(dossier.programmes.at(branch_id, at), dossier, client_id, at, branch_id)


def judged_by(
    programme: Programme, dossier: Dossier, client_id: UUID, at: datetime, branch_id: UUID | None = None
) -> Judged:
    with without_collecting():
        found = dossier.history.standing(client_id, at, programme)
        standing = with_had(found, dossier.had(client_id, before=(at, LAST)))
        verdict = judge(programme, standing, branch_id=branch_id)
        return Judged(standing, programme, verdict, dossier.newest(standing))
