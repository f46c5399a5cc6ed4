import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .picture import CHECK_DAYS, FIRST_WAIT

# What somebody looks at goes before what became due within so long; what has waited for longer
# goes first, so that people who look all day keep no product from its picture.
HEAD_START = timedelta(days=1)


class Picture(models.Model):
    """The picture of a supplier product that is not imported, fetched because somebody looks.

    It has no product, so it stands in its own row. It is one for each supplier product, in no
    count, and looked after only when somebody looks at it again.
    """

    _inherit = "inventory.source.picture"

    # In the table, no attachment: it goes with its row, also where the database deletes that.
    image_128 = fields.Image(
        "Picture",
        max_width=128,
        max_height=128,
        attachment=False,
        readonly=True,
        help="Of a supplier product that is not imported; all others stand on their product.",
    )

    _one_looked_at = models.UniqueIndex("(supplier_product_id) WHERE product_tmpl_id IS NULL")

    @api.model
    def _looked_at(self, offers):
        return self.search(
            [("supplier_product_id", "in", offers.ids), ("product_tmpl_id", "=", False)]
        )

    # --- asking ---

    @api.model
    def _ask(self, offers):
        """Make due what somebody looks at and what is not known; return whose picture is coming."""
        known, wanted = self._wanted(offers)
        coming = [offer.id for offer in offers if known.get(offer, self).due_at]
        if not wanted:
            return coming
        lane = self.env["inventory.source.picture.lane"]
        working = lane._connections()
        wanted = {offer: url for offer, url in wanted.items() if offer.connection_id in working}
        hosts = offers._hosts(wanted.values())
        due_at = fields.Datetime.now() - HEAD_START
        for offer in known.keys() & wanted:
            known[offer]._ask_again(wanted[offer], hosts[wanted[offer]], due_at)
        new = [offer for offer in wanted if offer not in known]
        rows = [(offer.id, wanted[offer], hosts[wanted[offer]].id) for offer in new]
        self._insert_looked_at(rows, due_at)
        if wanted:
            lane._trigger()
        return list({*coming, *(offer.id for offer in wanted)})

    @api.model
    def _wanted(self, offers):
        """Return what is known of these, and which address of which is to be fetched."""
        known = self._looked_at(offers).grouped("supplier_product_id")
        wanted = {}
        for offer in offers:
            urls, row = offer._picture_urls(), known.get(offer)
            if urls and (not row or row._is_outdated(urls)):
                wanted[offer] = urls[0]
        return known, wanted

    def _is_outdated(self, urls):
        """Return whether to ask again: another address, old, or failed long enough ago."""
        if urls[self.sequence : self.sequence + 1] != [self.url]:
            return True
        if self.due_at:
            return False  # it is coming
        wait = timedelta(days=CHECK_DAYS)
        if self.state == "failed":
            wait = min(FIRST_WAIT * 2 ** min(self.failures - 1, 20), wait)
        return not self.checked_at or self.checked_at + wait <= fields.Datetime.now()

    def _ask_again(self, url, host, due_at):
        """Fetch it anew, beginning with the first address; the old one is shown till then."""
        failures = self.failures
        if url != self.url:
            self._readdress(url, host)
        self.write({"sequence": 0, "due_at": due_at, "failures": failures})

    @api.model
    def _insert_looked_at(self, rows, due_at):
        """Make rows, of (supplier product, address, host)."""
        if not rows:
            return
        # Raw SQL: two people may look at the same page at one moment. Where the ORM refuses the
        # second one, this has the transaction run once more.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO inventory_source_picture (
                    supplier_product_id, connection_id, company_id, url, host_id, main, sequence,
                    state, failures, due_at, create_uid, create_date, write_uid, write_date
                )
                SELECT offer.id, offer.connection_id, offer.company_id, asked.url, asked.host_id,
                       TRUE, 0, 'waiting', 0, %(due_at)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(ids)s, %(urls)s, %(hosts)s) AS asked(id, url, host_id)
                  JOIN inventory_source_product offer ON offer.id = asked.id
                    ON CONFLICT (supplier_product_id) WHERE product_tmpl_id IS NULL DO NOTHING
                """,
                ids=[offer_id for offer_id, _url, _host_id in rows],
                urls=[url for _offer_id, url, _host_id in rows],
                hosts=[host_id for _offer_id, _url, host_id in rows],
                due_at=due_at,
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        self.env.invalidate_all()

    # --- what came of fetching it ---

    def _of_same_address(self):
        if self.product_tmpl_id:
            return super()._of_same_address()
        # Only of the same connection: which addresses may be asked is a matter of that.
        return self | self.search(
            [
                ("host_id", "=", self.host_id.id),
                ("connection_id", "=", self.connection_id.id),
                ("due_at", "<=", fields.Datetime.now()),
                ("url", "=", self.url),
                ("product_tmpl_id", "=", False),
            ]
        )

    def _current_checksum(self):
        # Nobody else writes what stands in the row.
        return super()._current_checksum() if self.product_tmpl_id else self.checksum

    def _put(self, content):
        if self.product_tmpl_id:
            super()._put(content)
            self._drop_looked_at()
            return
        checksum = self.env["ir.attachment"]._compute_checksum(content)
        self.write({"image_128": base64.b64encode(content), "checksum": checksum})

    def _drop_looked_at(self):
        """Take away what stood in for the picture that the product has now."""
        self.search(
            [
                ("supplier_product_id.product_id.product_tmpl_id", "=", self.product_tmpl_id.id),
                ("product_tmpl_id", "=", False),
            ]
        ).unlink()

    def _note_failed(self, reason, refused):
        """Of one without a product, try the next address at once, if it is about this one."""
        offer = self.supplier_product_id
        others = [] if self.product_tmpl_id else offer._picture_urls()[self.sequence + 1 :]
        if not refused or not others:
            super()._note_failed(reason, refused)
            return
        kept = {"sequence": self.sequence + 1, "due_at": self.due_at, "failures": self.failures}
        self._readdress(others[0], offer._hosts(others[:1])[others[0]])
        self.write(kept)

    def _settle(self, state, reason, wait, failures=0):
        looked_at = self.filtered(lambda row: not row.product_tmpl_id)
        super(Picture, looked_at)._settle(state, reason, None, failures)
        return super(Picture, self - looked_at)._settle(state, reason, wait, failures)

    def _plan_again(self):
        return super(Picture, self.filtered("product_tmpl_id"))._plan_again()

    def _tell_who_looks(self):
        """Have the screens that show the supplier products of these look for their picture.

        The message has numbers only: who may not read the products learns nothing of them.
        """
        offers = self.filtered(lambda row: not row.product_tmpl_id).supplier_product_id
        if offers:
            self.env.ref("inventory_source.group_user")._bus_send(
                "inventory_source.pictures", {"supplier_product_ids": offers.ids}
            )
