"""Where client cards are kept: what may be read by anybody in columns, what is the person's own sealed."""

from services.clients.tables.accounts import account_entries, account_lines, account_texts, accounts, visit_debts
from services.clients.tables.base import tables
from services.clients.tables.cards import (
    EMAIL,
    LAST_DIGITS,
    NAME,
    PHONE,
    card_rows,
    client_branches,
    clients,
    compared_by,
    search_index,
    sources,
)
from services.clients.tables.consents import consent_documents, consents, withdrawals
from services.clients.tables.discounts import personal_discounts
from services.clients.tables.exports import bulk_export_parts, bulk_exports, export_rules
from services.clients.tables.files import file_parts, files, upload_parts
from services.clients.tables.finding import NO_BRANCH, findable
from services.clients.tables.forms import contact_forms, enquiries
from services.clients.tables.history import card_versions
from services.clients.tables.imports import (
    client_imports,
    import_chunks,
    import_keys_over,
    import_keys_seen,
    import_parts,
    import_rows,
    import_runs,
)
from services.clients.tables.labels import client_categories, client_fields, field_values
from services.clients.tables.merges import merges, not_duplicates
from services.clients.tables.notes import notes
from services.clients.tables.occasions import birthdays, birthdays_sought, occasions
from services.clients.tables.perks import perks, redemptions
from services.clients.tables.photos import photos
from services.clients.tables.retention import retention
from services.clients.tables.reveals import openings, reveal_shifts
from services.clients.tables.sorting import sorted_labels, sortings, unmeasured, untold
from services.clients.tables.visits import visits

__all__ = [
    "EMAIL",
    "LAST_DIGITS",
    "NAME",
    "NO_BRANCH",
    "PHONE",
    "account_entries",
    "account_lines",
    "account_texts",
    "accounts",
    "birthdays",
    "birthdays_sought",
    "bulk_export_parts",
    "bulk_exports",
    "card_rows",
    "card_versions",
    "client_branches",
    "client_categories",
    "client_fields",
    "client_imports",
    "clients",
    "compared_by",
    "consent_documents",
    "consents",
    "contact_forms",
    "enquiries",
    "export_rules",
    "field_values",
    "file_parts",
    "files",
    "findable",
    "import_chunks",
    "import_keys_over",
    "import_keys_seen",
    "import_parts",
    "import_rows",
    "import_runs",
    "merges",
    "not_duplicates",
    "notes",
    "occasions",
    "openings",
    "perks",
    "personal_discounts",
    "photos",
    "redemptions",
    "retention",
    "reveal_shifts",
    "search_index",
    "sorted_labels",
    "sortings",
    "sources",
    "tables",
    "unmeasured",
    "untold",
    "upload_parts",
    "visit_debts",
    "visits",
    "withdrawals",
]
