from dataclasses import fields as record_fields

from lxml import etree

from odoo.tests import tagged

from ...client.records import Shipment
from .shipment_case import ShipmentCase

# What the record of the client calls otherwise than the model does.
STORED_AS = {"id": "external_id", "carrier": "carrier_id", "items": "line_ids"}
NAMES = {STORED_AS.get(each.name, each.name) for each in record_fields(Shipment)}


@tagged("post_install", "-at_install")
class TestShipmentFields(ShipmentCase):
    """What the service tells of a shipment is stored and shown: whatever is forgotten is named."""

    def test_each_field_of_a_shipment_has_its_field(self):
        self.assertEqual(NAMES - set(self.env["inventory.source.shipment"]._fields), set())

    def test_each_field_of_a_shipment_is_stored(self):
        order = self.sell((self.creel, 1))
        told = dict.fromkeys(each.name for each in record_fields(Shipment))
        remote = Shipment(**{**told, "status": "shipped", "carrier": "UPS"})
        stored = self.env["inventory.source.shipment"]._prepare_remote(order, remote)
        # These say which shipment it is, and are not told otherwise later.
        self.assertEqual(NAMES - set(stored), {"external_id", "supplier_id", "line_ids"})

    def test_each_field_of_a_shipment_is_shown(self):
        form = self.env["inventory.source.shipment"].get_view(view_type="form")["arch"]
        shown = {node.get("name") for node in etree.fromstring(form).iter("field")}
        self.assertEqual(NAMES - shown, set())
