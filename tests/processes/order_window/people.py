"""Who sells and edits, and what the lane does afterwards; runs in Odoo's shell."""

from odoo.fields import Command

from workbench import shop, simulator


def open_shop(env, url, given, name="Window", **values):
    """Connect, and sell two products of one supplier, `{name}-0` and `{name}-1`."""
    with shop.pool_lifted():
        connection = shop.connect(env, name, url, given)
        connection.write(values)
        catalog = connection.catalog_ids.sorted("id")[:1]
        rows = shop.offered(connection, catalog, 60)
        supplier = shop.supplier_of(env, connection, rows[0])
        for number in range(2):
            row = rows[number]
            shop.sell(env, catalog, supplier, row, f"{name}-{number}")
            plenty = {"quantity": shop.PLENTY}
            simulator.control(url, f"/products/{row['id']}", plenty, "PATCH")
        if not env["res.partner"].search([("ref", "=", "ADA")]):
            shop.add_customer(env)
        env.cr.commit()


class Sales:
    """Sales of the shop; everything is committed, except what `edit` does in another's cursor."""

    def __init__(self, env, url):
        self.env, self.url = env, url
        self.connection = env["inventory.source.connection"].search([("name", "=", "Window")])
        self.customer = env["res.partner"].search([("ref", "=", "ADA")])
        self.products = env["product.product"].search(
            [("default_code", "=like", "Window-%")], order="default_code"
        )

    def confirm(self, **values):
        lines = [Command.create({"product_id": self.products[0].id, "product_uom_qty": 1})]
        values = {"partner_id": self.customer.id, "order_line": lines, **values}
        sale = self.env["sale.order"].create(values)
        sale.action_confirm()
        self.env.cr.commit()
        return sale

    def edit(self, sale, how):
        """Order one piece more: of a line that is there, or of another product."""
        if how == "raised":
            sale.order_line[0].product_uom_qty += 1
        else:
            sale.order_line = [
                Command.create({"product_id": self.products[1].id, "product_uom_qty": 1})
            ]

    def readdress(self, sale, where, to):
        """Have it delivered elsewhere: changed on its purchase order, itself, or its contact."""
        if where == "purchase":
            sale.order_line.purchase_line_ids.order_id.dest_address_id = to
        elif where == "sale":
            sale.partner_shipping_id = to
        else:
            sale.partner_shipping_id.street = to.street

    def placeholders(self, sale=None):
        """Return the placeholders a lane finds now."""
        self.env.cr.rollback()
        self.env.invalidate_all()
        placeholders = self.env["inventory.source.order"]._placeholders(self.connection)
        return placeholders.filtered(
            lambda placeholder: not sale or placeholder.sale_order_id == sale
        )

    def follow(self):
        """Make the lane's next runs follow whatever has a placeholder."""
        for _run in range(5):
            for placeholder_id in self.placeholders().ids:
                self.connection._transact(
                    lambda connection, number=placeholder_id: (
                        connection.env["inventory.source.order"]
                        .browse(number)
                        ._build_from_placeholder()
                    )
                )
        self.env.cr.rollback()
        self.env.invalidate_all()

    def send(self, sale):
        self.connection._run_lane_now("order")
        self.env.cr.commit()
        self.env.invalidate_all()
        (order,) = sale.inventory_source_order_ids
        if order.state != "accepted":
            raise AssertionError(f"{order.name} is {order.state}: {order.reason}")

    def freeze(self, order):
        return self.connection._client("order", paid=True).order_body(order)

    def forget(self, sale):
        """Keep what is left of a sale from leaving together with the next one."""
        left = sale.inventory_source_order_ids.filtered(lambda order: order.state == "queued")
        left._set_state("held")
        self.env.cr.commit()
