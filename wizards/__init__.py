from . import dry_run_count  # isort: skip
from . import dry_run, link, match, order_resolve, paste, rehearsal, sample
