"""What a trial made in Odoo: found, judged, and taken away."""

from collections import defaultdict

import psycopg2

from odoo.exceptions import LockError, UserError
from odoo.tools import split_every

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from ..models.order.connection import STAND_IN
from ..models.product.category import PUBLIC
from ..models.sync.odoo_states import TRANSFER_OVER

# Products a statement takes; each has a dozen tables that know it.
BATCH = 200


class Removal:
    """What of one trial goes and what stays, as it is at this moment.

    Documents are judged as they hang together: a sale, what was bought for it, its transfers and
    invoices go together, or stay together because of one of them.

    Works with all rights (who may end a trial was checked before), in all companies: the trial's
    documents are whoever's.
    """

    def __init__(self, connection):
        """Find everything; changes nothing."""
        context = {"active_test": False, "tracking_disable": True, "lang": connection.env.lang}
        self.connection = connection.sudo().with_context(**context)
        self.env = self.connection.env
        self.since = self.connection.create_date.replace(microsecond=0)
        self._find_goods()
        self._find_documents()
        self._judge()
        self._find_prices()

    # --- what it made ---

    def _find_goods(self):
        env, own = self.env, [("connection_id", "=", self.connection.id)]
        self.offers = env["inventory.source.product"].search(own)
        self.suppliers = env["inventory.source.supplier"].search(own)
        self.orders = env["inventory.source.order"].search(own)
        made = [*own, ("product_id", "!=", False), ("matched", "=", False)]
        templates = env["inventory.source.product"].search(made).product_id.product_tmpl_id
        self.templates = templates.filtered(self._is_new)
        self.goods = self.templates.product_variant_ids
        others = [("product_id", "in", self.goods.ids), ("connection_id", "!=", own[0][2])]
        self.shared = env["inventory.source.product"].search(others).product_id
        self.vendors = self.suppliers.partner_id.filtered(self._is_new)

    def _is_new(self, record):
        """Return whether a record is no older than the trial: what is, was the shop's before."""
        return record.create_date.replace(microsecond=0) >= self.since

    def _find_documents(self):
        env, goods = self.env, [("product_id", "in", self.goods.ids)]
        self.moves = env["stock.move"].search(goods)
        sales = env["sale.order.line"].search(goods).order_id | self.orders.sale_order_id
        bought = env["purchase.order.line"].search(goods).order_id
        bought |= self.orders.line_ids.purchase_line_id.order_id
        bought |= env["purchase.order"].search([("partner_id", "in", self.vendors.ids)])
        transfers = self.moves.picking_id | sales.picking_ids | bought.picking_ids
        entries = env["account.move.line"].search(goods).move_id
        entries |= sales.invoice_ids | bought.invoice_ids | self.moves.account_move_id
        self.documents = {
            "sale.order": sales,
            "purchase.order": bought,
            "stock.picking": transfers,
            "account.move": entries,
        }

    # --- what Odoo has to keep ---

    def _judge(self):
        """Find what stays, with its reason, and what hangs together with it."""
        self.reasons = {
            document: reason
            for documents in self.documents.values()
            for document in documents
            if (reason := self._reason(document))
        }
        neighbors, found = self._neighbors(), set(self.reasons)
        queue = list(found)
        while queue:
            for other in neighbors[queue.pop()] - found:
                found.add(other)
                queue.append(other)
        self.kept = {
            name: documents.filtered(lambda document: document in found)
            for name, documents in self.documents.items()
        }
        self.going = {name: all_ - self.kept[name] for name, all_ in self.documents.items()}
        self.kept_goods = self.shared | self.goods & (
            self.kept["sale.order"].order_line.product_id
            | self.kept["purchase.order"].order_line.product_id
            | self.kept["stock.picking"].move_ids.product_id
            | self.kept["account.move"].line_ids.product_id
        )
        # A template goes with all its variants or not at all.
        self.kept_goods = self.kept_goods.product_tmpl_id.product_variant_ids & self.goods
        partners = self.kept["purchase.order"].partner_id | self.kept["account.move"].partner_id
        self.kept_vendors = self.vendors & (partners | self.kept["stock.picking"].partner_id)

    def _neighbors(self):
        """Return {document: the documents it hangs together with}."""
        pairs = []
        for sale in self.documents["sale.order"]:
            pairs += [(sale, other) for other in (*sale.picking_ids, *sale.invoice_ids)]
            pairs += [(sale, other) for other in sale._get_purchase_orders()]
        for bought in self.documents["purchase.order"]:
            pairs += [(bought, other) for other in (*bought.picking_ids, *bought.invoice_ids)]
        for move in self.moves.filtered("account_move_id"):
            pairs.append((move.picking_id, move.account_move_id))
        neighbors = defaultdict(set)
        for one, other in pairs:
            neighbors[one].add(other)
            neighbors[other].add(one)
        return neighbors

    def _reason(self, document):
        """Return why a document has to stay by itself, or None."""
        env = self.env
        if document._name == "account.move":
            if document.state == "posted" or document.posted_before:
                return env._("it was posted, and bookkeeping keeps what was posted")
            return None
        if document._name == "stock.picking":
            lines = document.move_ids.filtered(lambda move: move.state != "cancel")
            if not lines.product_id & self.goods:
                return None  # what it belongs to decides
        else:
            lines = document.order_line.filtered(lambda line: not line.display_type)
        others = lines.product_id.filtered(lambda product: product.type != "service") - self.goods
        if not others:
            return None
        return env._(
            "it is also about %(products)s, which the trial did not make",
            products=", ".join(others[:3].mapped("display_name")),
        )

    def _find_prices(self):
        """Find what *Prices* made, and what of it stays: what a person has come to use.

        A pricelist that something else takes prices from stays as it is. One with a person's rule
        stays for that rule, without those of the trial.
        """
        env, connection = self.env, self.connection
        made = connection.made_pricelist_ids
        ours = (connection, self.suppliers, connection.category_map_ids, self.going["sale.order"])
        self.price_users = {
            pricelist: users for pricelist in made if (users := pricelist._used_besides(*ours))
        }
        used = made.browse().concat(*self.price_users)
        self.rules = connection.made_rule_ids.filtered(lambda rule: rule.pricelist_id not in used)
        left = env["product.pricelist.item"].search(
            [("pricelist_id", "in", (made - used).ids), ("id", "not in", self.rules.ids)]
        )
        self.extended_prices = left.pricelist_id
        self.pricelists = made - used - self.extended_prices

    # --- said before it is begun ---

    def goes(self):
        """Return what goes, a sentence in each line."""
        env, going = self.env, self.going
        counts = (
            (env._("Supplier products"), len(self.offers)),
            (env._("Products"), len(self.goods - self.kept_goods)),
            (env._("Vendors"), len(self.vendors - self.kept_vendors)),
            (env._("Sale orders"), len(going["sale.order"])),
            (env._("Purchase orders"), len(going["purchase.order"])),
            (env._("Transfers"), len(going["stock.picking"])),
            (env._("Draft invoices and bills"), len(going["account.move"])),
            (env._("Orders to the suppliers"), len(self.orders)),
            (env._("Pricelists"), len(self.pricelists)),
            (env._("Pricelist rules"), len(self.rules)),
        )
        lines = [f"{name}: {count}" for name, count in counts if count]
        return "\n".join((env._("The connection, with its catalogs and its history"), *lines))

    def stays(self):
        """Return what stays and why, a sentence in each line; empty when nothing does."""
        env = self.env
        lines = [
            env._("%(document)s: %(reason)s.", document=document.display_name, reason=reason)
            for document, reason in self.reasons.items()
        ]
        also = [
            document.display_name
            for documents in self.kept.values()
            for document in documents
            if document not in self.reasons
        ]
        if also:
            lines.append(env._("With them: %(documents)s.", documents=", ".join(also)))
        left = self.kept_goods.mapped("display_name") + self.kept_vendors.mapped("display_name")
        if left:
            lines.append(
                env._("Archived, as they are named there: %(names)s.", names=", ".join(left))
            )
        lines += [
            env._(
                "%(pricelist)s: it is used elsewhere (%(users)s).",
                pricelist=pricelist.display_name,
                users=pricelist._users_text(users),
            )
            for pricelist, users in self.price_users.items()
        ]
        lines += [
            env._(
                "%(pricelist)s, with the rules that the trial did not make.",
                pricelist=pricelist.display_name,
            )
            for pricelist in self.extended_prices
        ]
        return "\n".join(lines)

    # --- done ---

    def run(self):
        """Take away what goes, all of it or nothing; return the names of what refused to.

        :raise UserError: a scheduled action of the trial runs at this moment
        """
        # First: none of its scheduled actions runs now, and from here on none can.
        crons = self.connection.cron_ids
        try:
            crons.lock_for_update()
        except LockError:
            raise UserError(
                self.env._(
                    "The trial is at work at this moment, and nothing was taken away. Try again in "
                    "half a minute."
                )
            ) from None
        self.connection._remove_crons(crons)
        self._remove_documents()
        self._remove_ours()
        self.rules.unlink()
        self.pricelists.unlink()
        self._remove_goods()
        return self._remove_traces()

    def _forced(self, records):
        """Return records without Odoo's guards against deleting what has happened.

        Nothing of a trial has: its goods never were in a location of the shop, its orders were
        never bought. Odoo itself lifts its guards so when it takes away a module with its data.
        """
        return records.with_context(**{MODULE_UNINSTALL_FLAG: True})

    def _remove_documents(self):
        going = self.going
        going["account.move"].unlink()
        gone = self.goods - self.kept_goods
        transfers = going["stock.picking"]
        moves = transfers.move_ids | self.moves.filtered(
            lambda move: not move.picking_id and move.product_id in gone
        )
        moves.filtered(lambda move: move.state not in TRANSFER_OVER)._action_cancel()
        values = self.env["product.value"]
        values.search(["|", ("product_id", "in", gone.ids), ("move_id", "in", moves.ids)]).unlink()
        references = moves.reference_ids | going["sale.order"].stock_reference_ids
        self.shipments = self.orders.shipment_ids
        self.shipments.unlink()
        self._forced(self.orders).unlink()
        self._forced(moves).unlink()
        self._forced(transfers).unlink()
        self._forced(going["purchase.order"]).unlink()
        self._forced(going["sale.order"]).unlink()
        references.filtered(
            lambda each: not (each.move_ids or each.sale_ids or each.purchase_ids)
        ).unlink()
        self.env["stock.quant"].search([("product_id", "in", gone.ids)]).unlink()

    def _remove_ours(self):
        """Take away the connection and what the database deletes with it."""
        env, connection = self.env, self.connection
        throttles = env["inventory.source.throttle"]
        used = [(connection.environment, connection._throttle_key())]
        shared = env["inventory.source.connection"].search([("id", "!=", connection.id)])
        if used[0] not in [(each.environment, each._throttle_key()) for each in shared]:
            throttles.search(
                [("environment", "=", used[0][0]), ("account_ref", "=", used[0][1])]
            ).unlink()
        self.mapped = connection.category_id | connection.category_map_ids.categ_id
        self.hosts = (
            env["inventory.source.picture"]
            .search([("supplier_product_id.connection_id", "=", connection.id)])
            .host_id
        )
        # What has messages of its own: the database would leave those behind.
        for batch in split_every(BATCH, self.offers.ids, self.offers.browse):
            batch.unlink()
        connection.catalog_ids.unlink()
        self.suppliers.unlink()
        self._forced(connection).unlink()
        env["inventory.source.tryout"].search([]).unlink()

    def _remove_goods(self):
        gone = self.goods - self.kept_goods
        templates = gone.product_tmpl_id
        values = templates.attribute_line_ids.value_ids.filtered(self._is_new)
        attributes = templates.attribute_line_ids.attribute_id.filtered(self._is_new)
        categories = (templates.categ_id | self.mapped).filtered(self._is_new)
        public = templates.public_categ_ids.filtered(self._is_new) if PUBLIC in self.env else []
        self.leftovers = (attributes, values, categories, public)
        for batch in split_every(BATCH, gone.ids, gone.browse):
            batch.unlink()
        templates.exists().unlink()
        self.kept_goods.product_tmpl_id.action_archive()

    def _remove_traces(self):
        """Take away what products and vendors were made with, where nothing else uses it."""
        attributes, values, categories, public = self.leftovers
        lines = self.env["product.template.attribute.line"]
        values = values.filtered(
            lambda each: not lines.search_count([("value_ids", "in", each.id)])
        )
        values.unlink()
        attributes.filtered(
            lambda each: (
                not (each.value_ids or lines.search_count([("attribute_id", "=", each.id)]))
            )
        ).unlink()
        self._remove_categories(categories, "categ_id")
        if public:
            self._remove_categories(public, "public_categ_ids")
        pictures = self.env["inventory.source.picture"]
        self.hosts.filtered(
            lambda host: (
                self._is_new(host) and not pictures.search_count([("host_id", "=", host.id)])
            )
        ).unlink()
        self.kept_vendors.action_archive()
        stand_ins = self.env["res.partner"].search(
            [("ref", "=", STAND_IN), ("create_date", ">=", self.since)]
        )
        return self._remove_partners(self.vendors - self.kept_vendors | stand_ins)

    def _remove_categories(self, categories, field):
        """Take away categories that hold nothing any more, the lowest first, with their parents."""
        products = self.env["product.template"]
        rows = self.env["inventory.source.category"]
        mapped = "public_category_id" if categories._name == PUBLIC else "categ_id"
        while categories:
            empty = categories.filtered(
                lambda each: (
                    not each.child_id
                    and not products.search_count([(field, "=", each.id)])
                    and not rows.search_count([(mapped, "=", each.id)])
                )
            )
            parents = empty.parent_id.filtered(self._is_new)
            empty.unlink()
            categories = parents

    def _remove_partners(self, partners):
        """Take away partners; archive those that something else holds, and return their names."""
        refused = []
        for partner in partners:
            try:
                with self.env.cr.savepoint():
                    partner.unlink()
            except (psycopg2.IntegrityError, UserError):
                partner.action_archive()
                refused.append(partner.display_name)
        return refused
