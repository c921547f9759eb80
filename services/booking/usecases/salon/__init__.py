"""Making and changing what the salon is: settings, branches, holidays, rooms, the catalogue and the masters."""

from services.booking.usecases.salon.changes import change_row, changes_of, check_version
from services.booking.usecases.salon.money import check_price, use_code, use_currency

__all__ = ["change_row", "changes_of", "check_price", "check_version", "use_code", "use_currency"]
