import ast
from collections import defaultdict
from pathlib import Path

from lxml import etree

from odoo.tests import TransactionCase, tagged

from ...models.connection.tiles import DASHBOARD, TROUBLES

ADDON = Path(__file__).parents[2]
SAID = "Action needed"
COLOR = "danger"
OTHERS = ("warning", "info", "success", "primary", "muted")


def compared(rule):
    """Yield each (field, value) that a condition of a view asks for."""
    for node in ast.walk(ast.parse(rule.strip(), mode="eval")):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Eq, ast.In)):
            for each in ast.walk(node.comparators[0]):
                if isinstance(each, ast.Constant):
                    yield ast.unparse(node.left), each.value


@tagged("post_install", "-at_install")
class TestColors(TransactionCase):
    """What needs a person has one color, wherever it is said: in another it is taken for less."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folders = ("views", "static/src")
        files = sorted(path for each in folders for path in ADDON.joinpath(each).rglob("*.xml"))
        cls.files = {path.name: etree.parse(path) for path in files}

    def values(self):
        """Return which values of which fields are called so: {field: values}."""
        called = defaultdict(set)
        for name, model in self.env.items():
            if name.startswith("inventory.source.") or name == "sale.order":
                for field in model._fields.values():
                    if field.type == "selection":
                        labels = dict(field._description_selection(self.env))
                        called[field.name] |= {
                            key for key, label in labels.items() if label == SAID
                        }
        return {field: values for field, values in called.items() if values}

    def test_a_row_and_a_value(self):
        called, seen = self.values(), set()
        for name, file in self.files.items():
            for node in file.iter("list", "field"):
                for color in (COLOR, *OTHERS):
                    asked = {*compared(node.get(f"decoration-{color}", "None"))}
                    for field, value in asked:
                        if value in called.get(field, ()):
                            with self.subTest(file=name, field=field, value=value):
                                self.assertEqual(color, COLOR)
                            seen.add((name, field))
        self.assertGreater(len(seen), 4)

    def test_a_figure_of_the_dashboard(self):
        said = [tile for tile in (DASHBOARD | TROUBLES).values() if SAID.lower() in str(tile.label)]
        self.assertGreater(len(said), 1)
        for tile in said:
            self.assertEqual(tile.tone, COLOR, tile.key)
        # What waits for a decision is orange there as in its list.
        self.assertEqual(DASHBOARD["held"].tone, "warning")

    def test_a_sign_and_a_ribbon(self):
        seen = 0
        for name, file in self.files.items():
            for node in file.xpath("//*[self::i or self::widget][@title=$said]", said=SAID):
                with self.subTest(file=name, line=node.sourceline):
                    worn = " ".join(
                        filter(None, map(node.get, ("class", "t-attf-class", "bg_color")))
                    )
                    # A figure's sign has the figure's color.
                    self.assertRegex(worn, rf"\b{COLOR}\b|row\.tone")
                    self.assertNotIn("warning", worn)
                seen += 1
        self.assertGreater(seen, 3)
