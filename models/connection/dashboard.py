import json
from datetime import datetime, time, timedelta, timezone

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date
from odoo.tools.misc import formatLang

from ..sync.lane import LANES
from ..sync.record_mixin import ago, clock, day_label
from .tiles import DASHBOARD, NEEDS_YOU, TROUBLES

# Orders and sales are shown for so many days, today included.
SALES_DAYS = 7
_TILES = tuple(DASHBOARD.values())
# Products there may be a hundred thousand of: to count them takes longer than all else together.
_ON_FORM = tuple(tile for tile in _TILES if tile.by == "catalog_id")
_ON_CARD = tuple(tile for tile in _TILES if tile not in _ON_FORM)
_STRIP = (*TROUBLES.values(), *(tile for tile in _TILES if tile.person))


class Connection(models.Model):
    """What people see of a connection at a glance: the next step, counts, requests left."""

    _inherit = "inventory.source.connection"

    next_step = fields.Selection(
        [
            ("app", "Enter your app"),
            ("connect", "Connect"),
            ("confirm", "Confirm the account"),
            ("load", "Load channels and catalogs"),
            ("channel", "Choose a channel"),
            ("import", "Update the catalog"),
            ("choose", "Choose what to sell"),
        ],
        compute="_compute_next_step",
        help="What is left to do before the connection works automatically.",
    )
    go_live_id = fields.Many2one(
        "inventory.source.go.live",
        compute="_compute_go_live_id",
        groups="inventory_source.group_manager",
        help="What takes a sandbox to production, on both connections.",
    )
    is_going_live = fields.Boolean(
        compute="_compute_go_live_id", groups="inventory_source.group_manager"
    )
    # Searched: of a connection that was just made the cache would say that it has none.
    setup_step_ids = fields.One2many(
        "inventory.source.setup.step", string="Setup", compute="_compute_setup"
    )
    setup_progress = fields.Char("Set up", compute="_compute_setup")
    is_set_up = fields.Boolean(compute="_compute_setup")
    blocked_reason = fields.Char(compute="_compute_blocked_reason", search="_search_blocked_reason")
    # What `DASHBOARD` counts: a new number is a row there.
    for _tile in _TILES:
        vars()[_tile.field] = fields.Integer(
            _tile.label,
            compute="_compute_counts" if _tile in _ON_CARD else "_compute_product_counts",
        )
    del _tile
    dashboard = fields.Json(
        compute="_compute_dashboard", help="What the card shows beside plain fields."
    )
    dashboard_graph = fields.Text(
        compute="_compute_dashboard", help="Orders and sales of the last days."
    )

    @api.depends(
        "state", "client_id", "client_secret", "has_client_secret", "channel_id", "channel_ids"
    )
    def _compute_next_step(self):
        goods = self._origin._goods_steps()
        for connection in self:
            if connection.state == "to_confirm":
                step = "confirm"
            elif connection.state != "connected":
                step = "connect" if connection._has_app() else "app"
            elif not connection.channel_ids:
                step = "load"
            elif not connection.channel_id:
                step = "channel"
            else:
                step = goods.get(connection._origin, False)
            connection.next_step = step

    def _compute_go_live_id(self):
        for connection in self:
            found = self.env["inventory.source.go.live"]._of(connection._origin)
            connection.go_live_id = found
            connection.is_going_live = bool(found) and not found.done_at

    def _goods_steps(self):
        """Return of each what is left to do until something is imported: of the next step, a key.

        Who chose what nothing matches, or what is left out, has to choose once more.
        """
        offered, imported = self._which_offer(), self._which_offer(("product_id", "!=", False))
        steps, without = dict.fromkeys(self - offered, "import"), offered - imported
        importing = without._which_offer(("pending", "=", True))
        return steps | dict.fromkeys(without - importing, "choose")

    def _which_offer(self, *conditions):
        """Return those of these that have such a supplier product; one statement for all."""
        if not self:
            return self
        # sudo: what is left to do does not depend on who looks.
        offers = self.env["inventory.source.product"].sudo()
        found = [
            offers._search([("connection_id", "=", own), *conditions], limit=1).select(
                SQL("%s::int", own)
            )
            for own in self.ids
        ]
        rows = self.env.execute_query(SQL(" UNION ALL ").join(SQL("(%s)", each) for each in found))
        return self.browse(own for (own,) in rows)

    def _compute_setup(self):
        found = self.env["inventory.source.setup.step"].search([("connection_id", "in", self.ids)])
        own = found.grouped("connection_id")
        for connection in self:
            steps = own.get(connection._origin, found.browse())
            finished = steps.filtered(lambda step: step._is_finished())
            connection.setup_step_ids = steps
            connection.setup_progress = bool(steps) and f"{len(finished)}/{len(steps)}"
            connection.is_set_up = bool(steps) and steps == finished

    def action_setup(self):
        """Open the checklist: what is done on the way to the first sale, and what is left."""
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "inventory_source.inventory_source_setup_step_action"
            ),
            "domain": [("connection_id", "=", self.id)],
            "context": {},
        }

    def action_choose(self):
        """Choose what to sell of all catalogs, with the preview in front."""
        self.ensure_one()
        self.check_access("write")
        return self.catalog_ids._choose()

    def _has_app(self):
        """Return whether Client ID and Client Secret are there, or typed into a form."""
        secret = self.has_client_secret or self.client_secret
        return bool(self.client_id and secret)

    @api.depends("state", "scopes")
    def _compute_blocked_reason(self):
        for connection in self:
            kept = bool(connection._origin) and connection.state == "connected"
            connection.blocked_reason = kept and (
                connection._blocked_reason()
                or connection._switched_off_reason()
                or connection.missing_scopes
            )

    def _search_blocked_reason(self, operator, value):
        if operator != "in" or any(value):
            return NotImplemented
        connected = self.search([("state", "=", "connected")])
        return Domain("id", "not in", connected.filtered("blocked_reason").ids)

    # --- the numbers: all of them in one statement, however many connections there are ---

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_counts(self):
        self._compute_tiles(_ON_CARD)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_product_counts(self):
        self._compute_tiles(_ON_FORM)

    def _compute_tiles(self, tiles):
        counts = self._origin._count_tiles(tiles)
        for connection in self:
            for tile in tiles:
                connection[tile.field] = connection._origin._counted(tile, counts)

    def _count_tiles(self, tiles):
        """Return what these connections have of each, as whoever asks may see it.

        :return: `{(key of the tile, id of what its `by` names): how many}`
        """
        parts = []
        for tile in tiles if self else ():
            model = self.env[tile.model]
            if not model.has_access("read"):
                continue
            if tile.by == "catalog_id":
                # sudo: who sees a catalog sees its products; the rule of companies would have each
                # of them read, where the index is enough.
                model = model.sudo()
            query = model._search(Domain(tile.domain) & self._tile_domain(tile))
            owner = query.groupby = model._field_to_sql(model._table, tile.by, query)
            parts.append(query.select(SQL("%s", tile.key), owner, SQL("COUNT(*)")))
        if not parts:
            return {}
        rows = self.env.execute_query(SQL(" UNION ALL ").join(SQL("(%s)", part) for part in parts))
        return {(key, owner): count for key, owner, count in rows}

    def _counted(self, tile, counts):
        """Return how many these connections have together, of what `_count_tiles` returned."""
        return sum(counts.get((tile.key, owner), 0) for owner in self._tile_owners(tile).ids)

    def _tile_owners(self, tile):
        if tile.by == "catalog_id":
            return self.with_context(active_test=False).catalog_ids
        if tile.by == "company_id":
            own = self.company_id
            companies = self.env.companies.filtered(lambda company: company.parent_ids & own)
            return companies | self._unconnected(self.env.companies - companies)
        return self

    def _unconnected(self, companies):
        """Return those of these that have no connection: what they buy is in no number but ours."""
        if not companies:
            return companies
        # sudo: a connection counts whoever looks.
        owners = self.sudo().search([("company_id", "in", companies.parent_ids.ids)]).company_id
        return companies.filtered(lambda company: not company.parent_ids & owners)

    def _tile_domain(self, tile):
        """Return the domain of what belongs to these connections."""
        return Domain(tile.by, "in", self._tile_owners(tile).ids)

    # --- what the card shows ---

    @api.depends_context("uid", "allowed_company_ids", "lang", "tz")
    def _compute_dashboard(self):
        saved = self._origin
        causes, sales, troubled = saved._count_causes(), saved._sales(), saved._troubled()
        moments = {lane: saved._lane_model(lane)._moments(saved) for lane in LANES}
        for connection in self:
            own = connection._origin
            sold = sales.get(own, {})
            rows = own._tile_rows({tile.key: own[tile.field] for tile in _ON_CARD}, causes)
            works = own.state == "connected"
            connection.dashboard = {
                "rows": rows,
                "calm": works
                and own not in troubled
                and not (own.next_step or any(row["person"] for row in rows)),
                "sales": bool(works or sold) and own._sales_text(sales),
                "lanes": own._lane_rows(moments) if works else [],
            }
            connection.dashboard_graph = json.dumps(own._sales_graph(sold)) if sold else False

    def _troubled(self):
        """Return those of these that call a person themselves."""
        counts = self._count_tiles(tuple(TROUBLES.values()))
        return self.browse({own for (_key, own) in counts})

    def _tile_rows(self, counts, causes=()):
        """Return what needs somebody or is under way, as rows; nothing of what there is none of."""
        reasons = self.env["inventory.source.order"]._fields["cause"]
        names = dict(reasons._description_selection(self.env))
        return [
            {
                "key": tile.key,
                "label": self._tile_label(tile),
                "count": counts[tile.key],
                "person": tile.person,
                "tone": tile.tone,
                "causes": [
                    {"cause": cause, "label": names.get(cause, names["other"]), "count": count}
                    for connection, cause, count in causes
                    if tile.key == "needs_you" and connection == self
                ],
            }
            for tile in (*TROUBLES.values(), *_TILES)
            if counts.get(tile.key)
        ]

    def _tile_label(self, tile):
        if tile.key in TROUBLES:
            return self.env._(tile.label)  # pylint: disable=gettext-variable
        return self._fields[tile.field]._description_string(self.env)

    def _count_causes(self):
        """Return `(connection, cause, count)` of the orders that need somebody."""
        own = Domain("connection_id", "in", self.ids)
        return self.env["inventory.source.order"]._read_group(
            own & Domain(NEEDS_YOU),
            ["connection_id", "cause"],
            ["__count"],
            order="__count desc, cause",
        )

    def _lane_rows(self, moments):
        """Return of each lane when it worked last and when it does next, in few letters."""
        names = dict(
            self.env["inventory.source.run"]._fields["lane"]._description_selection(self.env)
        )
        now, rows = fields.Datetime.now(), []
        for lane in LANES:
            last, planned = moments[lane].get(self, (None, None))
            rows.append(
                {
                    "lane": lane,
                    "label": names[lane],
                    "last": last and ago(self.env, last),
                    "next": planned and clock(self.env, max(planned, now)),
                }
            )
        return rows

    # --- orders and sales of the last days ---

    def _sales_days(self):
        """Return the days that are shown, in the time zone of whoever looks."""
        today = fields.Date.context_today(self)
        return [today - timedelta(days=back) for back in reversed(range(SALES_DAYS))]

    def _sales_domain(self, day=None):
        """Return the domain of what was sold on these days, or on one of them."""
        days = [day] if day else self._sales_days()
        zone = self.env.tz
        begin, end = (
            zone.localize(datetime.combine(each, time.min)).astimezone(timezone.utc)
            for each in (days[0], days[-1] + timedelta(days=1))
        )
        return (
            Domain("connection_id", "in", self.ids)
            & Domain("date", ">=", begin.replace(tzinfo=None))
            & Domain("date", "<", end.replace(tzinfo=None))
        )

    def _sales(self):
        """Return what was sold on the last days: `{connection: {day: (orders, sales, margin)}}`."""
        # The days of the database are those of the context only.
        report = self.env["inventory.source.sales.report"].with_context(tz=self.env.tz.zone)
        rows = report._read_group(
            self._sales_domain(),
            ["connection_id", "date:day"],
            ["order_id:count_distinct", "sold_amount:sum", "margin:sum"],
        )
        sales = {}
        for connection, day, *figures in rows:
            sales.setdefault(connection.with_env(self.env), {})[day.date()] = figures
        return sales

    def _sales_text(self, sales):
        """Return the orders, sales and margin of these connections together."""
        days = [figures for own in self for figures in sales.get(own, {}).values()]
        orders, amount, margin = map(sum, zip((0, 0.0, 0.0), *days, strict=True))
        label = self.env._("Sales in %(days)s days", days=SALES_DAYS)
        of_margin = self.env._("Margin")
        if amount:
            percent = formatLang(self.env, 100 * margin / amount, digits=1)
            of_margin = self.env._("Margin, %(percent)s%%", percent=percent)
        figures = [
            (self._sales_amount(amount), label, "action_open_sales"),
            (self._sales_amount(margin), of_margin, "action_open_sales"),
            (orders, self.env._("Orders"), "action_open_sold_orders"),
        ]
        return {"orders": orders, "figures": figures}

    def _sales_amount(self, amount):
        # As the report has it, whatever currencies were sold in.
        return format_amount(self.env, amount, self.env.company.currency_id)

    def _sales_graph(self, sold):
        """Return the days as Odoo's graph of a dashboard takes them."""
        values = []
        for day in self._sales_days():
            orders, amount, margin = sold.get(day, (0, 0.0, 0.0))
            values.append(
                {
                    "label": day_label(self.env, day),
                    "value": amount,
                    "orders": orders,
                    "day": fields.Date.to_string(day),
                    "text": self.env._(
                        "%(amount)s, margin %(margin)s, %(orders)s orders",
                        amount=self._sales_amount(amount),
                        margin=self._sales_amount(margin),
                        orders=orders,
                    ),
                }
            )
        title = self.env._("Sales of the last %(days)s days", days=SALES_DAYS)
        return [{"key": self.env._("Sales"), "title": title, "values": values}]

    @api.model
    def retrieve_dashboard(self, domain):
        """Return what the connections of a domain have together, for the strip above the cards."""
        found = self.search(domain)
        counts = found._count_tiles(_STRIP)
        rows = found._tile_rows({tile.key: found._counted(tile, counts) for tile in _STRIP})
        return {
            "ids": found.ids,
            "title": found._together_text(),
            "rows": rows,
            # What was disconnected is to stay so.
            "calm": not rows
            and not any(each.next_step for each in found if each.state != "disabled"),
            "sales": found._sales_text(found._sales()),
        }

    def _together_text(self):
        if len(self.company_id) > 1:
            return self.env._(
                "%(connections)s connections of %(companies)s companies",
                connections=len(self),
                companies=len(self.company_id),
            )
        return self.env._("%(connections)s connections", connections=len(self))

    def action_open_sales(self):
        """Open the sales of the last days; of one day, when the context has a `day`."""
        action = self._open_sold("inventory_source_sales_report_action", self._shown_sales())
        return {**action, "views": sorted(action["views"], key=lambda view: view[1] != "list")}

    def action_open_sold_orders(self):
        """Open the orders of what was sold on the last days, or on one of them."""
        report = self.env["inventory.source.sales.report"]
        rows = report._read_group(self._shown_sales(), ["order_id"])
        sold = [order.id for (order,) in rows]
        return self._open_sold("inventory_source_order_action", [("id", "in", sold)])

    def _shown_sales(self):
        self.check_access("read")
        return self._sales_domain(fields.Date.to_date(self.env.context.get("day")))

    def _open_sold(self, action, domain):
        name = self.env._("The last %(days)s days", days=SALES_DAYS)
        if day := fields.Date.to_date(self.env.context.get("day")):
            name = format_date(self.env, day)
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(f"inventory_source.{action}"),
            "name": name,
            "domain": list(domain),
            "context": {},
        }

    def action_open_lane(self):
        """Open what a lane has done; which one is in the context."""
        self.check_access("read")
        lane = self.env.context["lane"]
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "inventory_source.inventory_source_run_action"
            ),
            "domain": [("connection_id", "in", self.ids), ("lane", "=", lane)],
            "context": {},
        }

    def action_go_live(self):
        """Open what takes this sandbox to production, begun now or before."""
        self.ensure_one()
        self.check_access("write")
        return self.env["inventory.source.go.live"]._open(self)

    def action_open_tile(self):
        """Open the list behind a number: of `tile` in the context, a key of what is shown.

        :param cause: also in the context: only the orders that wait for it, of those
        """
        self.check_access("read")
        tile = (DASHBOARD | TROUBLES)[self.env.context["tile"]]
        domain = Domain("connection_id", "in", self.ids)
        if tile.by in ("company_id", "id"):
            domain = self._tile_domain(tile)
        if "cause" in self.env.context:
            domain &= Domain("cause", "=", self.env.context["cause"])
        context = {f"search_default_{name}": 1 for name in tile.filters}
        if len(self) == 1 and tile.by != "id":
            context["default_connection_id"] = self.id
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(f"inventory_source.{tile.list_action}"),
            "domain": list(domain),
            "context": context,
        }
