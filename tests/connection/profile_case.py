"""What the tests of the mapping's form share: a mapping, and the form as a browser asks for it."""

import json

from ..common import InventorySourceCommon


class ProfileCase(InventorySourceCommon):
    """A mapping that was just made, and its form."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Profile = cls.env["inventory.source.profile"]
        cls.user_system = cls.create_user("inventory_source_system", "manager", "base.group_system")
        cls.profile = cls.Profile.create({"name": "Corrected"})

    def study(self, text=None, user=None, **question):
        profile = self.profile.with_user(user or self.user_system)
        return profile.action_study(text or self.profile.document, question)

    def edit(self, place, value, kind="expression", text=None, op="set", **more):
        """Edit one line of the form; return what the form shows then."""
        place = place.split("/") if isinstance(place, str) else place
        told = self.study(
            text, edit={"op": op, "place": place, "kind": kind, "value": value, **more}
        )
        self.assertFalse(told["refused"])
        return told

    def rows(self, told, page):
        """Return the lines of a page by their place."""
        return {row["id"]: row for section in told["pages"][page] for row in section["rows"]}

    def table(self, told, page, place):
        return next(
            table
            for section in told["pages"][page]
            for table in section["tables"]
            if table["id"] == place
        )

    def section(self, told, page, name):
        return next(section for section in told["pages"][page] if section["name"] == name)

    def changed(self, **changes):
        """Return the document with other values at places written `a__b__c`."""
        document = json.loads(self.profile.document)
        for place, value in changes.items():
            *steps, last = place.split("__")
            inner = document
            for step in steps:
                inner = inner[step]
            inner[last] = value
        return json.dumps(document)
