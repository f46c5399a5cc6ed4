from odoo.fields import Command
from odoo.tests import Form, TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestNeighbours(TransactionCase):
    """People who have no rights on our records go on working in Odoo's own apps."""

    def test_relations_to_our_records_are_for_people_with_our_rights(self):
        """A relation without groups would raise an access error in somebody else's form."""
        open_relations = [
            f"{name}.{field.name}"
            for name, model in self.env.registry.items()
            if not name.startswith("inventory.source") and not model._transient
            for field in model._fields.values()
            if field.relational
            and (field.comodel_name or "").startswith("inventory.source")
            and not field.groups
        ]
        self.assertEqual(open_relations, [])

    def test_a_warehouse_worker_handles_a_transfer(self):
        worker = new_test_user(self.env, "worker", groups="stock.group_stock_user")
        product = self.env["product.product"].create({"name": "Crate", "is_storable": True})
        form = Form(self.env["stock.picking"].with_user(worker))
        form.picking_type_id = self.env.ref("stock.picking_type_in")
        with form.move_ids.new() as move:
            move.product_id = product
            move.product_uom_qty = 2
        picking = form.save()
        picking.action_confirm()
        picking.move_ids.quantity = 2
        picking.button_validate()
        self.assertEqual(Form(picking.with_user(worker)).state, "done")

    def test_a_salesperson_sells_and_a_buyer_buys(self):
        seller = new_test_user(self.env, "seller", groups="sales_team.group_sale_salesman")
        product = self.env["product.product"].create({"name": "Crate", "list_price": 5})
        form = Form(self.env["sale.order"].with_user(seller))
        form.partner_id = self.env["res.partner"].create({"name": "Somebody"})
        with form.order_line.new() as line:
            line.product_id = product
        sale = form.save()
        sale.action_confirm()
        self.assertEqual(Form(sale.with_user(seller)).state, "sale")
        buyer = new_test_user(self.env, "buyer", groups="purchase.group_purchase_user")
        purchase = (
            self.env["purchase.order"]
            .with_user(buyer)
            .create(
                {
                    "partner_id": sale.partner_id.id,
                    "order_line": [Command.create({"product_id": product.id})],
                }
            )
        )
        purchase.button_confirm()
        self.assertEqual(Form(purchase).state, "purchase")
