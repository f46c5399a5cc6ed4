from . import dry_run, link, order_resolve, paste, sample
