from . import link, order_resolve, paste, sample
