"""Client cards on the wire, put together from what each part of it answers."""

from chassis.masters import PERSON
from services.clients.service.accounts import Accounts
from services.clients.service.cards import Cards
from services.clients.service.categories import Categories
from services.clients.service.consents import Consents
from services.clients.service.discounts import Discounts
from services.clients.service.export import Exporting
from services.clients.service.exports import BulkExports
from services.clients.service.fields import Fields
from services.clients.service.files import Files
from services.clients.service.forms import Forms
from services.clients.service.health import Health
from services.clients.service.history import History
from services.clients.service.imports import Importing
from services.clients.service.merges import Merging
from services.clients.service.notes import Notes
from services.clients.service.occasions import Occasions
from services.clients.service.others import Others
from services.clients.service.perks import Perks
from services.clients.service.photos import Photos
from services.clients.service.reminders import Reminding
from services.clients.service.retention import Retaining
from services.clients.service.reveals import Reveals
from services.clients.service.sources import Sources
from services.clients.service.timeline import Timeline
from services.clients.service.visits import Visits
from services.clients.vault import HEALTH


class Clients(
    Accounts,
    BulkExports,
    Cards,
    Categories,
    Consents,
    Discounts,
    Exporting,
    Fields,
    Files,
    Forms,
    Health,
    History,
    Importing,
    Merging,
    Notes,
    Occasions,
    Others,
    Perks,
    Photos,
    Reminding,
    Retaining,
    Reveals,
    Sources,
    Timeline,
    Visits,
):
    name = "clients"
    needs_keyring = True
    key_classes = (PERSON, HEALTH)
    needs_master = True
