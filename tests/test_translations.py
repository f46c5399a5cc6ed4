import io

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_open
from odoo.tools.translate import trans_export

OURS = "inventory_source"


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
