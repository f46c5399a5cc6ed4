import ast
import re

from lxml import etree

from odoo.tests import tagged
from odoo.tools.safe_eval import datetime, safe_eval, time

from ..common import InventorySourceCommon

# A number that is zero or less says itself why it is red.
SAID_BY_ITSELF = {("margin", "no_margin"), ("margin_percent", "no_margin")}
COLORS = {"danger", "warning", "info", "success", "primary", "muted"}


@tagged("post_install", "-at_install")
class TestScreens(InventorySourceCommon):
    """What holds for every list of the addon, whichever is added later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        actions = cls.env["ir.actions.act_window"].search([("res_model", "=like", "inventory.%")])
        cls.lists = sorted({one.res_model for one in actions if "list" in one.view_mode})

    def filters(self, model):
        """Return the filters of a model's search view."""
        return etree.fromstring(self.env[model].get_view(view_type="search")["arch"]).iter("filter")

    def seen_through(self, model, node):
        """Return what a list shows under one filter or grouping, as the web client asks for it."""
        names = {"uid": self.env.uid, "time": time, "datetime": datetime}
        names["context_today"] = datetime.date.today
        if domain := node.get("domain"):
            return self.env[model].search(safe_eval(domain, names))
        if day := node.get("date"):
            return self.env[model]._read_group([], [f"{day}:month"], ["__count"])
        group = safe_eval(node.get("context"), names)["group_by"]
        kind = self.env[model]._fields[group.partition(":")[0]].type
        group += ":month" if kind in ("date", "datetime") and ":" not in group else ""
        return self.env[model]._read_group([], [group], ["__count"])

    def test_every_card_asks_for_the_fields_it_shows(self):
        views = self.env["ir.ui.view"].search(
            [("type", "=", "kanban"), ("model", "=like", "inventory.%")]
        )
        self.assertGreater(len(views), 1)
        for view in views:
            arch = self.env[view.model].get_view(view.id, "kanban")["arch"]
            asked = {node.get("name") for node in etree.fromstring(arch).iter("field")}
            # One that is not there is an error in the browser, and no card is shown.
            self.assertLessEqual(set(re.findall(r"\brecord\.(\w+)", arch)), asked, view.name)

    def test_every_list_has_cards_for_a_phone(self):
        actions = self.env["ir.actions.act_window"].search([("res_model", "=like", "inventory.%")])
        for action in actions.filtered(lambda one: "list" in one.view_mode):
            with self.subTest(action=action.xml_id):
                self.assertIn("kanban", action.view_mode)
                cards = [("model", "=", action.res_model), ("type", "=", "kanban")]
                self.assertTrue(self.env["ir.ui.view"].search_count(cards))

    def archs(self, *kinds):
        """Return the views of ours of these kinds as the web client gets them, by their names."""
        views = self.env["ir.ui.view"].search(
            [("model", "=like", "inventory.%"), ("type", "in", kinds), ("mode", "=", "primary")]
        )
        return {
            view.name: etree.fromstring(self.env[view.model].get_view(view.id, view.type)["arch"])
            for view in views
        }

    def test_every_list_within_a_form_has_cards_for_a_phone(self):
        found = {
            (name, field.get("name")): field
            for name, arch in self.archs("form").items()
            for field in arch.iter("field")
            if field.find("list") is not None
        }
        self.assertGreater(len(found), 8)
        for field, node in found.items():
            with self.subTest(field=field):
                # What stands there, or what Odoo then takes: the cards of the model.
                given = node.find("kanban") is not None or "kanban" in (node.get("mode") or "")
                self.assertTrue(given)

    def test_no_color_stands_alone(self):
        """What gives a row or a value its color is also there in words, or it is a button less."""
        colored = 0
        for name, arch in self.archs("list", "kanban", "form").items():
            for view in [arch, *arch.iter("list")] if arch.tag == "form" else [arch]:
                if view.tag != "form":
                    colored += self.check_colors(name, view)
        self.assertGreater(colored, 40)

    def check_colors(self, view_name, view):
        seen = {
            node.get("name")
            for node in view.iter("field")
            if node.get("column_invisible") not in ("1", "True") and node.get("optional") != "hide"
        }
        for node in view.iter("button"):
            seen |= set(re.findall(r"\w+", node.get("invisible") or ""))
        colors = [
            (node, value)
            for node in (view, *view.iter("field"))
            for key, value in node.attrib.items()
            if key.startswith("decoration-") and key.removeprefix("decoration-") in COLORS
        ]
        for node, value in colors:
            asked = {
                each.id for each in ast.walk(ast.parse(value)) if isinstance(each, ast.Name)
            } or {node.get("name")}
            if {(node.get("name"), each) for each in asked} <= SAID_BY_ITSELF:
                continue
            with self.subTest(view=view_name, colored=node.get("name") or "the row", by=value):
                self.assertTrue(asked & seen)
        return len(colors)

    def test_every_filter_and_grouping_can_be_chosen(self):
        self.assertGreater(len(self.lists), 10)
        for model in self.lists:
            for node in self.filters(model):
                with self.subTest(model=model, filter=node.get("name")):
                    self.assertIsNotNone(self.seen_through(model, node))

    def test_people_can_read_every_field_they_are_offered(self):
        """Else an export of all fields fails; documents of Odoo's own apps are for their people."""
        for user in (self.user_user, self.user_manager):
            for model in self.lists:
                records = self.env[model].with_user(user)
                if not records.has_access("read"):
                    continue
                for name, field in records.fields_get(attributes=["relation"]).items():
                    related = field.get("relation") or ""
                    if related.startswith("inventory.source"):
                        with self.subTest(user=user.login, model=model, field=name):
                            self.assertTrue(self.env[related].with_user(user).has_access("read"))

    def test_what_was_archived_can_be_found_again(self):
        archived = [model for model in self.lists if "active" in self.env[model]._fields]
        self.assertIn("inventory.source.supplier", archived)
        for model in archived:
            with self.subTest(model=model):
                self.assertTrue(
                    any(
                        "'active', '=', False" in (f.get("domain") or "")
                        for f in self.filters(model)
                    )
                )
