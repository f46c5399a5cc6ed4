"""Fill a database by real traffic with the simulator and write it down: `make dump`."""

import ast
import contextlib
import os
import sys

from workbench import databases, places, processes, releases
from workbench.simulator import Simulator

# The same wherever it is made; secrets are bound to the first.
IDENTITY = """
UPDATE ir_config_parameter SET value = CASE key
       WHEN 'database.uuid' THEN '5e0a2c1e-0000-4000-8000-000000000000'
       WHEN 'database.secret' THEN '5e0a2c1e-0000-4000-8000-000000000001'
       ELSE 'https://shop.example' END
 WHERE key IN ('database.uuid', 'database.secret', 'web.base.url')
"""
# What Odoo makes anew, or only its processes tell each other.
PASSING = """
DELETE FROM ir_attachment WHERE url LIKE '/web/assets/%';
TRUNCATE bus_bus, res_users_log, ir_logging, ir_profile CASCADE;
"""


def version() -> str:
    manifest = ast.literal_eval((places.CHECKOUT / "__manifest__.py").read_text())
    return manifest["version"]


def main() -> None:
    os.environ["INVENTORY_SOURCE_KEY"] = releases.KEY
    path = releases.FOLDER / f"{version()}.sql.gz"
    with contextlib.ExitStack() as stack:
        simulator = Simulator("--products", "120", "--catalogs", "2", name="dump-simulator")
        stack.enter_context(processes.running(simulator.server, simulator.ready_path))
        simulator.lift_pool()
        database = stack.enter_context(databases.temporary("dump"))
        databases.install(database, places.log_path("dump-install"))
        databases.execute(database, IDENTITY)
        fill(stack, database, simulator)
        databases.execute(database, PASSING)
        releases.save(database, path, {simulator.url: releases.SIMULATOR})
    print(f"{path.relative_to(places.CHECKOUT)}: {path.stat().st_size / 1e6:.1f} MB")


def fill(stack: contextlib.ExitStack, database: str, simulator: Simulator) -> None:
    """Have the lanes work in this process, with no pool to wait for."""
    import odoo.tools
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["-c", places.ODOO_CONF], setup_logging=False)
    registry = Registry(database)
    # The addon can be imported from here on.
    from workbench import shop

    from .world import World

    with contextlib.ExitStack() as at_work:
        at_work.callback(odoo.sql_db.close_db, database)
        at_work.enter_context(shop.pool_lifted())
        cr = at_work.enter_context(registry.cursor())
        World(api.Environment(cr, SUPERUSER_ID, {}), simulator).build()
        cr.commit()


if __name__ == "__main__":
    sys.exit(main())
