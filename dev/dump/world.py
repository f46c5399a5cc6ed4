"""What a shop has after some weeks: a record of ours in every state there is."""

import math

from odoo import fields

from odoo.addons.inventory_source.models.sync.states import ORDER_STATES, SHIPMENT_STATES

from workbench import shop
from workbench.simulator import Simulator

PRODUCT, ORDER, SHIPMENT = (f"inventory.source.{name}" for name in ("product", "order", "shipment"))


class World:
    """Sells and buys until each state is there; `env` is the outer transaction of the script."""

    def __init__(self, env, simulator: Simulator):
        self.env = env
        self.simulator = simulator

    def build(self) -> None:
        self.connection = shop.connect(
            self.env, "Riverside Outfitters", self.simulator.url, self._given()
        )
        self._import()
        self._change_products()
        self._customers()
        self._sell()
        self._ship()
        self._leave_waiting()
        self._other_connection()
        self.connection.cron_ids.active = True
        self._judge()

    def _given(self):
        return self.simulator.control("/credentials")

    def _commit(self) -> None:
        """Begin anew: lanes work in transactions of their own."""
        self.env.cr.commit()
        self.env.invalidate_all()

    def run(self, lane: str) -> None:
        self._commit()
        self.env[f"inventory.source.lane.{lane}"]._run(self.connection)
        self._commit()

    # --- products ---

    def _import(self) -> None:
        """Import both catalogs, but for a product that cannot be read and one set aside."""
        first = self.connection.catalog_ids[:1]
        rows = shop.offered(self.connection, first, 60)
        for row in rows[:40]:
            self.simulator.control(f"/products/{row['id']}", {"quantity": 500}, "PATCH")
        self._spoil(rows[40], sku="")
        second = self.connection.catalog_ids - first
        second.write({"import_mode": "matching", "import_domain": "[('sku', 'like', '2')]"})
        first.import_mode = "all"
        self.run("catalog")
        self.offers = self.env[PRODUCT].search(
            [("state", "=", "linked"), ("quantity", "=", 500), ("parent_external_id", "=", False)],
            order="id",
        )

    def _spoil(self, row, **values) -> None:
        self.simulator.control(f"/products/{row['id']}", values, "PATCH")

    def _change_products(self) -> None:
        """Have suppliers move costs, lose stock and withdraw, and a person decide on some of it."""
        second = self.connection.catalog_ids[1:]
        self.simulator.control(
            "/products/change",
            {"share": 0.3, "catalog_id": int(second.external_id), "cost_factor": 2.0},
        )
        last = self.env[PRODUCT].search(
            [("catalog_id", "=", second.id), ("state", "=", "linked")], order="id desc"
        )
        self.simulator.control(f"/products/{last[0].external_id}", method="DELETE")
        self._spoil({"id": last[1].external_id}, cost="n/a")
        self.connection.catalog_ids.next_pass_at = fields.Datetime.now()
        self.run("catalog")
        changes = self.env["inventory.source.change"].search([("state", "=", "waiting")])
        changes[:1].action_hold()
        changes[1:2].action_accept()
        self.env[PRODUCT].search([("state", "=", "new")], limit=1).action_ignore()

    # --- orders ---

    def _customers(self) -> None:
        self.customer = shop.add_customer(self.env)
        self.nowhere = self.customer.copy({"name": "Nobody Nowhere", "zip": False})

    def sale(self, offer, quantity: int = 2, customer=None):
        """Confirm a sale as a person does, and return its order."""
        line = (0, 0, {"product_id": offer.product_id.id, "product_uom_qty": quantity})
        sale = self.env["sale.order"].create(
            {"partner_id": (customer or self.customer).id, "order_line": [line]}
        )
        sale.action_confirm()
        self._commit()
        return sale.inventory_source_order_ids

    def _follow(self, order) -> None:
        """Make the order of what the confirmation left, without sending it."""
        order._build_from_placeholder()
        self._commit()

    def _sell(self) -> None:
        """Leave an order in each state the service is asked for, or nobody knows of."""
        rejected, lost, interrupted = self.offers[0], self.offers[1], self.offers[2]
        word = {"product_id": int(rejected.external_id), "status": "rejected", "reason": "No more"}
        self.simulator.control("/orders/line-words", word)
        self.rejected = self.sale(rejected)
        self.sold = [self.sale(offer, 4) for offer in self.offers[3:10]]
        self.sale(self.offers[0], customer=self.nowhere)
        self.run("order")
        self.simulator.control("/faults", [{"kind": "close_after", "call": "order"}])
        self.sale(lost)
        self.run("order")
        # The service answers again.
        self.connection._try_orders_now()
        self.run("order")
        dead = self.sale(interrupted)
        self._follow(dead)
        self._claim(dead)
        # Its worker died: longer ago than any attempt takes.
        dead.lease_until = fields.Datetime.subtract(fields.Datetime.now(), hours=1)
        self.run("order")

    def _claim(self, order) -> None:
        """Take the next order that is due for sending, which has to be this one."""
        client = self.connection._client("order", paid=True)
        claim, _counts = order._claim_next(self.connection, client.order_body)
        assert claim.order_id == order.id, claim
        self._commit()

    def _ship(self) -> None:
        """Ship all, part, nothing; too much, what is called back, and what is dismissed."""
        done, delivered, part, odd, wrong, voided, _open = self.sold
        for order in (done, delivered):
            self.ship(order)
        self.ship(part, quantity=1)
        self.ship(voided, quantity=1)
        for order in (odd, wrong):
            self.ship(order, quantity=9)
        self._look()
        for order, word in ((delivered, "delivered"), (voided, "voided")):
            (shipment,) = order.shipment_ids
            self.simulator.control(
                f"/orders/{order.remote_id}/shipments/{shipment.external_id}",
                {"status": word},
                "PATCH",
            )
        wrong.shipment_ids.action_dismiss()
        self._look()
        # Told, and not applied yet.
        self.ship(part, quantity=1)
        self._commit()
        lane = self.env["inventory.source.lane.shipment"]
        client = self.connection._client("shipment")
        for poll in self.connection._transact(lane._due, part.ids):
            lane._poll(self.connection, client, poll)
        self._commit()

    def ship(self, order, quantity: int | None = None) -> None:
        body = {}
        if quantity:
            line = {"lineId": str(order.line_ids.id), "quantity": quantity}
            body = {"lines": [line], "force": True}
        self.simulator.control(f"/orders/{order.remote_id}/ship", body)

    def _look(self) -> None:
        """Ask about all accepted orders now."""
        orders = self.env[ORDER].search([("accepted_at", "!=", False)])
        orders.next_check_at = fields.Datetime.now()
        self.run("shipment")

    def _leave_waiting(self) -> None:
        """Leave orders that never left, one that was being sent, and what was only confirmed."""
        held, cancelled, sending = (self.sale(offer) for offer in self.offers[10:13])
        for order in (held, cancelled, sending):
            self._follow(order)
        held.action_hold()
        cancelled.action_cancel()
        self._claim(sending)
        self._follow(self.sale(self.offers[13]))
        self.sale(self.offers[14])

    # --- the rest ---

    def _other_connection(self) -> None:
        """Make a second connection with a profile of its own; figures of both are none."""
        self.connection.change_stock_limit = math.nan
        profile = self.env["inventory.source.profile"].create({"name": "Their sandbox"})
        profile.document = profile.document.replace('"page_size": 100', '"page_size": 50')
        self.env["inventory.source.connection"].create(
            {
                "name": "Sandbox",
                "environment": "sandbox",
                "client_id": "sandbox-client",
                "client_secret": "sandbox-secret",
                "profile_id": profile.id,
                "price_factor": math.nan,
                "hold_margin": math.inf,
            }
        )

    def _judge(self) -> None:
        """Refuse to be a dump that lacks what the tests are to find."""
        self._commit()
        for model, name, wanted in (
            (ORDER, "state", dict(ORDER_STATES)),
            (SHIPMENT, "state", dict(SHIPMENT_STATES)),
            (PRODUCT, "state", dict(self.env[PRODUCT]._fields["state"].selection)),
            ("inventory.source.change", "state", ("waiting", "held", "accepted")),
            ("inventory.source.problem", "kind", ("product",)),
        ):
            records = self.env[model].search([])
            found = {value: len(group) for value, group in records.grouped(name).items()}
            print(f"{model} by {name}: {found}")
            assert found.keys() >= set(wanted), (model, set(wanted) - found.keys())
