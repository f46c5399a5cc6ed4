import random
from datetime import timedelta

from odoo import api, fields, models

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
        hosts = {host.name: host for host in self.search([("name", "in", list(names))])}
        missing = [name for name in dict.fromkeys(names) if name not in hosts]
        created = self.create([{"name": name} for name in missing])
        return hosts | {host.name: host for host in created}

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
