from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..connection.request_budget import to_send


class Kind(NamedTuple):
    """What tells one kind of long work from another."""

    lane: str  # who does it
    label: str
    least: int  # fewer are no long work, unless a person waits for them
    role: str | None  # whose the end is that nobody waits for: a key of `_responsible`


KINDS = {
    "download": Kind("catalog", "Download", 1, "catalog"),
    "import": Kind("catalog", "Import", 200, "catalog"),
    "update": Kind("catalog", "Update", 200, None),
    "order": Kind("order", "Orders", 10, "orders"),
    "picture": Kind("picture", "Pictures", 50, "catalog"),
    "go_live": Kind("go_live", "Go Live", 1, None),
}
# What is done with the products of a catalog, and not before that is downloaded.
OF_PRODUCTS = ("import", "update")


class Work(models.Model):
    """A long work as long as it goes on: what of it no other record knows.

    How much is left is asked of the records themselves (`_left`). How much there was in all, and
    who waits for the end, stands here. So whoever looks asks this table first, and pays for more
    only while there is something to see.
    """

    _name = "inventory.source.work"
    _description = "Inventory Source Long Work"
    _log_access = False
    _rec_name = "kind"

    connection_id = fields.Many2one(
        "inventory.source.connection", required=True, ondelete="cascade", index=True
    )
    kind = fields.Selection([(key, kind.label) for key, kind in KINDS.items()], required=True)
    catalog_id = fields.Many2one("inventory.source.catalog", ondelete="cascade", index=True)
    user_id = fields.Many2one(
        "res.users", ondelete="cascade", index="btree_not_null", help="Who waits for the end."
    )
    begun_at = fields.Datetime(required=True)
    total = fields.Integer(help="Of a download: what the catalog had before; 0: not known.")
    remaining = fields.Integer(help="When it was looked at last.")

    _one_each = models.UniqueIndex("(connection_id, kind, COALESCE(catalog_id, 0))")

    # --- what begins and ends it ---

    @api.model
    def _wait_for(self, connection, kind, catalogs=()):
        """Have the person who presses a button told when this kind of work has ended.

        Called when what is to be done is marked: the lane may do all of it in one step.
        """
        person = self.env.user
        user_id = None if person._is_superuser() else person.id
        # sudo: nobody's table; who pressed the button was checked.
        works = self.sudo()
        for catalog in catalogs or [self.env["inventory.source.catalog"]]:
            works._begin(connection.sudo(), kind, catalog.sudo(), user_id)
        mine = works.search([("connection_id", "=", connection.id), ("kind", "=", kind)])
        left = works._left(connection.sudo(), kind)
        for work in mine:
            work._note_left(left.get(work._key(), 0))
        works._tell(connection)

    @api.model
    def _join(self, connection, lane, user_id):
        """Have a person told of the end of all that a lane goes on with; return how far it is.

        :return: a sentence for each kind of work
        """
        works = self.search([("connection_id", "=", connection.id)])
        works = works.filtered(lambda work: KINDS[work.kind].lane == lane)
        works.user_id = user_id
        shown = self._of_connections(connection)[connection]["works"]
        return [f"{work['text']}." for work in shown if work["lane"] == lane]

    @api.model
    def _begin(self, connection, kind, catalog, user_id=None, count=0):
        """Make the row if there is none; a person who waits stays the one who is told."""
        # Raw SQL: a person's button and the lane may make the same row at one moment. Where the ORM
        # refuses the second one, this has the transaction run once more.
        total = catalog._known_total() if kind == "download" else count
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO inventory_source_work
                    (connection_id, kind, catalog_id, user_id, begun_at, total, remaining)
                VALUES (%s, %s, %s, %s, %s, %s, %s)
                ON CONFLICT (connection_id, kind, COALESCE(catalog_id, 0)) DO UPDATE
                    SET user_id = COALESCE(EXCLUDED.user_id, inventory_source_work.user_id)
                """,
                *(connection.id, kind, catalog.id or None, user_id),
                *(fields.Datetime.now(), total, total),
            )
        )
        self.invalidate_model()

    @api.model
    def _follow(self, connection, lane, is_news=False):
        """Note how far a lane is, tell whoever looks, and tell of what has ended.

        Called by the lanes between two steps, in a transaction of its own. What is done within one
        slice has no row here: `is_news` says that screens show something else now.
        """
        kinds = [key for key, kind in KINDS.items() if kind.lane == lane]
        if not connection.is_counted:
            # What is to be imported waits until it counts.
            kinds = [kind for kind in kinds if kind not in OF_PRODUCTS]
        mine = [("connection_id", "=", connection.id), ("kind", "in", kinds)]
        known, left = self.search(mine), self._left(connection, kinds)
        there = {work._key() for work in known}
        for (_connection, kind, catalog_id), count in left.items():
            if (connection.id, kind, catalog_id) not in there and count >= KINDS[kind].least:
                catalog = self.env["inventory.source.catalog"].browse(catalog_id or None)
                self._begin(connection, kind, catalog, count=count)
        works = self.search(mine)
        for work in works:
            work._note_left(left.get(work._key(), 0))
        for own in works.grouped("kind").values():
            if own._is_over():
                own._end()
        if works or is_news:
            self._tell(connection)

    def _note_left(self, count):
        """Note how much is left; what came meanwhile makes it more in all."""
        if self.kind != "download" and count != self.remaining:
            self.write({"total": self._total(count), "remaining": count})

    def _total(self, count):
        """Return how much there is in all when so much is left."""
        return self.total + max(0, count - self.remaining)

    def _is_over(self):
        """Return whether all these, of one kind and connection, are done."""
        left = self._left(self.connection_id, self[0].kind)
        if any(left.get(work._key()) for work in self):
            return False
        return not any(work._may_grow() for work in self)

    def _may_grow(self):
        """Return whether what is still read may bring more of it, and nobody waits for less."""
        if self.kind not in OF_PRODUCTS or (self.user_id and self.catalog_id.confirmed_at):
            return False
        return not self.catalog_id.failing_since and self.catalog_id._is_downloading()

    def _key(self):
        return self.connection_id.id, self.kind, self.catalog_id.id or False

    # --- how much is left, asked of the records ---

    @api.model
    def _left(self, connections, kinds):
        """Return how much is left: {(connection, kind, catalog or False): number}, with ids."""
        found = {}
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            for connection, catalog, count in getattr(self, f"_left_{kind}")(connections):
                key = (connection.id, kind, catalog and catalog.id)
                found[key] = found.get(key, 0) + count
        return found

    def _left_download(self, connections):
        mine = [("connection_id", "in", connections.ids)]
        catalogs = self.env["inventory.source.catalog"].search(mine)
        return [
            (catalog.connection_id, catalog, 1) for catalog in catalogs if catalog._is_downloading()
        ]

    def _left_import(self, connections):
        return self._pending(connections, [("product_id", "=", False)])

    def _left_update(self, connections):
        return self._pending(connections, [("product_id", "!=", False)])

    def _pending(self, connections, domain):
        waiting = [("connection_id", "in", connections.ids), ("pending", "=", True), *domain]
        return self.env["inventory.source.product"]._read_group(
            waiting, ["connection_id", "catalog_id"], ["__count"]
        )

    def _left_order(self, connections):
        return self._of_connection("order", connections, to_send(fields.Datetime.now()))

    def _left_picture(self, connections):
        # What somebody only looks at is no long work.
        waiting = [
            ("state", "=", "waiting"), ("due_at", "!=", False), ("product_tmpl_id", "!=", False),
        ]  # fmt: skip
        return self._of_connection("picture", connections, waiting)

    def _of_connection(self, model, connections, domain):
        groups = self.env[f"inventory.source.{model}"]._read_group(
            [("connection_id", "in", connections.ids), *domain], ["connection_id"], ["__count"]
        )
        return [(connection, False, count) for connection, count in groups]

    def _left_go_live(self, connections):
        going = self.env["inventory.source.go.live"].search(
            [("production_id", "in", connections.ids), ("work", "!=", False)]
        )
        return [(each.production_id, False, each._work_left()) for each in going]

    # --- who is told ---

    @api.model
    def _tell(self, connections):
        """Have the screens of whoever may look read anew how far these are: over Odoo's bus.

        The message says which connection, and nothing of it: who may not read it learns no figure.
        """
        self.env.ref("inventory_source.group_user")._bus_send(
            "inventory_source.progress", {"connection_ids": connections.ids}
        )

    def _end(self):
        """Take away these, of one kind and connection, and tell whoever waits what came of it."""
        connection, role = self.connection_id, KINDS[self[0].kind].role
        people = self.user_id
        if not people and role and self._is_news():
            people = connection._responsible(role)
        for person in people:
            if result := self._result_for(person):
                person._bus_send("inventory_source.result", result)
        self.unlink()

    def _is_news(self):
        """Return whether nobody asked for it, and somebody wants to know all the same."""
        return self[0].kind != "download" or not any(
            work.total or work._failed_before() for work in self
        )

    def _failed_before(self):
        """Return whether this, of a catalog that fails, was one more try."""
        since = self.catalog_id.failing_since
        return bool(since) and since < self.begun_at
