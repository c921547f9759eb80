"""What analytics counts soon after events, counted at once."""

from services.analytics.usecases import count_cohorts, count_days
from tests.harness import Harness


def count(analytics: Harness) -> None:
    for some in (count_days, count_cohorts):
        more = True
        while more:
            with analytics.session() as session, session.begin():
                more = some(session)
