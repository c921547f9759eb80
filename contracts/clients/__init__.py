"""Client cards, sources and referrers."""

from contracts.clients.accounts import *
from contracts.clients.bulk import *
from contracts.clients.cards import *
from contracts.clients.categories import *
from contracts.clients.consents import *
from contracts.clients.contacts import *
from contracts.clients.deeds import *
from contracts.clients.discounts import *
from contracts.clients.events import *
from contracts.clients.export import *
from contracts.clients.exports import *
from contracts.clients.fields import *
from contracts.clients.files import *
from contracts.clients.health import *
from contracts.clients.history import *
from contracts.clients.imports import *
from contracts.clients.notes import *
from contracts.clients.occasions import *
from contracts.clients.perks import *
from contracts.clients.photos import *
from contracts.clients.retention import *
from contracts.clients.reveals import *
from contracts.clients.sources import *
from contracts.clients.standing import *
from contracts.clients.visits import *
from contracts.clients.words import *
