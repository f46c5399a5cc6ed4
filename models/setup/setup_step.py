from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ..connection.connection import IN_USE, RESPONSIBLE

_lt = LazyTranslate(__name__)

# The way to the first sale, and why each step is taken.
WHY = {
    "app": _lt(
        "Inventory Source knows this shop by the Client ID and the Client Secret of an app."
    ),
    "connect": _lt(
        "You sign in at Inventory Source and agree. Odoo may then read your catalogs, place your "
        "orders and follow their shipments."
    ),
    "catalog": _lt(
        "What your suppliers offer is downloaded and kept up to date. It does not become products "
        "in Odoo yet."
    ),
    "sell": _lt(
        "You choose what becomes products in Odoo, for several catalogs at once. What would "
        "happen is counted before anything does."
    ),
    "prices": _lt(
        "The sales price is the cost times a markup, or a pricelist rule makes it; never below "
        "the supplier's minimum advertised price (MAP)."
    ),
    "categories": _lt("Each supplier category is mapped to one of your product categories."),
    "shipping": _lt(
        "Inventory Source and the suppliers have their own names for delivery methods and "
        "carriers. Orders with a method that has no name there wait."
    ),
    "people": _lt(
        "They get the activities when an order, a catalog, an amount or the access needs a person."
    ),
    "test": _lt(
        "One piece goes the way of every order, to an address you choose, and is canceled "
        "afterwards."
    ),
    "live": _lt("Over a production connection, suppliers ship what you sell."),
}
# A sign, so that color is never alone.
SIGNS = {"done": "✓", "default": "✓", "waiting": "…", "todo": "→", "later": "○"}
COLORS = {"done": 10, "default": 10, "waiting": 3, "todo": 4, "later": 0}
FINISHED = ("done", "default")


