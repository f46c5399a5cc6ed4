"""Everything one running simulator knows."""

from .accounts import Accounts
from .assortment import Assortment
from .catalog import Catalog
from .faults import Faults
from .journal import Journal
from .orders import OrderBook
from .pools import Pools
from .settings import POOLS, Clock, Settings
from .tokens import Tokens
from .trips import Trips


class Simulator:
    """The parts of one simulator, wired once."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.clock = Clock()
        self.accounts = Accounts(settings)
        self.tokens = Tokens(self.accounts, self.clock)
        self.trips = Trips(self.clock)
        self.pools = Pools(*POOLS[settings.environment], self.clock)
        self.assortment = Assortment(Catalog(settings))
        self.orders = OrderBook(settings, self.assortment)
        self.faults = Faults.from_file(settings.faults)
        self.journal = Journal(settings.journal)

    def credentials(self) -> dict[str, object]:
        """Return what a person or a test needs to connect."""
        return {
            "environment": self.settings.environment,
            "client_id": self.accounts.client_id,
            "client_secret": self.accounts.client_secret,
            "redirect_uris": list(self.accounts.redirect_uris) or "any loopback address",
            "retailers": [
                {
                    "company": retailer.company,
                    "email": retailer.email,
                    "password": retailer.password,
                    "sub": retailer.subject,
                    "vip_refresh_token": self.tokens.vip_refresh(retailer.subject),
                }
                for retailer in self.accounts.retailers.values()
            ],
        }
