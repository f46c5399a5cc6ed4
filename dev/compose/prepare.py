"""Begin a trial in Odoo's shell, as its menu does: `odoo shell -d DATABASE < prepare.py`.

The simulator may still be starting. SIMULATOR is its address where it is not the usual one.
"""

import os
import time

TRIES = 60

# Odoo's shell gives `env`.
wizards = env(user=env.ref("base.user_admin"))["inventory.source.tryout"]  # noqa: F821
values = {"address": os.environ["SIMULATOR"]} if "SIMULATOR" in os.environ else {}
for left in reversed(range(TRIES)):
    try:
        wizards.create(values).action_start()
        break
    except Exception as error:  # whatever it is, the last try says
        wizards.env.cr.rollback()
        if not left:
            raise
        print(error, flush=True)
        time.sleep(2)
# A script in Odoo's shell keeps nothing unless it commits.
wizards.env.cr.commit()
