"""An import in words: fields of a card, what became of rows, states."""

from collections.abc import Mapping

from gateway.pages.languages import gettext
from gateway.pages.languages import noted as _

FIELDS = {
    "full_name": _("Last, first and middle name"),
    "last_name": _("Last name"),
    "first_name": _("First name"),
    "patronymic": _("Middle name"),
    "preferred_name": _("How they like to be called"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "sex": _("Sex"),
    "birth_date": _("Birthday"),
    "source": _("Source"),
    "reference": _("Number in the other system"),
    "referrer_phone": _("Phone of who brought them"),
    "referrer_reference": _("Number of who brought them"),
    "categories": _("Categories"),
    "contraindications": _("Contraindications"),
    "comment": _("Comment"),
    "registered_at": _("Client since"),
}

OUTCOMES = {
    "created": _("new cards"),
    "updated": _("completed cards"),
    "duplicate": _("known already, left as they are"),
    "suggested": _("new, but perhaps known"),
    "refused": _("not taken in"),
    "erased": _("erased meanwhile"),
}

STATES = {
    "open": _("waits for you"),
    "running": _("under way"),
    "finished": _("taken in"),
    "abandoned": _("given up"),
    "failed": _("failed"),
}

DUPLICATES = {
    "skip": _("leave their cards as they are"),
    "update": _("complete their cards"),
    "create_reported": _("make new cards all the same"),
}


def in_words(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, gettext(text)) for code, text in texts.items()]
