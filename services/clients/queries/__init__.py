"""What can be seen of client cards, and by whom."""

from services.clients.queries.accounts import account_of, known_currency
from services.clients.queries.cards import names, show, whole
from services.clients.queries.consents import (
    asked_online,
    consent,
    consent_row,
    document,
    documents,
    in_force_online,
    last_consent,
    list_consents,
    online_consents,
    show_consent,
    show_document,
)
from services.clients.queries.export import HeldElsewhere, export
from services.clients.queries.health import matched_conditions
from services.clients.queries.history import changes, earlier, shown, shown_now
from services.clients.queries.lookups import above, by_reference, who_has
from services.clients.queries.pages import page
from services.clients.queries.retention import long_unseen, preview_retention, show_retention
from services.clients.queries.sight import among, found, may_see, of_person, opened, visible
from services.clients.queries.standing import living, standing
from services.clients.queries.views import view
from services.clients.queries.visits import Zones, client_habits, client_revenue, visit_history

__all__ = [
    "HeldElsewhere",
    "Zones",
    "above",
    "account_of",
    "among",
    "asked_online",
    "by_reference",
    "changes",
    "client_habits",
    "client_revenue",
    "consent",
    "consent_row",
    "document",
    "documents",
    "earlier",
    "export",
    "found",
    "in_force_online",
    "known_currency",
    "last_consent",
    "list_consents",
    "living",
    "long_unseen",
    "matched_conditions",
    "may_see",
    "names",
    "of_person",
    "online_consents",
    "opened",
    "page",
    "preview_retention",
    "show",
    "show_consent",
    "show_document",
    "show_retention",
    "shown",
    "shown_now",
    "standing",
    "view",
    "visible",
    "visit_history",
    "who_has",
    "whole",
]
