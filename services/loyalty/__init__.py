"""Who brought whom, the programme, and the discount that it gives each client.

Owns: the referral graph (a copy of what clients says, with refused edges), programmes, discounts and their versions.

Answers: ShowDiscount, ShowReferrals, ShowProgramme, QuoteDiscount, ExportFromLoyalty

States: DiscountChanged

Listens: ClientRegistered, ClientChanged, ClientErased, ClientsMerged, PersonalDiscountChanged, AppointmentBooked,
AppointmentCancelled, AppointmentMissed, VisitCompleted, VisitRefunded
"""
