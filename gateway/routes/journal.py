"""The journal of what was done."""

from contracts.auth import ListJournal, ShowJournalHead
from gateway.route import Area

area = Area("journal", "Who did what")
expose = area.expose

expose("GET", "/journal", ListJournal, "List the journal, newest first")
expose("GET", "/journal/head", ShowJournalHead, "The newest entry, to be noted elsewhere")
