from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...client.picture_errors import PictureRefused
from ...client.picture_urls import MAX_LENGTH, parse_target

# Of a product, the main picture among them.
MOST = 20
# Supplier products whose pictures a browser asks for at once.
MOST_ASKED = 200
# The row of a supplier product is stale until its pictures were planned for these images of this
# product. Derived by the database, so that nothing has to report changes and data never waits
# for pictures.
_WANTED = "md5(product_id::text || coalesce(images::text, ''))"
_STALE = f"product_id IS NOT NULL AND pictures_hash IS DISTINCT FROM {_WANTED}"


class Wanted(NamedTuple):
    """A picture that should be in Odoo: whose, which, and where."""

    offer: models.Model
    url: str
    variant: models.Model  # empty: on the template
    main: bool
    sequence: int


class SupplierProduct(models.Model):
    """Plans the pictures of supplier products: of those linked with a product, and of others that
    somebody looks at.
    """

    _inherit = "inventory.source.product"

    picture_ids = fields.One2many("inventory.source.picture", "supplier_product_id", "Pictures")
    pictures_hash = fields.Char(readonly=True, copy=False)
    # Our own copy: the supplier's address would tell its server who looks, and when.
    # sudo: whoever may read the supplier product sees what it looks like.
    image_128 = fields.Image("Picture", compute="_compute_image", compute_sudo=True)
    image_key = fields.Char(
        compute="_compute_image",
        compute_sudo=True,
        help="Changes with the picture, so that browsers can keep each.",
    )
    picture_wanted = fields.Boolean(
        compute="_compute_picture_wanted",
        compute_sudo=True,
        help="The picture is not here or not new: whoever looks may ask for it.",
    )

    _pictures_index = models.Index(f"(connection_id, id) WHERE {_STALE}")

    @api.depends("product_id.image_128", "picture_ids.product_tmpl_id", "picture_ids.image_128")
    def _compute_image(self):
        bare = self.filtered(lambda offer: not offer.product_id.image_128)
        looked_at = self.env["inventory.source.picture"]._looked_at(bare)
        rows = {row.supplier_product_id: row for row in looked_at}
        for offer in self:
            row = rows.get(offer, looked_at.browse())
            source = row or offer.product_id
            offer.image_128 = source.image_128
            # Of a product the date, as everywhere in Odoo: no file is read for a list of cards.
            offer.image_key = source.image_128 and (
                row.checksum or str(source.write_date.timestamp())
            )

    @api.depends("images", "product_id", "picture_ids.due_at", "picture_ids.checked_at")
    def _compute_picture_wanted(self):
        self.fetch(["images", "product_id", "connection_id"])  # and no description
        bare = self.filtered(
            lambda offer: (
                not offer.product_id
                and offer.connection_id.pictures
                and offer.connection_id.state == "connected"
            )
        )
        known, wanted = self.env["inventory.source.picture"]._wanted(bare)
        coming = {offer for offer, row in known.items() if row.due_at}
        for offer in self:
            offer.picture_wanted = offer in wanted or offer in coming

    def ask_pictures(self):
        """Have the pictures of these fetched that are not imported; return whose are on their way.

        For the browser of somebody who looks at them; the lane fetches, a moment later.
        """
        self.check_access("read")
        # sudo: pictures are written by us only; the person may read which products they are of.
        offers = self[:MOST_ASKED].sudo().filtered("picture_wanted")
        return offers.env["inventory.source.picture"]._ask(offers)

    @api.model
    def _plan_stale_pictures(self, connections, limit):
        """Plan the pictures of products whose images or product changed; return how many."""
        # Raw SQL: the condition is that of the index, which no domain can say.
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM inventory_source_product WHERE connection_id = ANY(%s) AND %s"
                " ORDER BY id LIMIT %s",
                connections.ids,
                SQL(_STALE),
                limit,
            )
        )
        stale = self.browse([row[0] for row in rows])
        if stale:
            # Whose pictures cannot be planned is named, and not stale until its images change.
            _done, refused = stale._each("picture", type(stale)._plan_pictures)
            (stale - refused)._resolve_import_problem("picture")
            # Raw SQL: the hash is the database's own.
            self.env.execute_query(
                SQL(
                    "UPDATE inventory_source_product SET pictures_hash = %s WHERE id = ANY(%s)"
                    " RETURNING 1",
                    SQL(_WANTED),
                    stale.ids,
                )
            )
            stale.invalidate_recordset(["pictures_hash"])
        return len(stale)

    def _retry_pictures(self):
        """Plan the pictures of these once more."""
        if self:
            # sudo: whoever sees a problem may ask for another try of what was wanted before.
            self.sudo().pictures_hash = False
            self.env["inventory.source.picture.lane"].sudo()._trigger()

    def _plan_pictures(self):
        """Bring the table of pictures in line with what these and their families show."""
        variants = self.product_id.product_tmpl_id.with_context(
            active_test=False
        ).product_variant_ids
        offers = self.search(
            [("product_id", "in", variants.ids), ("connection_id.pictures", "=", True)], order="id"
        )
        # Who is offered to nobody, as a sandbox that went live, shows none where another does.
        offers = offers.sorted(lambda offer: not offer.connection_id.is_counted)
        pictures = self.env["inventory.source.picture"]
        pictures._looked_at(self).filtered("supplier_product_id.product_id.image_128").unlink()
        known = pictures.search([("product_tmpl_id", "in", variants.product_tmpl_id.ids)])
        known = known.grouped("product_tmpl_id")
        failed = {template: rows._never_came() for template, rows in known.items()}
        wanted = {
            template: offers._wanted_pictures(failed.get(template, {}))
            for template, offers in offers.grouped(
                lambda offer: offer.product_id.product_tmpl_id
            ).items()
        }
        hosts = self._hosts(item.url for items in wanted.values() for item in items)
        values = []
        for template, items in wanted.items():
            rows = known.get(template, pictures).grouped("main")
            for main in (True, False):
                asked = [item for item in items if item.main == main]
                own = rows.get(main, pictures)
                values += own._follow(asked, hosts, main, failed.get(template, {}))
        pictures.create(values)

    def _wanted_pictures(self, failed):
        """Return which pictures the product of these should have; all of one template, best first.

        The first that is not known to fail is the main one; those that do come last.
        Of several suppliers of a variant the first one's are taken. A family shows the first
        variant's main picture, and on the others their own where it is another one.
        """
        offers = {}
        for offer in self:
            if (urls := offer._picture_urls()) and offer.product_id not in offers:
                offers[offer.product_id] = offer, sorted(urls, key=failed.__contains__)
        if not offers:
            return []
        family = any(variant.product_template_attribute_value_ids for variant in offers)
        (first, (cover, *_rest)), *_others = offers.values()
        nobody = self.product_id.browse()
        wanted = [Wanted(first, cover, nobody, True, 0)]
        showing = defaultdict(list)  # who has it in the gallery
        for variant, (offer, urls) in offers.items():
            if urls[0] != cover:
                wanted.append(Wanted(offer, urls[0], variant, True, 0))
            for sequence, url in enumerate(urls[1:], start=1):
                showing[url].append(Wanted(offer, url, variant, False, sequence))
        for items in showing.values():
            shared = not family or len(items) > 1
            wanted.append(items[0]._replace(variant=nobody) if shared else items[0])
        return wanted

    def _picture_urls(self):
        """Return the addresses that are asked at all, each once, in the supplier's order."""
        images = self.images if isinstance(self.images, list) else []
        urls = [url.strip() for url in images if isinstance(url, str)]
        return [url for url in dict.fromkeys(urls) if url and len(url) <= MAX_LENGTH][:MOST]

    @api.model
    def _hosts(self, urls):
        """Return {address: host}; what is no address has the host "-"."""
        names = {}
        for url in urls:
            try:
                names[url] = parse_target(url).host
            except PictureRefused:
                names[url] = "-"
        hosts = self.env["inventory.source.picture.host"]._named(names.values())
        return {url: hosts[name] for url, name in names.items()}
