"""Client cards: who the clients are, where they came from, and who brought them.

Owns: cards, sources, referrers, and the index by which cards are found. Personal data are sealed under a key per
person and class of data; erasing a person destroys the key.

Answers: ChangeClient, CheckClient, CheckClients, CheckContact, EraseClient, ImportClients, ListClients, NameClients,
RegisterClient, SearchClients, ShowClient, TakeContact

States: ClientChanged, ClientErased, ClientRegistered

Listens: AppointmentBooked, AppointmentCancelled, AppointmentMissed, VisitCompleted
"""