class SetupStep(models.Model):
    """The checklist of a connection: what is computed from what is there, never clicked.

    A row for each step of each connection, without a table. Each is judged by a method `_judge_…`
    and opens one screen by a method `_open_…`, named by its key.
    """

    _name = "inventory.source.setup.step"
    _description = "Inventory Source Setup Step"
    _auto = False
    _depends = {"inventory.source.connection": ["active", "company_id"]}
    _order = "connection_id, sequence"
    _rec_name = "key"

    connection_id = fields.Many2one("inventory.source.connection", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    sequence = fields.Integer(readonly=True)
    key = fields.Selection(
        [
            ("app", "App"),
            ("connect", "Connected"),
            ("catalog", "Catalog downloaded"),
            ("sell", "What to sell"),
            ("prices", "Prices"),
            ("categories", "Categories"),
            ("shipping", "Carriers and shipping methods"),
            ("people", "Responsible people"),
            ("test", "Test order"),
            ("live", "Live"),
        ],
        "Step",
        readonly=True,
    )
    state = fields.Selection(
        [
            ("done", "Done"),
            ("default", "Works as it is"),
            ("waiting", "In progress"),
            ("todo", "To do"),
            ("later", "Later"),
        ],
        compute="_compute_state",
    )
    why = fields.Text(compute="_compute_why")
    remark = fields.Text("Now, and what comes next", compute="_compute_state")
    color = fields.Integer(compute="_compute_state")

    @property
    def _table_query(self):
        steps = SQL(", ").join(SQL("(%s, %s)", number, key) for number, key in enumerate(WHY))
        return SQL(
            """
            SELECT connection.id * 16 + step.number AS id, connection.id AS connection_id,
                   connection.company_id, step.number AS sequence, step.key
              FROM inventory_source_connection AS connection
        CROSS JOIN (VALUES %s) AS step (number, key)
             WHERE connection.active
            """,
            steps,
        )

    @api.depends("key")
    @api.depends_context("lang")
    def _compute_why(self):
        for step in self:
            step.why = self.env._(WHY[step.key])  # pylint: disable=gettext-variable

    @api.depends("key", "connection_id")
    @api.depends_context("lang")
    def _compute_state(self):
        for connection, steps in self.grouped("connection_id").items():
            judged = self._judge(connection)
            for step in steps:
                step.state, step.remark = judged[step.key]
                step.color = COLORS[step.state]

    @api.depends("key", "state")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["key"]._description_selection(self.env))
        for step in self:
            step.display_name = f"{SIGNS[step.state]} {labels[step.key]}"

    def _is_finished(self):
        return self.state in FINISHED

    @api.model
    def _judge(self, connection):
        """Return `{key: (state, sentence)}` of a connection, in the order of the steps."""
        # sudo: what is left to do does not depend on who looks.
        connection, judged = connection.sudo(), {}
        for key in WHY:
            judged[key] = getattr(self, f"_judge_{key}")(connection, judged)
        return judged

    def _judge_app(self, connection, _judged):
        if connection._has_app():
            return "done", self.env._("Client ID and Client Secret are entered.")
        return "todo", self.env._(
            "Enter the Client ID and the Client Secret on the connection, then press “Connect”."
        )

    def _judge_connect(self, connection, judged):
        if connection.state == "to_confirm":
            return "todo", self.env._("An account was offered. See whose it is and confirm it.")
        if connection.state == "reauth":
            return "todo", connection.state_reason or self.env._("Connect again.")
        if connection.state != "connected":
            ready = judged["app"][0] == "done"
            return "todo" if ready else "later", connection.connect_failure or self.env._(
                "Press “Connect” on the connection. Channels and catalogs are then loaded."
            )
        if not connection.channel_ids:
            return "waiting", self._load_failure(connection) or self.env._(
                "Channels and catalogs are being loaded."
            )
        if not connection.channel_id:
            return "todo", self.env._("Choose on the connection the channel for your orders.")
        return "done", self.env._(
            "Connected, with the channel “%(channel)s”.", channel=connection.channel_id.name
        )

    def _load_failure(self, connection):
        """Return why the channels and catalogs did not come yet, or False."""
        last = connection.env["inventory.source.run"].search(
            [("connection_id", "=", connection.id), ("lane", "=", "catalog")], limit=1
        )
        return last.state == "failed" and self.env._(
            "Channels and catalogs could not be loaded yet, which is tried again automatically: "
            "%(reason)s",
            reason=last.message or "",
        )

    def _judge_catalog(self, connection, _judged):
        if connection.state not in IN_USE:
            return "later", self.env._("Begins automatically once it is connected.")
        catalogs = connection.catalog_ids
        if not catalogs and connection.channel_ids:
            return "todo", self.env._(
                "The account has no catalogs. Add some at Inventory Source, then press “Load "
                "Channels & Catalogs” on the connection."
            )
        there = catalogs.filtered(
            lambda catalog: catalog.confirmed_at or catalog.pass_state in ("held", "partial")
        )
        if there and catalogs == there:
            return "done", self.env._("Catalogs downloaded: %(number)s.", number=len(there))
        if failing := (catalogs - there).filtered("failing_since")[:1]:
            return "todo", f"{failing.name}: {failing.failure}"
        return "waiting", self.env._(
            "%(number)s of %(all)s catalogs are downloaded. It continues automatically.",
            number=len(there),
            all=len(catalogs),
        )

    def _judge_sell(self, connection, judged):
        step = connection._goods_steps().get(connection)
        if step == "import" and judged["catalog"][0] == "done":
            return "later", self.env._("There are no products in the downloaded catalogs yet.")
        if step == "import":
            return "later", self.env._("As soon as the first catalog is downloaded.")
        if step == "choose":
            return "todo", self.env._(
                "Nothing is imported yet. Choose, and the import begins at once."
            )
        if not connection._which_offer(("product_id", "!=", False)):
            return "waiting", self.env._("The import runs in the background.")
        return "done", self.env._(
            "%(number)s products are imported.", number=connection.product_count
        )

    def _judge_prices(self, connection, _judged):
        if connection.price_pricelist_id:
            return "done", self.env._(
                "Prices follow %(pricelist)s.", pricelist=connection.price_pricelist_id.name
            )
        names = ["price_factor", "price_min_margin"]
        usual = dict.fromkeys(names, 0.0) | connection.default_get(names)
        chosen = any(connection[name] != usual[name] for name in names)
        return "done" if chosen else "default", self.env._(
            "Cost × %(factor)g, with a margin of at least %(margin)g%%.",
            factor=connection.price_factor,
            margin=connection.price_min_margin,
        )

    def _judge_categories(self, connection, _judged):
        used = [("connection_id", "=", connection.id), ("product_count", ">", 0)]
        categories = connection.env["inventory.source.category"]
        count = categories.search_count(used)
        if not count:
            return "later", self.env._("Once supplier products are downloaded.")
        if left := categories.search_count([*used, ("action", "=", False)]):
            return "todo", self.env._(
                "%(left)s of %(all)s categories are not mapped; their products go to the "
                "connection's own category.",
                left=left,
                all=count,
            )
        return "done", self.env._("All %(all)s categories are mapped.", all=count)

    def _judge_shipping(self, connection, _judged):
        methods, carriers = connection.shipping_method_ids, connection.carrier_ids
        unnamed = methods.filtered(lambda method: not method.name)
        unmapped = carriers.filtered(lambda carrier: not carrier.delivery_carrier_id)
        if unnamed or unmapped:
            return "todo", self.env._(
                "Shipping methods without a name: %(unnamed)s. Carriers without a delivery "
                "method: %(unmapped)s.",
                unnamed=len(unnamed),
                unmapped=len(unmapped),
            )
        return "done" if methods or carriers else "default", self.env._(
            "Sales without a delivery method ship as “%(method)s”.",
            method=connection.default_shipping_method or "-",
        )

    def _judge_people(self, connection, _judged):
        user = connection.user_id.filtered("active")
        if not user:
            return "todo", self.env._("No active user is responsible. Choose one.")
        named = any(connection[role] for role in RESPONSIBLE.values())
        return "done" if named else "default", (
            self.env._(
                "%(name)s gets the activities that have no person of their own.", name=user.name
            )
            if named
            else self.env._("%(name)s gets all activities.", name=user.name)
        )

    def _judge_test(self, connection, judged):
        accepted = [("connection_id", "=", connection.id), ("accepted_at", "!=", False)]
        if connection.env["inventory.source.order"].search_count(accepted, limit=1):
            return "done", self.env._("An order was accepted.")
        if connection.environment == "production":
            return "default", self.env._(
                "A test order here would be a real purchase. Test over a sandbox connection."
            )
        ready = judged["sell"][0] == "done" and judged["connect"][0] == "done"
        return "todo" if ready else "later", self.env._(
            "The address is checked before it is sent. Takes less than a minute."
        )

    def _judge_live(self, connection, judged):
        ready = all(judged[key][0] == "done" for key in ("connect", "catalog", "sell"))
        if connection.environment == "production":
            if not ready:
                return "later", self.env._("When the steps above are done, orders leave.")
            if connection.blocked_reason:
                return "todo", connection.blocked_reason
            policies = dict(connection._fields["order_policy"]._description_selection(self.env))
            return "done", self.env._(
                "It is live. Orders are sent: %(policy)s.",
                policy=policies[connection.order_policy],
            )
        if connection.is_tryout:
            return "default", self.env._(
                "A trial with a simulator stays one: nothing is delivered."
            )
        live = connection.search(
            [
                ("company_id", "=", connection.company_id.id),
                ("environment", "=", "production"),
                ("state", "in", IN_USE),
            ],
            limit=1,
        )
        if live:
            return "done", self.env._("%(name)s is live.", name=live.name)
        ready = ready and judged["test"][0] in FINISHED
        return "todo" if ready else "later", self.env._(
            "This is a sandbox, nothing is delivered. Go live with a production connection."
        )

    # --- each step opens its screen ---

    def action_open(self):
        """Open the one screen of this step."""
        self.ensure_one()
        self.connection_id.check_access("write")
        return getattr(self, f"_open_{self.key}")(self.connection_id)

    def _open_app(self, connection):
        return self._open_form(connection)

    def _open_connect(self, connection):
        return self._open_form(connection)

    def _open_catalog(self, connection):
        if not connection.catalog_ids:
            return self._open_form(connection)
        return self._open_list("catalog", connection)

    def _open_sell(self, connection):
        return connection.action_choose()

    def _open_prices(self, connection):
        return connection.action_prices()

    def _open_categories(self, connection):
        action = connection.action_view_category_map()
        return {**action, "context": {"search_default_to_map": 1, "search_default_used": 1}}

    def _open_shipping(self, connection):
        return self._open_form(connection, "shipping")

    def _open_people(self, connection):
        return self._open_form(connection, "people")

    def _open_test(self, connection):
        return connection.action_trial_order()

    def _open_live(self, connection):
        if connection.environment == "production":
            return self._open_form(connection)
        return connection.action_go_live()

    def _open_form(self, connection, part=None):
        """Return the action that opens a connection, or the part of it a step is about.

        The part opens over the checklist, which is there again, brought up to date, when it closes.
        """
        view = part and self.env.ref(
            f"inventory_source.inventory_source_connection_view_form_{part}"
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name[2:] if part else connection.name,
            "res_model": connection._name,
            "res_id": connection.id,
            "views": [(view.id if view else False, "form")],
            "target": "new" if part else "current",
        }

    def _open_list(self, model, connection):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"inventory_source.inventory_source_{model}_action"
        )
        own = [("connection_id", "=", connection.id)]
        return {**action, "domain": own, "context": {"default_connection_id": connection.id}}
