import io
import re

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_open
from odoo.tools.translate import trans_export

from ...models.connection.authorization import OUTCOMES
from ...models.connection.credentials import SCOPE_WORDS

OURS = "inventory_source"
# What customers of the shop and retailers who are sent a link read; Spanish is shipped for these.
READ_OUTSIDE = (
    *(
        f"model_terms:ir.ui.view,arch_db:{OURS}.{view}"
        for view in (
            "sale_order_portal_content",
            "page",
            "link_page",
            "link_mail",
            "result_page",
            "unknown_page",
        )
    ),
    f"model:mail.template,subject:{OURS}.mail_template_shipment",
    f"model:mail.template,body_html:{OURS}.mail_template_shipment",
    f"code:addons/{OURS}/wizards/link.py",
)
# What stands in a file beside sentences for colleagues.
TEXT_MESSAGE = "%(company)s: your order %(order)s is on its way. %(shipments)s"


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    """The translation template holds what the addon says."""

    def test_the_template_is_up_to_date(self):
        buffer = io.BytesIO()
        trans_export(None, [OURS], buffer, "po", self.env)
        with file_open(f"{OURS}/i18n/{OURS}.pot") as kept:
            written = self._terms(kept.read())
        said = self._terms(buffer.getvalue().decode())
        self.assertGreater(len(said), 1000)
        for terms, wrong in ((said - written, "missing"), (written - said, "too many")):
            self.assertFalse(terms, f"{wrong} in i18n/{OURS}.pot: `make pot` writes it anew")

    def test_spanish_is_complete_for_who_reads_it_and_holds_no_dead_term(self):
        spanish = self._file("es.po")
        template = self._places(self._file(f"{OURS}.pot"))
        lazy = (*OUTCOMES.values(), *SCOPE_WORDS.values())
        outside = {TEXT_MESSAGE, *(words._translate("en_US") for words in lazy)}
        wanted = {
            (term, place)
            for term, place in template
            if place in READ_OUTSIDE or (place.startswith("code:") and term in outside)
        }
        self.assertLessEqual({*outside, "Shipments"}, {term for term, _place in wanted})
        self.assertFalse(wanted - self._places(spanish), "missing in i18n/es.po")
        self.assertFalse(self._places(spanish) - template, "dead in i18n/es.po")
        self.assertFalse(
            [entry.msgid for entry in spanish if entry.fuzzy or not entry.msgstr.strip()]
        )

    def test_spanish_keeps_what_is_put_in_and_how_it_is_marked_up(self):
        kept = re.compile(r"%\(\w+\)s|{{.*?}}|</?\w[^>]*>|\S*Inventory Source")
        for entry in self._file("es.po"):
            self.assertEqual(
                sorted(kept.findall(entry.msgid)), sorted(kept.findall(entry.msgstr)), entry.msgid
            )

    def _file(self, name):
        with file_open(f"{OURS}/i18n/{name}") as kept:
            return polib.pofile(kept.read())

    def _places(self, terms):
        return {(entry.msgid, place) for entry in terms for place, _line in entry.occurrences}

    def _terms(self, text):
        """Return the terms with where they stand, without fields that mixins of Odoo bring along.

        Those fields' texts may change with each Odoo 19, and are not ours to keep.
        """
        inherited = {
            f"{OURS}.field_{name.replace('.', '_')}__{field.name}"
            for name, model in self.env.registry.items()
            for field in model._fields.values()
            if OURS not in field._modules
        }
        return {
            (entry.msgid, place)
            for entry in polib.pofile(text)
            for place, _line in entry.occurrences
            if place.rpartition(":")[2] not in inherited
        }
