from datetime import timedelta

from lxml import html

from odoo import Command, fields
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import format_date

from .shipment_case import ShipmentMixin

# A picture of one pixel.
SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
    "AAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestShipmentPortal(ShipmentMixin, HttpCase):
    """The customer sees drop-shipped shipments on the order's portal page; Odoo shows none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls.create_connected(name="Riverside")
        cls.open_shop()

    def setUp(self):
        super().setUp()
        self.script_service()
        self.fill_pool(self.connection)

    def page(self, order, language="en-US"):
        address = order.sale_order_id.get_portal_url()
        self.env.flush_all()
        answer = self.url_open(address, headers={"Accept-Language": language})
        self.assertEqual(answer.status_code, 200)
        return answer.text

    def block(self, page):
        """Return the words of the block of shipments, without what the page says elsewhere."""
        block = html.fromstring(page).get_element_by_id("inventory_source_shipments")
        return " ".join(block.text_content().split())

    def expected(self, order):
        """Return the words about what the supplier takes a day for, as its vendor line says."""
        day = order.accepted_at.date() + timedelta(days=1)
        return f"Expected to leave by {format_date(self.env, day)}"

    def test_the_order_shows_every_shipment_with_its_link(self):
        order = self.sell((self.creel, 1), (self.tent, 2))
        self.look(
            order,
            self.shipment("s-1", (self.creel, 1), order=order),
            self.shipment(
                "s-2", (self.tent, 1), order=order, supplierId=20, trackingUrl=None, carrier="FedEx"
            ),
        )
        page = self.page(order)
        self.assertIn('href="https://track.example.com/s-1"', page)
        self.assertIn("1Z-s-2", page)
        self.assertIn("FedEx", page)
        self.assertIn("Tent", page)
        self.assertNotIn("/my/picking/pdf/", page, "The transfer's slip names the supplier.")

    def sign_in(self):
        """Sign in as the customer; give what signs in the browser of the others, too."""
        new_test_user(
            self.env, "portal_ada", groups="base.group_portal", partner_id=self.customer.id
        )
        self.authenticate("portal_ada", "portal_ada")

    def quotation(self):
        return self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "state": "sent",
                "require_signature": True,
                "require_payment": False,
                "order_line": [(0, 0, self.prepare_line(self.creel, 2))],
            }
        )

    def call(self, sale, method, *args):
        """Call a method as the browser of who is signed in can."""
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/sale.order/{method}",
            {"model": "sale.order", "method": method, "args": [sale.ids, *args], "kwargs": {}},
        )

    def test_which_variant_is_on_its_way_is_said(self):
        self.make_variant(self.creel, "Willow")
        order = self.sell((self.creel, 3))
        self.look(order, self.shipment("s-1", (self.creel, 1), order=order))
        said = self.block(self.page(order))
        self.assertIn("1 × Wicker Creel (Willow)", said)
        self.assertIn("2 × Wicker Creel (Willow)", said)
        told = " ".join(order.sale_order_id.message_ids.mapped("body"))
        self.assertIn("1 × Wicker Creel (Willow)", told)
        order.line_ids._cancel_there(2)
        self.assertIn("2 × Wicker Creel (Willow)", self.block(self.page(order)))

    def make_variant(self, product, name):
        """Make it one of two variants; Odoo would archive it and make two others."""
        attribute = self.env["product.attribute"].create({"name": "Material"})
        values = self.env["product.attribute.value"].create(
            [{"name": each, "attribute_id": attribute.id} for each in (name, "Reed")]
        )
        own = {
            "product_tmpl_id": product.product_tmpl_id.id,
            "attribute_id": attribute.id,
            "value_ids": [Command.set(values.ids)],
        }
        quiet = {"create_product_product": False}
        line = self.env["product.template.attribute.line"].with_context(**quiet).create(own)
        both = self.env["product.template.attribute.value"].create(
            [
                {"product_attribute_value_id": value.id, "attribute_line_id": line.id}
                for value in values
            ]
        )
        product.product_template_attribute_value_ids = both[0]

    def test_a_customer_who_signs_has_it_ordered(self):
        self.sign_in()
        sale = self.quotation()
        page = self.url_open(f"/my/orders/{sale.id}")
        self.assertEqual(page.status_code, 200)
        self.assertIn("Wicker Creel", page.text)
        answer = self.make_jsonrpc_request(
            f"/my/orders/{sale.id}/accept", {"name": "Ada Byron", "signature": SIGNATURE}
        )
        self.assertTrue(answer.get("force_refresh"), answer)
        self.env.invalidate_all()
        self.assertEqual(sale.state, "sale")
        self.assertTrue(sale.inventory_source_order_ids.is_placeholder)
        self.accept(sale)
        self.assertEqual(self.url_open(f"/my/orders/{sale.id}").status_code, 200)

    def test_a_customer_asks_over_rpc_for_what_the_shop_knows_and_is_refused(self):
        self.sign_in()
        sale = self.quotation()
        self.assertEqual(self.call(sale, "read", ["name"])[0]["name"], sale.name)
        for call in (
            ("read", ["inventory_source_light_text"]),
            ("web_read", {"order_line": {"fields": {"inventory_source_stock": {}}}}),
            ("web_read", {"order_line": {"fields": {"inventory_source_choice": {}}}}),
            ("action_inventory_source_fix",),
            ("action_inventory_source_check",),
        ):
            with self.subTest(call=call), self.assertRaisesRegex(JsonRpcException, "AccessError"):
                self.call(sale, *call)
        self.assertFalse(self.service.sent)

    def test_what_is_still_to_come_says_when_it_is_expected_to_leave(self):
        order = self.sell((self.creel, 2))
        self.assertIn(self.expected(order), self.block(self.page(order)))
        order.write({"accepted_at": order.accepted_at - timedelta(days=9)})
        self.assertNotIn("Expected", self.block(self.page(order)), "that day is over")
        order.late_at = fields.Datetime.now()
        self.assertIn("takes longer than usual", self.block(self.page(order)))

    def test_what_is_not_applied_is_not_shown(self):
        order = self.sell((self.creel, 2))
        self.look(
            order,
            self.shipment("s-1", (self.creel, 9), order=order),
            self.shipment("s-2", (self.creel, 1), order=order, status="voided"),
        )
        self.assertEqual(
            self.block(self.page(order)),
            f"Shipments Still to be shipped Preparation 2 × Wicker Creel {self.expected(order)}",
        )

    def test_several_numbers_are_several_links_also_where_the_contents_are_asked_about(self):
        order = self.sell((self.creel, 1), (self.lantern, 1))
        links = ["https://track.example.com/1", "https://track.example.com/2"]
        told = {"trackingNumber": "1Z-1; 1Z-2", "trackingUrl": links}
        shipment = self.look(order, self.shipment("s-1", order=order, **told))
        self.assertEqual(shipment.problem, "contents")
        self.assertEqual(self.links(self.page(order)), links)
        shipment.action_apply_open()
        page = self.page(order)
        self.assertEqual(self.links(page), links)
        self.assertIn("UPS 1Z-1 1Z-2 Shipped", self.block(page))

    def test_a_voided_shipment_the_customer_knows_of_is_shown_as_cancelled_without_a_link(self):
        order = self.sell((self.creel, 2))
        first = self.shipment("s-1", (self.creel, 2), order=order)
        self.look(order, first)
        self.look(order, {**first, "status": "voided"})
        page = self.page(order)
        self.assertIn("UPS 1Z-s-1 Canceled This shipment was canceled.", self.block(page))
        self.assertNotIn("https://track.example.com/s-1", self.links(page))

    def links(self, page):
        block = html.fromstring(page).get_element_by_id("inventory_source_shipments")
        return block.xpath(".//a/@href")

    def test_each_shipment_says_how_far_it_is_and_the_rest_what_is_still_to_come(self):
        order = self.sell((self.creel, 3), (self.tent, 1))
        self.look(
            order,
            self.shipment("s-1", (self.creel, 1), order=order),
            self.shipment("s-2", (self.tent, 1), order=order, supplierId=20, status="delivered"),
        )
        self.assertEqual(
            self.block(self.page(order)),
            "Shipments UPS 1Z-s-1 Shipped Date: 11/21/2026 1 × Wicker Creel "
            "UPS 1Z-s-2 Delivered Date: 11/21/2026 1 × Tent "
            f"Still to be shipped Preparation 2 × Wicker Creel {self.expected(order)}",
        )

    def test_what_the_supplier_canceled_is_said_until_it_is_on_its_way_again(self):
        order = self.sell((self.creel, 3))
        first = self.shipment("s-1", (self.creel, 1), order=order)
        self.look(order, first, status="Canceled")
        self.assertEqual(
            self.block(self.page(order)),
            "Shipments UPS 1Z-s-1 Shipped Date: 11/21/2026 1 × Wicker Creel "
            "Will not be shipped Canceled 2 × Wicker Creel These items cannot be delivered as "
            "planned. We will get in touch with you about them.",
        )
        sale = order.sale_order_id
        sale.action_inventory_source_enqueue()
        for placeholder in order._placeholders(self.connection):
            placeholder._build_from_placeholder()
        self.assertNotIn("Will not be shipped", self.page(order))

    def test_an_order_canceled_as_a_whole_says_so_in_the_customers_language(self):
        self.speak_spanish()
        order = self.sell((self.creel, 3))
        self.look(order, status="Failed")
        page = self.page(order, language="es-MX,es;q=0.9")
        self.assertEqual(
            self.block(page),
            "Envíos No se enviará Cancelado 3 × Wicker Creel Estos artículos no se pueden "
            "entregar como estaba previsto. Nos pondremos en contacto con usted.",
        )
        for word in ("Acme", "90071", "18.25"):
            self.assertNotIn(word, self.block(page))

    def test_before_the_supplier_has_the_order_the_page_is_as_without_us(self):
        order = self.sell((self.creel, 1), accept=False)
        self.assertNotIn("inventory_source_shipments", self.page(order))

    def test_a_spanish_customer_reads_spanish_from_top_to_bottom(self):
        self.speak_spanish()
        self.creel.with_context(lang="es_419").name = "Cesta de mimbre"
        order = self.sell((self.creel, 4))
        first = self.shipment("s-1", (self.creel, 1), order=order)
        second = self.shipment("s-2", (self.creel, 1), order=order)
        third = self.shipment("s-3", (self.creel, 1), order=order, status="delivered")
        self.look(order, first, second, third)
        self.look(order, {**first, "status": "voided"}, second, third)
        day = order.accepted_at.date() + timedelta(days=1)
        self.assertEqual(
            self.block(self.page(order, language="es-MX,es;q=0.9")),
            "Envíos UPS 1Z-s-1 Cancelado Este envío se canceló. Si sus artículos salen en "
            "otro, recibirá su número de seguimiento. "
            "UPS 1Z-s-2 Enviado Fecha: 21/11/2026 1 × Cesta de mimbre "
            "UPS 1Z-s-3 Entregado Fecha: 21/11/2026 1 × Cesta de mimbre "
            "Pendiente de envío Preparación 1 × Cesta de mimbre "
            f"Salida prevista a más tardar el {day:%d/%m/%Y}",
        )

    def test_the_customer_learns_nothing_of_the_supplier_or_what_it_costs_the_shop(self):
        order = self.sell((self.creel, 1), (self.tent, 1))
        first = self.shipment("s-1", (self.creel, 1), order=order)
        self.look(order, first)
        self.look(order, {**first, "status": "voided"})
        sale = order.sale_order_id
        # What the history of the page shows: no internal notes.
        messages = sale.message_ids.filtered(
            lambda message: not message.is_internal and not message.subtype_id.internal
        )
        self.assertIn("1Z-s-1", "".join(messages.mapped("body")))
        shown = self.block(self.page(order)) + "".join(messages.mapped("body"))
        inside = (
            *("Acme", "Summit", "18.25", "7.5", order.remote_id, "s-90071", "MO1505", "ST-77"),
            *order.purchase_order_ids.mapped("name"),
            *self.pickings(order).mapped("name"),
        )
        for word in inside:
            self.assertNotIn(word, shown)
        page = self.page(order)
        for word in ("Acme", "Summit", *order.purchase_order_ids.mapped("name")):
            self.assertNotIn(word, page)

    def test_what_a_supplier_writes_is_shown_as_text(self):
        order = self.sell((self.creel, 1))
        self.look(
            order,
            self.shipment(
                "s-1",
                (self.creel, 1),
                order=order,
                carrier="<script>alert(1)</script>",
                trackingNumber='"><img src=x>',
                trackingUrl="javascript:alert(1)",
            ),
        )
        page = self.page(order)
        self.assertNotIn("<script>alert(1)", page)
        self.assertNotIn("<img src=x", page)
        self.assertNotIn("javascript:alert", page)
