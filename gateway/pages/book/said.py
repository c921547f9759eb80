"""Refusals as they are told to whoever books: they have no role and no card, and may call the salon."""

from gateway.pages import sentences
from gateway.pages.languages import gettext
from gateway.pages.languages import noted as _
from kernel.errors import Refusal

TO_GUESTS = {
    "appointment_not_found": _("There is no such visit. Open the whole link that you were given, or call the salon."),
    "appointment_over": _("This visit is over."),
    "branch_not_found": _("There is no such salon any more. Choose another one."),
    "code_expired": _("This code is not good any more. Ask for another one."),
    "code_too_soon": _("A code was sent just now. Wait a minute before you ask for another one."),
    "code_wrong": _("This is not the code. Look at the message again."),
    "confirmation_missing": _("Show first that the phone is yours: ask for a code."),
    "confirmation_refused": _("This confirmation is of another phone, or too old. Ask for another code."),
    "consent_missing": _("Tick first what the salon needs your consent for."),
    "consent_outdated": _("The text that you agree to has changed meanwhile. Read it again and tick it."),
    "group_full": _("This group is full by now. Choose another time."),
    "group_service_alone": _("This service is booked by itself. Choose it alone."),
    "hold_booked": _("This time has been booked already. Choose another one."),
    "hold_differs": _("This time is kept for another choice. Choose the time again."),
    "longer_than_shift": _("This takes longer than anybody works on a day. Choose fewer services."),
    "outside_horizon": _("This is further ahead than can be booked. Choose an earlier day."),
    "outside_shift": _("Nobody works at this time. Choose another one."),
    "service_without_master": _("Nobody does this here at present. Choose another service."),
    "slot_taken": _("Somebody else has taken this time meanwhile, or you have a visit then. Choose another one."),
    "too_late_to_change": _("It is too late to change this here. Please call the salon."),
    "too_many_codes": _("Too many codes were asked for. Try again in an hour, or call the salon."),
    "too_soon": _("This is too soon to be booked online. Choose a later time, or call the salon."),
    "wrong_status": _("This visit cannot be changed any more. Please call the salon."),
}

BY_FIELD = {"phone": sentences.BY_CODE["phone_invalid"]}


def told(refused: Refusal) -> str:
    text = TO_GUESTS.get(refused.code)
    return sentences.with_tries(gettext(text) if text else sentences.sentence(refused), refused)


def told_of_fields(refused: Refusal) -> dict[str, str]:
    """What is wrong with which field, by its name in the form; nothing where the sentence above the form says it."""
    fields = {_in_form(name): said for name, said in sentences.of_fields(refused).items()}
    if refused.code in TO_GUESTS:
        return dict.fromkeys(fields, "")
    if refused.code == "invalid_fields":  # which the API tells in English, of lengths and patterns
        return {name: gettext(BY_FIELD.get(name, sentences.BY_CODE["text_blank"])) for name in fields}
    return fields


def _in_form(name: str) -> str:
    """`contact.phone` of the API is the field `phone` of the form, `codes.0` its promotion code."""
    parts = [each for each in name.split(".") if not each.isdecimal()]
    return {"codes": "promotion"}.get(parts[-1], parts[-1]) if parts else name
