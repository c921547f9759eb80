"""What can be seen of client cards, and by whom."""

from services.clients.queries.cards import names, show
from services.clients.queries.consents import (
    consent,
    consent_row,
    document,
    documents,
    last_consent,
    list_consents,
    show_consent,
    show_document,
)
from services.clients.queries.health import matched_conditions
from services.clients.queries.history import changes, earlier, shown
from services.clients.queries.lookups import above, by_reference, spellings, who_has
from services.clients.queries.pages import page
from services.clients.queries.sight import among, found, may_see, opened, visible
from services.clients.queries.standing import living, standing
from services.clients.queries.views import view
from services.clients.queries.visits import client_habits, client_revenue, visit_history

__all__ = [
    "above",
    "among",
    "by_reference",
    "changes",
    "client_habits",
    "client_revenue",
    "consent",
    "consent_row",
    "document",
    "documents",
    "earlier",
    "found",
    "last_consent",
    "list_consents",
    "living",
    "matched_conditions",
    "may_see",
    "names",
    "opened",
    "page",
    "show",
    "show_consent",
    "show_document",
    "shown",
    "spellings",
    "standing",
    "view",
    "visible",
    "visit_history",
    "who_has",
]
