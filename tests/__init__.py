# Odoo's loader sees only what is a member of this package.
from .addon import *
from .availability import *
from .catalog import *
from .connection import *
from .go_live import *
from .order import *
from .picture import *
from .product import *
from .progress import *
from .setup import *
from .shipment import *
from .sync import *
from .tools import *
