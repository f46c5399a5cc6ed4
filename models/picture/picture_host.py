import random
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...client.retry import backoff


class PictureHost(models.Model):
    """A web server pictures come from, and until when it is left alone."""

    _name = "inventory.source.picture.host"
    _description = "Inventory Source Picture Host"

    name = fields.Char(required=True, readonly=True)
    failures = fields.Integer(readonly=True, help="How often in a row it did not deliver.")
    next_at = fields.Datetime(
        "Paused Until", required=True, readonly=True, default=fields.Datetime.now, index=True
    )

    _name_uniq = models.Constraint("UNIQUE(name)", "This host is already known.")

    @api.model
    def _named(self, names):
        """Return the hosts of these names, made where missing: {name: host}."""
        names = list(dict.fromkeys(names))
        known = self.search([("name", "in", names)])
        missing = sorted({*names} - {*known.mapped("name")})
        if missing:
            # Raw SQL: who looks at a page and the lane may name the same host at one moment. Where
            # the ORM refuses the second one, this has the transaction run once more.
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO inventory_source_picture_host
                        (name, failures, next_at, create_uid, create_date, write_uid, write_date)
                    SELECT name, 0, %(now)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM unnest(%(names)s) AS name
                        ON CONFLICT (name) DO NOTHING
                    """,
                    names=missing,
                    uid=self.env.uid,
                    now=fields.Datetime.now(),
                )
            )
            known = self.search([("name", "in", names)])
        return {host.name: host for host in known}

    def _delivered(self):
        """Note that it works; nothing is written when it did before."""
        if self.failures:
            self.write({"failures": 0})

    def _failed(self, retry_after=None):
        """Leave the host alone: as long as it asked for, or longer each time."""
        wait = retry_after or backoff(self.failures + 1, random.random)
        self.write(
            {
                "failures": self.failures + 1,
                "next_at": fields.Datetime.now() + timedelta(seconds=wait),
            }
        )
