"""Series of appointments: booking them, changing and cancelling them, and what ends with their client."""

from services.booking.usecases.series.booking import book, preview
from services.booking.usecases.series.cancelling import cancel, forget_client
from services.booking.usecases.series.changing import change, preview_change

__all__ = ["book", "cancel", "change", "forget_client", "preview", "preview_change"]
