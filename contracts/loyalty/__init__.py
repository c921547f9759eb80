"""The referral graph, programmes, and each client's discount with its explanation; points and what else pays."""

from contracts.loyalty.discounts import *
from contracts.loyalty.events import *
from contracts.loyalty.export import *
from contracts.loyalty.programmes import *
from contracts.loyalty.quotes import *
from contracts.loyalty.referrals import *
