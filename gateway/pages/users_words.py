"""Permissions and roles in words: what a role may do with what, by parts of the salon's work."""

from gateway.pages.languages import gettext
from gateway.pages.languages import noted as _

ROLES = {
    "owner": _("Owner"),
    "manager": _("Manager"),
    "administrator": _("Administrator"),
    "master": _("Master"),
    "marketer": _("Marketer"),
    "accountant": _("Accountant"),
    "auditor": _("Auditor"),
    "client": _("Client"),
}

GROUPS: tuple[tuple[str, dict[str, str]], ...] = (
    (
        _("Desk"),
        {
            "appointments": _("Appointments"),
            "waiting_list": _("Waiting list"),
            "group_events": _("Group events"),
            "visits": _("Visits of the past"),
            "feeds": _("Calendar feeds"),
        },
    ),
    (
        _("Shifts"),
        {
            "shifts": _("Shifts and templates"),
            "absences": _("Absences"),
            "blocks": _("Blocked times"),
            "holidays": _("Holidays"),
        },
    ),
    (
        _("Salon"),
        {
            "branches": _("Branches"),
            "services": _("Services and prices"),
            "categories": _("Categories of services"),
            "pictures": _("Pictures"),
            "masters": _("Masters"),
            "questionnaires": _("Personal data of masters"),
            "rooms": _("Rooms and equipment"),
            "settings": _("Settings"),
        },
    ),
    (
        _("Clients"),
        {
            "clients": _("Cards of clients"),
            "client_changes": _("Changes of cards"),
            "client_categories": _("Categories of clients"),
            "client_fields": _("Fields of cards"),
            "client_files": _("Photos and files of clients"),
            "client_notes": _("Remarks about clients"),
            "client_perks": _("Perks of clients"),
            "clients_account": _("Accounts of clients"),
            "consents": _("Consents"),
            "consent_documents": _("Texts of consents"),
            "enquiries": _("Enquiries from the site"),
            "contact_forms": _("Forms on the site"),
            "sources": _("Sources of clients"),
            "client_exports": _("Lists of clients taken out"),
            "export_rules": _("Rules for taking out lists"),
            "retention": _("How long cards are kept"),
        },
    ),
    (
        _("Loyalty"),
        {
            "loyalty": _("Discounts and points of clients"),
            "points": _("Points"),
            "programme": _("Loyalty programme"),
            "programme_versions": _("Earlier programmes"),
            "promotions": _("Promotions"),
            "referrals": _("Who brought whom"),
            "loyalty_exclusions": _("Clients left out of rules"),
            "certificates": _("Gift certificates"),
            "certificates_liability": _("What certificates still owe"),
            "memberships": _("Memberships"),
            "membership_types": _("Kinds of memberships"),
            "loyalty_cards": _("Loyalty cards"),
            "loyalty_card_types": _("Kinds of loyalty cards"),
            "loyalty_differences": _("Bills that points do not cover"),
            "loyalty_audit": _("How discounts were worked out"),
        },
    ),
    (
        _("Figures"),
        {
            "analytics": _("Figures"),
            "dashboards": _("Dashboards"),
            "reports": _("Reports"),
            "segments": _("Segments"),
        },
    ),
    (
        _("Users and security"),
        {
            "users": _("Users"),
            "roles": _("Roles"),
            "journal": _("Journal"),
            "codes": _("Codes sent to phones"),
        },
    ),
)

DEEDS = {
    "read": _("see"),
    "create": _("add"),
    "edit": _("change"),
    "delete": _("remove"),
    "move": _("move"),
    "cancel": _("cancel"),
    "complete": _("complete, with payment"),
    "refund": _("refund"),
    "overlap": _("book over what is there"),
    "transfer": _("give to another master"),
    "override_health": _("book in spite of a contraindication"),
    "import": _("import"),
    "export": _("export"),
    "export_list": _("take out the list"),
    "approve_export": _("let others take out the list"),
    "discount": _("give a personal discount"),
    "merge": _("merge two cards"),
    "reveal": _("open contacts"),
    "share_phone": _("give two cards one phone"),
    "redeem": _("redeem"),
    "adjust": _("correct"),
    "charge": _("charge"),
    "deposit": _("take a deposit"),
    "withdraw": _("withdraw"),
    "reverse": _("take back"),
    "overdraw": _("go below zero"),
    "sell": _("sell"),
    "block": _("block"),
    "freeze": _("freeze"),
    "issue": _("issue"),
    "exclude": _("leave somebody out of a rule"),
    "review": _("check"),
    "simulate": _("try a programme out"),
}

MARKS = {
    "contacts": _("Phones, e-mails and other contacts"),
    "health": _("Contraindications and health"),
    "finance": _("Costs, margins and amounts"),
}

OWN = ".own"
# Deeds that a role may be given for what is the user's own only: what shipped roles have that way.
OWNABLE = frozenset(
    {
        "absences.read",
        "appointments.cancel",
        "appointments.create",
        "appointments.move",
        "appointments.read",
        "blocks.read",
        "certificates.read",
        "client_notes.edit",
        "clients.delete",
        "clients.export",
        "clients.read",
        "clients_account.read",
        "consents.create",
        "consents.read",
        "consents.withdraw",
        "feeds.create",
        "feeds.edit",
        "feeds.read",
        "group_events.read",
        "loyalty.read",
        "loyalty_cards.read",
        "memberships.read",
        "shifts.read",
        "visits.read",
        "waiting_list.create",
        "waiting_list.edit",
        "waiting_list.read",
    }
)


def role_name(role: str) -> str:
    return gettext(ROLES[role]) if role in ROLES else role


def deed(word: str) -> str:
    """What is done: the second part of a permission."""
    said = word.split(".")[1]
    return gettext(DEEDS[said]) if said in DEEDS else said
