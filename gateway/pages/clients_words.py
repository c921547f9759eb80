"""What codes of a card are called on pages."""

from typing import Any

from gateway.pages.languages import noted as _

IMPORTANCE = {"none": _("None"), "bronze": _("Bronze"), "silver": _("Silver"), "gold": _("Gold")}
SEX = {"female": _("Female"), "male": _("Male")}
WEEKDAYS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
OCCASIONS = {"birthday": _("Birthday"), "anniversary": _("First visit")}
STATUSES = {
    "booked": _("booked"),
    "confirmed": _("confirmed"),
    "arrived": _("is here"),
    "completed": _("completed"),
    "cancelled": _("cancelled"),
    "no_show": _("did not come"),
}
TIMELINE = {
    "change": _("The card was changed"),
    "consent": _("Agreed"),
    "enquiry": _("Wrote through the site"),
    "file": _("A file was added"),
    "merge": _("Another card was merged into this one"),
    "money": _("Account"),
    "note": _("Note"),
    "perk": _("Perk"),
    "registered": _("Registered"),
    "visit": _("Visit"),
    "withdrawal": _("Withdrew a consent"),
}
MONEY_ENTRIES = {
    "deposit": _("Deposit"),
    "withdrawal": _("Paid back"),
    "charge": _("Paid from the account"),
    "visit": _("Visit"),
    "adjustment": _("Put right"),
    "reversal": _("Taken back"),
    "merge": _("Merged"),
}
PAID_BY = {"cash": _("Cash"), "card": _("Card"), "transfer": _("Transfer")}
CHANNELS = {"desk": _("At the desk"), "paper": _("On paper"), "phone": _("By phone"), "online": _("Online")}
CONSENT_STATES = {"given": _("given"), "withdrawn": _("withdrawn"), "superseded": _("replaced by a later one")}
FILE_KINDS = {"before": _("Before"), "after": _("After"), "form": _("Paper or form"), "other": _("Other")}
FIELDS = {
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "patronymic": _("Patronymic"),
    "preferred_name": _("How to address"),
    "phones": _("Phones"),
    "phone_labels": _("Whose phones"),
    "email": _("E-mail"),
    "sex": _("Sex"),
    "birth_date": _("Birth date"),
    "source": _("How they heard of us"),
    "channel": _("How they heard of us"),
    "referrer_id": _("Who brought them"),
    "home_branch_id": _("Home branch"),
    "preferences": _("Preferences"),
    "favourite_master_id": _("Favourite master"),
    "favourite_service_ids": _("Favourite services"),
    "convenient_times": _("Convenient times"),
    "wishes": _("Wishes"),
    "contraindications": _("Contraindications"),
    "comment": _("Comment"),
    "importance": _("Importance"),
    "category_ids": _("Categories"),
    "custom": _("Further fields"),
    "photo": _("Photo"),
}
REVENUE = {"month": _("Month"), "service": _("Service"), "master": _("Master")}
DUPLICATES = {
    "phone": _("the same phone"),
    "email": _("the same e-mail"),
    "birth_date_and_name": _("the same birth date and much the same name"),
}


def word(words: dict[str, str], code: Any) -> str:
    """The message for a code, or the code where there is none yet."""
    return words.get(str(code), str(code))
