from . import dry_run, link, match, order_resolve, paste, rehearsal, sample
