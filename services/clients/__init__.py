"""Client cards: who the clients are, where they came from, and who brought them.

Owns: cards, sources, referrers, and the index by which cards are found. Personal data are sealed under a key per
person and class of data; erasing a person destroys the key.

Answers: AddNote, ChangeClient, ChangeNote, ChangePerk, CheckClient, CheckClients, CheckConditions, CheckContact,
EraseClient, GivePerk, ImportClients, ListClientChanges, ListClients, ListNotes, ListPerks, NameClients, PutPhoto,
ReadPhoto, RedeemPerk, RegisterClient, RemoveNote, RemovePerk, RemovePhoto, SearchClients, ShowClient, ShowNote,
ShowPerk, ShowPhoto, TakeContact

States: ClientChanged, ClientErased, ClientRegistered

Listens: AppointmentBooked, AppointmentCancelled, AppointmentMissed, VisitCompleted
"""
