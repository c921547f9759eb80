"""What the salon gains, in words: nothing is told that was not measured."""

from services.analytics.domain.retention import USUAL_DAYS

MEASURES = {
    "appointments": "Appointments for the month that were booked, by the channel through which they were booked; "
    "visits entered afterwards and erased clients left out.",
    "median_minutes_to_answer": "Minutes from an enquiry through a form of the salon to its answer, the middle one of "
    "those that were answered; enquiries belong to the month, by UTC, in which they came.",
    "revenue_per_master": "Due for completed visits after discounts, retail included, refunds taken off; by the "
    "masters who had a completed visit in the month.",
    "revenue_per_open_hour": "The same revenue, of days on which masters were planned to work, by the hours in which "
    "they worked: shifts within opening hours, absences taken out.",
    "occupancy_percent": "Minutes booked of the minutes in which masters worked.",
    "retained_percent": f"Clients with a completed visit in the month who came again on a later day, at most "
    f"{USUAL_DAYS} days after; of those for whom {USUAL_DAYS} days have passed.",
}
NOT_MEASURED = {
    "admin_minutes_per_booking": "Not measured: how long somebody works on a booking is not recorded. What is booked "
    "through which channel says how much of it nobody at the desk had to do.",
}
