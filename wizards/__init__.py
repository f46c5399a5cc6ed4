from . import (
    dry_run,
    dry_run_count,
    link,
    match,
    order_resolve,
    paste,
    profile_import,
    trial_order,
    tryout,
    tryout_end,
)
