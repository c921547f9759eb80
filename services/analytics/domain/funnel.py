"""From an enquiry to a regular client, in words."""

REGULAR_DAYS = 3
WINDOW_DAYS = 365

DEFINITION = (
    "Enquiries through the forms of the salon, by UTC dates; a person counts once, where they first enquired in the "
    "period. Leads: without a completed visit before. Booked: an appointment made after the enquiry. Clients: a "
    f"completed visit after it, anywhere in the chain. Regulars: visits on {REGULAR_DAYS} days or more within "
    f"{WINDOW_DAYS} days from the first of these. Counted until today: who enquired lately has had less time."
)
