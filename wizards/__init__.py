from . import dry_run, dry_run_count, link, match, order_resolve, paste, sample, trial_order
