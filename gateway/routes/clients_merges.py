"""Cards of one person: made one, on the record, and those that may be one."""

from contracts.clients import DismissDuplicates, ListLikelyDuplicates, ListMerges, MergeClients, ShowClient
from gateway.route import Area

area = Area("client merges", "Cards of one person")
expose = area.expose

expose("GET", "/clients/duplicates", ListLikelyDuplicates, "List cards that may be one person's")
expose("POST", "/clients/duplicates/dismiss", DismissDuplicates, "Say that two cards are of two people")
expose("POST", "/clients/<uuid:id>/merge", MergeClients, "Make another card a part of this one", resource=ShowClient)
expose("GET", "/clients/<uuid:client_id>/merges", ListMerges, "Which cards became parts of it", resource=ShowClient)
