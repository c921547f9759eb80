"""The referral graph, programmes, and each client's discount with its explanation; points and what else pays."""

from contracts.loyalty.certificates import *
from contracts.loyalty.deeds import *
from contracts.loyalty.differences import *
from contracts.loyalty.discounts import *
from contracts.loyalty.edges import *
from contracts.loyalty.events import *
from contracts.loyalty.exclusions import *
from contracts.loyalty.export import *
from contracts.loyalty.loyalty_cards import *
from contracts.loyalty.memberships import *
from contracts.loyalty.passes import *
from contracts.loyalty.points import *
from contracts.loyalty.programmes import *
from contracts.loyalty.promotions import *
from contracts.loyalty.quotes import *
from contracts.loyalty.referrals import *
from contracts.loyalty.simulations import *
from contracts.loyalty.sorting import *
