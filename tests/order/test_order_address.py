import json

from odoo import fields
from odoo.tests import tagged

from ...models.order.order_checks import address_issues, delivery_address
from ...tools.address import phone_number, street_lines
from ...tools.postcodes import postcode
from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderAddress(OrderCommon):
    """How a delivery address leaves, and what is wrong with it."""

    def issues(self, **changes):
        self.customer.write(changes)
        return [issue.field for issue in address_issues(self.customer, self.customer)]

    def test_a_complete_address_has_no_issue(self):
        self.assertEqual(self.issues(), [])

    def test_each_missing_field_is_named(self):
        for field in ("name", "street", "city", "zip", "state_id", "country_id", "phone"):
            with self.subTest(field), self.cr.savepoint() as savepoint:
                if field != "name":
                    self.assertIn(field, self.issues(**{field: False}))
                savepoint.rollback()
            self.env.invalidate_all()

    def test_countries_without_postcodes_or_states_do_not_need_them(self):
        hong_kong = self.env.ref("base.hk")
        self.assertEqual(
            self.issues(country_id=hong_kong.id, zip=False, state_id=False, phone="+85223456789"),
            [],
        )

    def test_a_postcode_of_another_country_is_refused(self):
        for zip_code in ("3220", "322022", "K1A 0B1", "ABCDE"):
            with self.subTest(zip_code):
                self.assertEqual(self.issues(zip=zip_code), ["zip"])

    def test_a_state_of_another_country_is_refused(self):
        self.assertEqual(
            self.issues(country_id=self.env.ref("base.uk").id, zip="SW1A 1AA"), ["state_id"]
        )

    def test_postcodes_are_written_as_their_country_does(self):
        cases = [("322021234", "US", "32202-1234"), (" 32202 ", "US", "32202")]
        cases += [("k1a0b1", "CA", "K1A 0B1"), ("sw1a 1aa", "GB", "SW1A 1AA")]
        for given, country, written in cases:
            with self.subTest(given):
                self.assertEqual(postcode(given, country), written)

    def test_phone_numbers_are_digits(self):
        cases = {"+1 (904) 555-0100": "+19045550100", "904.555.0100 x12": "9045550100"}
        cases |= {"(+49) 30 1234567": "+49301234567", "call me": "", "12345": "", "": ""}
        for given, written in cases.items():
            with self.subTest(given):
                self.assertEqual(phone_number(given), written)

    def test_the_phone_of_the_customer_stands_in_for_the_delivery_contacts(self):
        contact = self.env["res.partner"].create({"name": "Desk", "parent_id": self.customer.id})
        self.assertEqual(delivery_address(contact, self.customer).phone, "+19045550100")

    def test_a_person_at_a_company_is_the_name_and_the_company_stands_beside_it(self):
        company = self.env["res.partner"].create({"name": "Byron Ltd", "is_company": True})
        self.customer.parent_id = company
        address = delivery_address(self.customer, company)
        self.assertEqual((address.name, address.company), ("Ada Byron", "Byron Ltd"))
        own = delivery_address(company, company)
        self.assertEqual((own.name, own.company), ("Byron Ltd", ""))

    def test_long_streets_are_broken_between_words(self):
        street = "Building 12, Riverside Industrial Estate North, Gate C"
        lines = street_lines(street, "", 35)
        self.assertEqual(" ".join(lines), street)
        self.assertEqual(len(lines), 2)
        self.assertLessEqual(max(map(len, lines)), 35)
        self.assertEqual(street_lines("12 Main Street", "Apt 4", 35), ["12 Main Street", "Apt 4"])

    def test_a_street_that_fits_no_label_needs_a_person(self):
        self.assertEqual(self.issues(street="Very long street name " * 5), ["street"])

    def test_a_po_box_needs_a_person_unless_the_connection_delivers_there(self):
        boxes = ["PO Box 12", "P.O. Box 7", "post office box 3", "POBox 12", "P. O. Box No. 12"]
        boxes += ["Postal Box #4", "PO BOX A", "PO Box B-12", "12 Main Street, PO Box 7"]
        for street in boxes:
            with self.subTest(street):
                self.assertEqual(self.issues(street=street), ["street"])
        self.assertEqual(self.issues(street="PO Box", street2="12"), ["street"])
        self.customer.street2 = False
        streets = ["12 Boxwood Road", "4 Post Box Lane", "Post Box Lane 4", "Expo Box 12"]
        streets += ["Post Office Road 3", "Depot Boxing Club 12", "P.O. Boxer Street 1"]
        for street in streets:
            with self.subTest(street):
                self.assertEqual(self.issues(street=street), [])
        self.customer.street = "PO Box 12"
        self.assertEqual(self.order_of(self.confirm((self.creel, 1))).state, "review")
        self.connection.po_box_allowed = True
        self.assertEqual(self.order_of(self.confirm((self.creel, 1))).state, "queued")

    def test_what_may_be_wrong_with_an_address_is_yellow_on_the_quotation(self):
        self.creel.inventory_source_product_ids.seen_at = fields.Datetime.now()
        sale = self.create_sale((self.creel, 1))
        self.assertEqual(sale.inventory_source_light, "green")
        company = self.env["res.partner"].create({"name": "c" * 68, "is_company": True})
        army = {"city": "APO", "zip": "09021", "state_id": self.env.ref("base.state_us_ae").id}
        cases = [
            ("The name .* has 45 characters", {"name": "n" * 45}),
            ("The company .* has 68 characters", {"parent_id": company.id}),
            ("The city .* has 47 characters", {"city": "t" * 47}),
            ("The ZIP 90210 and the state FL do not fit", {"zip": "90210"}),
            ("Only the postal service delivers to APO AE", army),
        ]
        for words, changes in cases:
            with self.subTest(words), self.cr.savepoint() as savepoint:
                self.customer.write(changes)
                self.assertEqual(sale.inventory_source_light, "yellow")
                self.assertRegex(sale.inventory_source_light_text, words)
                # It informs, and the order leaves all the same.
                self.assertEqual(
                    self.order_of(self.confirm((self.creel, 1))).state, "queued", words
                )
                savepoint.rollback()
            self.env.invalidate_all()

    def test_the_lengths_are_those_of_the_connections_profile(self):
        document = json.loads(self.env["inventory.source.profile"].new().document)
        document["create_order"]["lengths"] = {"name": 5, "street": 10}
        profile = self.env["inventory.source.profile"].create(
            {"name": "Short labels", "document": json.dumps(document)}
        )
        # At the address it is connected to, which another profile would change.
        self.connection.write({"profile_id": profile.id, "api_url": self.connection.api_url})
        sale = self.create_sale((self.creel, 1))
        self.assertIn("9 characters, a label takes 5", sale.inventory_source_light_text)
        self.customer.street = "12 Main Street North Gate C"
        self.assertIn("two lines of 10 characters", sale.inventory_source_light_text)

    def test_the_postal_service_may_deliver_to_the_armed_forces(self):
        self.creel.inventory_source_product_ids.seen_at = fields.Datetime.now()
        self.customer.write(
            {"city": "APO", "zip": "09021", "state_id": self.env.ref("base.state_us_ae").id}
        )
        self.connection.default_shipping_method = "USPS Priority Mail"
        self.assertEqual(self.create_sale((self.creel, 1)).inventory_source_light, "green")

    def test_a_territory_leaves_as_a_state_of_the_country_whichever_was_chosen(self):
        values = {"city": "San Juan", "zip": "00901"}
        country, state = self.env.ref("base.pr"), self.env.ref("base.state_us_pr")
        for where in (
            {"country_id": country.id, "state_id": False},
            {"country_id": country.id, "state_id": state.id},
            {"country_id": self.env.ref("base.us").id, "state_id": state.id},
        ):
            with self.subTest(where):
                self.assertEqual(self.issues(**values, **where), [])
                address = delivery_address(self.customer, self.customer)
                self.assertEqual((address.country, address.state), ("US", "PR"))
        florida = self.env.ref("base.state_us_10").id
        self.assertEqual(self.issues(country_id=country.id, state_id=florida), ["state_id"])

    def test_an_extension_goes_along_as_a_note(self):
        self.customer.phone = "904-555-0100 ext: 12345"
        self.confirm((self.creel, 1), inventory_source_message="Ring twice")
        self.expect_order()
        self.send()
        order = self.service.sent[-1][3]["order"]
        self.assertEqual(phone_number(order["shippingAddress"]["phone"])[-10:], "9045550100")
        self.assertEqual(order["note"], "Ring twice\nPhone extension: 12345")

    def test_pick_up_in_store_is_red_the_supplier_would_ship_to_the_store(self):
        product = self.env["product.product"].create({"name": "Store", "type": "service"})
        carrier = self.env["delivery.carrier"].create({"name": "Store", "product_id": product.id})
        # Past the ORM: the kind comes with an app that need not be installed.
        self.env.flush_all()
        self.cr.execute(
            "UPDATE delivery_carrier SET delivery_type = 'in_store' WHERE id = %s", [carrier.id]
        )
        self.env.invalidate_all()
        sale = self.create_sale((self.creel, 1), carrier_id=carrier.id)
        self.assertEqual(sale.inventory_source_light, "red")
        self.assertIn("the supplier would ship it there", sale.inventory_source_light_text)
        action = sale.action_inventory_source_fix()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", sale.id))
        self.assertFalse(
            self.create_sale((self.own, 1), carrier_id=carrier.id).inventory_source_light
        )

    def test_the_shipment_goes_to_the_delivery_contact_with_reference_and_note(self):
        desk = self.customer.copy({"name": "Reception", "street": "1 Harbour Road"})
        self.confirm(
            (self.creel, 1),
            partner_shipping_id=desk.id,
            client_order_ref="PO-77",
            inventory_source_message="Happy birthday!",
        )
        self.expect_order()
        self.send()
        order = self.service.sent[-1][3]["order"]
        self.assertEqual(order["shippingAddress"]["address1"], "1 Harbour Road")
        self.assertEqual(order["shippingAddress"]["name"], "Reception")
        self.assertEqual(order["note"], "Customer reference: PO-77\nHappy birthday!")
