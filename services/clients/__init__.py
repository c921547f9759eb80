"""Client cards: who the clients are, where they came from, and who brought them.

Owns: cards, sources, referrers, and the index by which cards are found. Personal data are sealed under a key per
person and class of data; erasing a person destroys the key.

Answers: AddConsentDocument, AddFile, AddNote, ChangeClient, ChangeNote, ChangePerk, CheckClient, CheckClients,
CheckConditions, CheckContact, EraseClient, GiveConsent, GivePerk, ImportClients, KeepFilePart, ListClientChanges,
ListClients, ListConsentDocuments, ListConsents, ListFiles, ListNotes, ListPerks, NameClients, PutPhoto, ReadFile,
ReadPhoto, RedeemPerk, RegisterClient, RemoveFile, RemoveNote, RemovePerk, RemovePhoto, SearchClients, ShowClient,
ShowClientRevenue, ShowConsent, ShowConsentDocument, ShowFile, ShowHabits, ShowNote, ShowPerk, ShowPhoto,
ShowVisitHistory, TakeContact, WithdrawConsent

States: ClientChanged, ClientErased, ClientRegistered, ConsentGiven, ConsentWithdrawn

Listens: AppointmentArrived, AppointmentBooked, AppointmentCancelled, AppointmentChanged, AppointmentConfirmed,
AppointmentMissed, VisitCompleted, VisitRefunded
"""
