"""Refusals in the visitor's language: what happened, and what to try."""

from gateway.pages import refused_booking, refused_clients, refused_loyalty
from gateway.pages.languages import gettext, ngettext
from gateway.pages.languages import noted as _
from gateway.pages.mistakes import in_words
from gateway.problems import status_of
from kernel.errors import Refusal

OF_ALL = {
    "absence_ends_early": _("An absence ends after it begins. Check both times."),
    "absence_overlaps": _("The master is away at this time already. Change that absence instead."),
    "absence_too_long": _("An absence cannot be that long. Check both dates."),
    "account_closed": _("The salon has closed this account. Please call the salon."),
    "appointment_not_found": _("There is no such appointment any more. Load the page again."),
    "birth_date_impossible": _("Nobody is born on this day. Check the year."),
    "block_ends_early": _("A blocked time ends after it begins. Check both times."),
    "block_too_long": _("A time cannot be blocked for that long. Check both dates."),
    "body_too_large": _("That is too much at once. Send less."),
    "branch_missing": _("Choose one of your branches at least."),
    "card_number_taken": _("Another card has this number. Check the number."),
    "category_exists": _("There is a category of this name already. Choose another name."),
    "category_unknown": _("There is no such category of clients. Add it first."),
    "certificate_blocked": _("This gift certificate is blocked. Ask the owner why."),
    "certificate_code_mistyped": _("This is not a code of a gift certificate. Check each letter."),
    "certificate_not_found": _("There is no gift certificate with this code. Check the code."),
    "client_busy": _("The client has another appointment at this time. Choose another time."),
    "client_erased": _("There is no such client any more. Find the client again."),
    "client_exists": _("Somebody with this phone has a card already. Find them by the phone."),
    "client_not_found": _("There is no such client any more. Find the client again."),
    "client_unknown": _("There is no such client any more. Find the client again."),
    "closes_early": _("What opens closes after that. Check the times."),
    "code_expired": _("This code is of no use any more. Ask for another one."),
    "code_refused": _("This promotion code gives nothing here. Leave it out, or check how it is written."),
    "code_taken": _("Another promotion has this code at that time. Choose another code."),
    "code_too_soon": _("A code has just been sent to this phone. Wait a minute, then ask again."),
    "code_wrong": _("This is not the code. Look at the message again."),
    "columns_too_many": _("This table has too many columns. Leave out those that are not needed."),
    "consent_given": _("You have agreed to this already. Load the page again."),
    "consent_superseded": _("There is a later consent. Load the page again."),
    "consent_withdrawn": _("This consent was withdrawn already. Load the page again."),
    "contraindicated": _("The card of this client speaks against a service. Choose another service."),
    "currency_differs": _("Prices here are in another currency, and it stays once there are prices."),
    "date_invalid": _("This is no date. Write it as 31.12.1990."),
    "date_out_of_range": _("This date is too long ago or too far ahead. Check the year."),
    "deposit_too_small": _("There is less than that on the account. Take less."),
    "discount_not_found": _("There is no personal discount any more. Load the page again."),
    "document_unknown": _("This text has changed. Load the page again, and ask the client again."),
    "duplicate_is_self": _("Choose another card than this one."),
    "email_invalid": _("This is not an e-mail address. Check how it is written."),
    "field_exists": _("There is a field of this name already. Choose another name."),
    "field_repeated": _("Two columns go to the same field. Leave one of them out."),
    "field_required": _("A further field has to be filled in."),
    "file_not_found": _("There is no such file any more. Load the page again."),
    "file_unreadable": _("This file cannot be read. Save it anew in its program, and try again."),
    "form_foreign": _("This form is too old or was made for somebody else. Load the page again."),
    "freeze_after_expiry": _("It expires before that. Take an earlier day."),
    "freeze_too_long": _("It may not be frozen for so long. Take fewer days."),
    "holiday_exists": _("This day has an entry already. Change that one instead."),
    "hours_incomplete": _("Say both when it opens and when it closes, or neither."),
    "hours_overlap": _("Two of the hours of one day overlap. Check them."),
    "id_unknown": _("This is not there any more. Load the page again."),
    "idempotency_key_reused": _("This form was sent already with something else in it. Load the page again."),
    "import_over": _("The rows of this import are gone. Upload the table again."),
    "import_running": _("This import is being worked on. Wait until it is done."),
    "invalid_fields": _("Something is not filled in as it should be."),
    "key_missing": _("There is no phone, e-mail or number in this row."),
    "last_owner": _("Somebody has to remain the owner. Give the role to somebody else first."),
    "limit_needs_code": _("A promotion with a limit needs a code."),
    "login_taken": _("Somebody has this login already. Choose another one."),
    "longer_than_a_day": _("With its preparation and cleaning up a service takes a day at most."),
    "mapping_without_key": _("Say which column is the phone, the e-mail or the number in the other system."),
    "mapping_without_name": _("Say which column is the name."),
    "mark_missing": _("Your role does not show this kind of data. Ask the owner for the right."),
    "masked_value": _("A shortened phone or e-mail was sent back. Load the page again."),
    "membership_frozen_then": _("It is frozen at that time already."),
    "merge_overlaps": _("Both cards have appointments to come at the same time. Cancel or move one of them first."),
    "merged": _("This card was merged into another one. Find the client again."),
    "never_holds": _("Nobody brings themselves, and no loop holds, whatever anybody says."),
    "no_referrer": _("The card names nobody who brought the client."),
    "not_installed": _("This part of Lokon is not installed here."),
    "note_not_found": _("There is no such note any more. Load the page again."),
    "note_of_another": _("Only who wrote a note changes it. Add one of your own."),
    "nothing_proposed": _("Nothing was proposed here: the rules were tried as they were in force."),
    "offer_expired": _("The offer has gone to somebody else."),
    "outside_shift": _("The master does not work at this time. Choose a time within the shift."),
    "overpaid": _("The payments come to more than what is due. Check the amounts."),
    "password_wrong": _("This is not your password until now. Type it again."),
    "period_empty": _("This ends before it begins. Check both dates."),
    "period_taken": _("Another version is planned for that time. End it first, or say until when this one holds."),
    "perk_redeemed": _("More than this has been given already."),
    "perk_used_up": _("All of this has been given already."),
    "permission_missing": _("Your role does not include this. Ask the owner for the right."),
    "phases_begin_busy": _("A service begins and ends with the master at work. Change the first or the last phase."),
    "phases_do_not_add_up": _("The phases do not add up to the minutes of the service. Correct one of the two."),
    "phone_invalid": _("This is not a phone number. Write it with the code of the country or city."),
    "picture_too_large": _("This picture has too many pixels. Make it smaller and try again."),
    "picture_unreadable": _("This is no picture that can be read. Choose a JPEG, PNG or WebP."),
    "places_taken": _("More people than that are booked there at once. Move them first."),
    "points_not_enough": _("The client has fewer points than that. Take fewer."),
    "price_max_low": _("A range of prices ends at its beginning or above. Check both prices."),
    "price_out_of_range": _("This price is below zero or too large. Check it."),
    "programme_ended": _("This version has ended already."),
    "programme_in_past": _("A programme cannot begin in the past. Leave the beginning empty: then it begins at once."),
    "promotion_in_past": _("A promotion cannot begin in the past. Leave the beginning empty: then it begins at once."),
    "referrer_cycle": _("This person was brought by them. Choose somebody else."),
    "referrer_is_self": _("Nobody brings themselves. Leave it empty."),
    "referrer_unknown": _("Nobody is known whom this names. Check the number or phone."),
    "registered_at_impossible": _("Nobody became a client on this day. Check the year."),
    "report_not_own": _("Only who made a report removes it. Ask them, or the owner."),
    "request_in_progress": _("This is being done already. Wait a moment."),
    "reveal_budget_spent": _("You have had as many contacts shown as your role allows in a shift. Ask a manager."),
    "reward_unclear": _("Say one thing that it gives: a discount, a gift or an offer."),
    "rights_exceeded": _("Nobody gives rights that they do not have themselves. Ask the owner."),
    "role_exists": _("There is a role of this name already. Choose another name."),
    "role_is_shipped": _("Roles that come with Lokon stay as they are. Copy it to make one of your own."),
    "roles_missing": _("Choose one role at least."),
    "rows_too_many": _("This table has too many rows. Split it in two."),
    "session_ended": _("Your session has ended. Please sign in again."),
    "sex_unknown": _("This says neither a man nor a woman. Write m or f."),
    "shift_ends_early": _("A shift ends after it begins. Check the hours."),
    "shift_overlaps": _("Two shifts overlap, here or in another branch. Check the hours."),
    "sign_in_failed": _("Login or password is wrong."),
    "signed_out": _("Please sign in."),
    "simulation_unfinished": _("The trial is not finished yet. Wait until it is, then publish."),
    "slot_in_past": _("This time is past. Choose one that lies ahead."),
    "slot_taken": _("Somebody else has this time. Choose another one."),
    "source_exists": _("There is a source of this name already. Choose another name."),
    "source_used": _("Cards or other sources belong to this one. Take it out of use instead."),
    "table_empty": _("There are no rows in this table. Check that the first sheet holds the clients."),
    "table_too_large": _("This table is too large. Split it in two."),
    "template_overlaps": _("Two of the hours overlap. Check them."),
    "text_blank": _("Please fill this in."),
    "text_too_long": _("This text is too long. Shorten it."),
    "time_zone_unknown": _("There is no such time zone. Choose one from the list."),
    "times_reversed": _("A time ends after it begins. Check the convenient times."),
    "too_late_to_change": _("It is too late to change it here. Please call the salon."),
    "too_many_calls": _("That was too fast. Wait a moment and try again."),
    "too_many_codes": _("Too many codes were asked for. Try again in an hour, or call the salon."),
    "too_many_look_ups": _("Too many codes that there are not. Wait a moment, then read the code again."),
    "too_many_sign_ins": _("Too many wrong passwords. Wait a moment and try again."),
    "upload_incomplete": _("Not all of the file has arrived. Send it again."),
    "user_taken": _("This login belongs to another master. Choose another one."),
    "validity_over": _("This would be over already. Choose a later day."),
    "value_invalid": _("This does not fit the field. Check what the field takes."),
    "version_stale": _("Somebody has changed this since. Look at it again, then repeat your change."),
    "visit_on_account": _("What this visit left unpaid is on the account already."),
    "wrong_status": _("The appointment has changed since. Load the page again."),
}
BY_CODE = OF_ALL | refused_booking.SENTENCES | refused_clients.SENTENCES | refused_loyalty.SENTENCES

