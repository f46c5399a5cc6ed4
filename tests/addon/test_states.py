import ast
import re
from collections import Counter
from pathlib import Path

from lxml import etree

from odoo.tests import BaseCase, TransactionCase, tagged

from ...models.sync import states

ADDON = Path(__file__).parents[2]
KNOWN = [
    {state for state, _label in table} for table in (states.ORDER_STATES, states.SHIPMENT_STATES)
]
IN_SQL = re.compile(r"\(\s*'\w+'(?:\s*,\s*'\w+')+\s*\)")


def spelled(tree):
    """Yield `(line, words)` of every literal collection of words, in Python and in SQL."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            constants = [each.value for each in node.elts if isinstance(each, ast.Constant)]
            yield node.lineno, {word for word in constants if isinstance(word, str)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            for words in IN_SQL.findall(node.value):
                yield node.lineno, set(re.findall(r"\w+", words))


def sets_of_states(source):
    """Return the lines that spell two states or more of orders, or of shipments."""
    return [
        line
        for line, words in spelled(ast.parse(source))
        if any(len(words & known) > 1 for known in KNOWN)
    ]


@tagged("post_install", "-at_install")
class TestWords(TransactionCase):
    """What people choose from."""

    def test_no_choice_stands_in_a_list_twice(self):
        found = [
            str(field)
            for model in self.env.registry.values()
            if model._name.startswith("inventory.source.")
            for field in model._fields.values()
            if field.type == "selection" and isinstance(field.selection, list)
            if max(Counter(word for word, _label in field.selection).values(), default=0) > 1
        ]
        self.assertFalse(found)


@tagged("post_install", "-at_install")
class TestStates(BaseCase):
    """Which states decide something is said in one table."""

    def test_nobody_else_spells_a_set_of_states(self):
        found = [
            f"{path.relative_to(ADDON)}:{line}"
            for folder in ("models", "wizards", "controllers")
            for path in sorted(ADDON.joinpath(folder).rglob("*.py"))
            if path.name != "states.py"
            for line in sets_of_states(path.read_text(encoding="utf-8"))
        ]
        self.assertFalse(found, "name the set in models/sync/states.py, and take it from there")

    def test_each_state_of_an_order_is_in_one_of_four_sets(self):
        """Else what asks a set of states forgets a new one: stock, copies, margins, polls."""
        sets = (states.UNSENT, states.AWAITED, states.TAKEN, states.NOT_BOUGHT)
        placed = Counter(state for each in sets for state in each)
        self.assertEqual(placed, Counter(state for state, _label in states.ORDER_STATES))

    def test_a_set_that_is_spelled_is_found(self):
        for source in (
            "order.state in ('accepted', 'done')",
            "domain = [('state', 'in', ['pending', 'problem'])]",
            "gone = {'voided', 'dismissed'}",
            "states = (*TAKEN, 'queued', 'held')",
            "SQL(\"SELECT id WHERE state NOT IN ('rejected',\\n 'cancelled')\")",
        ):
            self.assertEqual(sets_of_states(source)[:1], [1], source)
        for source in ("state == 'done'", "('done', 'cancel')", "SQL(\"state IN ('draft')\")"):
            self.assertFalse(sets_of_states(source), source)

    def test_each_named_set_holds_states_there_are_and_is_used(self):
        text = "\n".join(
            path.read_text(encoding="utf-8")
            for folder in ("models", "wizards")
            for path in ADDON.joinpath(folder).rglob("*.py")
            if path.name != "states.py"
        )
        for name, members in vars(states).items():
            if name.isupper() and not name.endswith("_STATES"):
                with self.subTest(name):
                    self.assertTrue(any(set(members) <= known for known in KNOWN))
                    self.assertRegex(text, rf"\b{name}\b")


@tagged("post_install", "-at_install")
class TestStatesShown(TransactionCase):
    def test_the_list_of_orders_colors_each_state(self):
        """Whoever adds a state decides how it looks; the test names it until then."""
        arch = self.env["inventory.source.order"].get_view(view_type="list")["arch"]
        colored = {
            word
            for node in etree.fromstring(arch).iter("list", "field")
            for name, rule in node.attrib.items()
            if name.startswith("decoration-")
            for word in re.findall(r"'(\w+)'", rule)
        }
        self.assertEqual({state for state, _label in states.ORDER_STATES} - colored, set())
