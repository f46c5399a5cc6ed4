"""`make serve`: a shop ready to be connected, and the service it connects to, left running."""

import socket

from demo import scene
from workbench import databases, places, processes
from workbench.rpc import Person
from workbench.simulator import Simulator


def _port(wanted: int) -> int:
    """Return the usual port when it is free, or else any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return places.free_port()
    return wanted


def main() -> None:
    simulator = Simulator("--products", "1500", name="serve-simulator", port=_port(8070))
    database = places.database_name("serve")
    servers = [simulator.server]
    try:
        simulator.server.wait_until_ready(simulator.ready_path)
        print("Installing the addon in a new database", flush=True)
        databases.create(database)
        databases.install(database, places.log_path("serve-install"))
        # Threads, not processes: without a proxy in front only they serve the web client's bus.
        odoo = processes.odoo_server(database, "serve-odoo", workers=0, port=_port(8069))
        servers.append(odoo)
        odoo.wait_until_ready("/web/health")
        admin = Person(odoo.url, database, scene.ADMIN_LOGIN, scene.ADMIN_PASSWORD)
        scene.hire_salesperson(admin)
        scene.offer_delivery_methods(admin)
        scene.make_customer(admin)
        scene.stock_own_product(admin)
        connection = scene.prepare_connection(
            admin, simulator.url, simulator.control("/credentials")
        )
    except BaseException:
        for server in servers:
            server.stop()
        raise
    for server in servers:
        server.leave_running()
    retailer = simulator.control("/credentials")["retailers"][0]
    address = f"{odoo.url}/odoo/inventory.source.connection/{connection}"
    print(f"""
Odoo        {odoo.url}
            {scene.ADMIN_LOGIN} / {scene.ADMIN_PASSWORD}  administrator
            {scene.SALES_LOGIN} / {scene.SALES_PASSWORD}  salesperson
Simulator   {simulator.url}
            {retailer["email"]} / {retailer["password"]}  a retailer

Begin at    {address}  and press Connect.
Logs        {places.LOGS}
make stop ends both.""")


if __name__ == "__main__":
    main()