BY_STATUS = {
    403: _("Your role does not include this. Ask the owner for the right."),
    404: _("There is nothing here. It may have been moved or removed."),
    405: _("There is nothing to look at here: this address only takes what a form sends."),
    413: _("That is too much at once. Send less."),
    414: _("This address is too long. Go to the page by the menu instead."),
    500: _("Something went wrong here. It has been logged; try again, and tell the owner if it stays."),
    503: _("Lokon cannot answer this just now. Try again in a moment."),
    504: _("Lokon is too slow just now. Try again in a moment."),
}


def sentence(refusal: Refusal) -> str:
    """The sentence for a code; without one that for its kind, and else the API's own, in English."""
    if refusal.code == "invalid_fields" or refusal.code in BY_CODE:
        return gettext(BY_CODE[refusal.code])
    status = status_of(refusal)
    return gettext(BY_STATUS[status]) if status in BY_STATUS and status != 404 else _as_said(refusal.message)


def with_tries(text: str, refusal: Refusal) -> str:
    """`text`, and of a code that was wrong how often it may still be tried."""
    left = refusal.details.get("tries_left")
    if left:
        return text + " " + ngettext("%(num)s try is left.", "%(num)s tries are left.", left, num=left)
    return text if left is None else text + " " + gettext(_("Ask for another code."))


def of_code(code: str) -> str:
    """The sentence for a code alone, as reports about many things have it; without one the code."""
    return gettext(BY_CODE[code]) if code in BY_CODE else code


def of_status(status: int) -> str:
    return gettext(BY_STATUS.get(status, BY_STATUS[500]))


def of_fields(refusal: Refusal) -> dict[str, str]:
    """What is wrong with which field, by its name in the form."""
    errors = refusal.details.get("errors", {})
    if refusal.code in BY_CODE and refusal.code != "invalid_fields":
        return dict.fromkeys(errors, "")  # the sentence above them says it
    return {name: _as_said(texts[0] if isinstance(texts, list) else str(texts)) for name, texts in errors.items()}


def _as_said(said: str) -> str:
    text = in_words(said)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
