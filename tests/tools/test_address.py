from odoo.tests import BaseCase, tagged

from ...client.records import Address
from ...tools.address import (
    country_and_state,
    doubts,
    faults,
    is_military,
    is_po_box,
    is_postal_service,
    phone_number,
    split_phone,
)
from ...tools.postcodes import is_of_state

LENGTHS = {"name": 35, "company": 35, "street": 35, "city": 30}


def address(**changes):
    """Return a good address in Florida, changed."""
    values = {"name": "Ada Byron", "company": "", "address1": "12 Main Street", "address2": ""}
    values |= {"city": "Jacksonville", "state": "FL", "zip": "32202", "country": "US"}
    return Address(**values | {"phone": "9045550100", "email": ""} | changes)


@tagged("post_install", "-at_install")
class TestAddress(BaseCase):
    """What people write into the fields of an address, and what carriers make of it."""

    def test_an_extension_is_no_part_of_the_number_however_it_is_written(self):
        for written in (
            "555-010-4477 ext: 12345",
            "555-010-4477 #12345",
            "555-010-4477 x12345",
            "(555) 010-4477 ext.12345",
            "555.010.4477 extension 12345",
            "5550104477 ext 12345",
            "5550104477EXT12345",
            "555-010-4477, Extn. 12345",
            "555-010-4477 (x 12345)",
            "555-010-4477;ext=12345",
            "555-010-4477 / ext 12345",
            "555 010 4477 xt-12345",
            "555-010-4477 Extensi\u00f3n 12345",
            "Office: 555-010-4477 x12345",
            "555-010-4477 12345",
            "555-010-4477 (12345)",
            "(555) 010-4477(12345)",
        ):
            with self.subTest(written):
                self.assertEqual(phone_number(written), "5550104477")
                self.assertEqual(split_phone(written)[1], "12345")

    def test_of_two_numbers_the_first_is_called(self):
        for written in (
            "555-010-4477 / 555-010-9988",
            "555-010-4477/555-010-9988",
            "555-010-4477 or 555-010-9988",
            "555-010-4477; 555-010-9988",
            "555-010-4477, 555-010-9988 x3",
            "555-010-4477 and (555) 010-9988",
            "555-010-4477 & 555-010-9988",
            "555-010-4477 | 555-010-9988",
            "555-010-4477\n555-010-9988",
            "555-010-4477 555-010-9988",
            "c: 555-010-4477 h: 555-010-9988",
            "555-010-4477 (after 5 pm 555-010-9988)",
        ):
            with self.subTest(written):
                self.assertEqual(phone_number(written), "5550104477")
                self.assertEqual(split_phone(written)[1], "")

    def test_what_only_looks_like_two_numbers_stays_one(self):
        cases = {"904/555-0100": "9045550100", "030/1234567": "0301234567"}
        cases |= {"+49 (30) / 123 45 67": "+49301234567", "904-555-0100 / 0101": "9045550100"}
        cases |= {"+49 904 555 0100 1": "+4990455501001", "030 123 4567 89": "030123456789"}
        cases |= {"\uff19\uff10\uff14-555-0100": "9045550100", "555-BOAT": "", "x12": ""}
        for written, number in cases.items():
            with self.subTest(written):
                self.assertEqual(phone_number(written), number)

    def test_a_po_box_is_one_in_every_usual_writing(self):
        for street in (
            *("P.O.Box12", "PO-Box 12", "POB 12", "PO BX 12", "Box 12, RR 2"),
            *("P O Box 12", "P/O Box 12", "P.0. Box 12", "P.O.B. 12", "PO Box No12"),
            *("Post-Office-Box 12", "P.O. Drawer 12", "RR 2 Box 12", "R.R. 2, Box 12A"),
            *("HC 68 Box 23", "Route 2, Box 5", "Box 12", "Lock Box 12", "General Delivery"),
            *("Apartado 1234", "Apartado Postal 12", "Apdo. 12", "Case postale 123"),
            *("HC-01 Box 1234", "RFD 2 Box 12", "SR 1 Box 3", "Box 12 RR 2", "Box 12A Route 2"),
            *("Apdo. Postal 12", "Gen. Delivery", "General Delivery, 4 Main St"),
        ):
            with self.subTest(street):
                self.assertTrue(is_po_box(street))

    def test_a_street_whose_name_has_a_box_in_it_is_a_street(self):
        for street in (
            *("12 Lockbox Rd", "5 Expo Box Rd", "Post Box Lane 4", "Boxwood Ln 4"),
            *("Po Boxer St 4", "123 Pobox Rd", "12 Postbox Road", "Box Elder Road 12"),
            *("12 Main Street Box 4", "1 Hobo Box 3", "4 Route 9", "PMB 12", "12 Mailbox Court"),
            *("PO 12345", "12 Apartado Court", "500 Poboda Street 12"),
            *("General Delivery Trucking, 4 Main St", "Box 12 Ranch Road", "Box 12 Route Lane"),
        ):
            with self.subTest(street):
                self.assertFalse(is_po_box(street))

    def test_territories_are_states_of_the_country_carriers_know(self):
        for code in ("PR", "GU", "VI", "AS", "MP"):
            self.assertEqual(country_and_state(code, ""), ("US", code))
            self.assertEqual(country_and_state("US", code), ("US", code))
        self.assertEqual(country_and_state("CA", "ON"), ("CA", "ON"))
        self.assertEqual(country_and_state("HK", ""), ("HK", ""))

    def test_a_postcode_belongs_to_its_state(self):
        fitting = [("32202", "FL"), ("06390", "NY"), ("00501", "NY"), ("05501", "MA")]
        fitting += [("73301", "TX"), ("83414", "WY"), ("20041", "VA"), ("20001-1234", "DC")]
        fitting += [("00901", "PR"), ("00801", "VI"), ("96910", "GU"), ("96950", "MP")]
        fitting += [("96799", "AS"), ("34002", "AA"), ("09021", "AE"), ("96201", "AP")]
        for code, state in fitting:
            with self.subTest(f"{code} {state}"):
                self.assertTrue(is_of_state(code, state, "US"))
        others = [("90210", "FL"), ("06390", "CT"), ("73301", "OK"), ("96799", "HI")]
        others += [("83414", "ID"), ("00901", "FL"), ("34002", "FL"), ("00000", "NY")]
        for code, state in others:
            with self.subTest(f"{code} {state}"):
                self.assertFalse(is_of_state(code, state, "US"))
        self.assertTrue(is_of_state("K1A 0B1", "ON", "CA"))
        self.assertFalse(is_of_state("K1A 0B1", "QC", "CA"))
        self.assertTrue(is_of_state("SW1A 1AA", "LND", "GB"), "nobody knows")

    def test_an_address_of_the_armed_forces_is_known_by_state_or_city(self):
        for changes in ({"city": "APO"}, {"city": "fpo"}, {"city": "D.P.O."}, {"state": "AP"}):
            self.assertTrue(is_military(address(**changes)), changes)
        for city in ("Apopka", "Fporth", "Jacksonville"):
            self.assertFalse(is_military(address(city=city)), city)

    def test_the_postal_service_is_known_by_its_name(self):
        for method in ("USPS Ground Advantage", "Priority Mail", "First-Class", "US Postal"):
            self.assertTrue(is_postal_service(method), method)
        for method in ("UPS Ground", "FedEx Priority Overnight", "Ground", "Poster", ""):
            self.assertFalse(is_postal_service(method), method)

    def test_what_cannot_be_delivered_to_is_a_fault_of_its_field(self):
        cases = [({"zip": "3220"}, "zip"), ({"address1": "PO Box", "address2": "12"}, "street")]
        cases += [({"address2": "a" * 36}, "street")]
        for changes, field in cases:
            with self.subTest(changes):
                found = faults(address(**changes), "United States", LENGTHS, False)
                self.assertEqual([fault.field for fault in found], [field])
        self.assertFalse(list(faults(address(address1="POB 12"), "", LENGTHS, True)))

    def test_what_may_be_wrong_is_a_doubt_of_its_field(self):
        cases = [
            ({}, []),
            ({"name": "n" * 45}, ["name"]),
            ({"company": "c" * 68}, ["company_name"]),
            ({"city": "t" * 47}, ["city"]),
            ({"zip": "90210"}, ["zip"]),
            ({"city": "APO", "state": "AE", "zip": "09021"}, ["city"]),
            ({"name": "n" * 35, "company": "c" * 35, "city": "t" * 30}, []),
        ]
        for changes, fields in cases:
            with self.subTest(changes):
                found = doubts(address(**changes), LENGTHS, "UPS Ground")
                self.assertEqual([fault.field for fault in found], fields)
        army = address(city="APO", state="AE", zip="09021")
        self.assertFalse(list(doubts(army, LENGTHS, "USPS Priority Mail")))
