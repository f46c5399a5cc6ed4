from math import ceil

from odoo import models

# As many as the service will give in one request: requests are what is scarce. It may answer with
# fewer; a page then is shorter, and nothing else changes (docs/api.md#calls).
PAGE_SIZE = 500
# So many times the requests that full pages take are worth a word.
TOO_MANY = 2


class Catalog(models.Model):
    """What is wrong with a catalogue as a whole is named among the problems, too."""

    _inherit = "inventory.source.catalog"

    def _note_problem(self, code, message, excerpt=False):
        """Name what is wrong with the catalogue as a whole."""
        self.env["inventory.source.problem"]._note(
            self.connection_id,
            "catalogue",
            [
                {
                    "reference": self.external_id,
                    "code": code,
                    "message": message,
                    "excerpt": excerpt,
                }
            ],
        )

    def _resolve_problems(self, codes=("page", "missing", "failing")):
        """Close what a page, a pass that came to its end, or a person's answer, has mended."""
        for catalog in self:
            for code in codes:
                # sudo: nobody writes problems by hand; this one is answered, or gone.
                self.env["inventory.source.problem"].sudo()._resolve(
                    catalog.connection_id, "catalogue", [catalog.external_id], code
                )

    def _judge_pages(self):
        """Name pages that are much shorter than asked for; nothing is missing, but requests are.

        Once: the service will hardly change it, and whoever put it away knows. The problem is
        removed when the pages are longer again.
        """
        known = self.env["inventory.source.problem"].search(
            [
                ("connection_id", "=", self.connection_id.id),
                ("kind", "=", "catalogue"),
                ("reference", "=", self.external_id),
                ("code", "=", "short"),
            ]
        )
        seen, requests = self.run_id.seen, self.run_id.requests
        # The last request brings nothing. What fits into one page costs few requests anyway.
        full = ceil(seen / PAGE_SIZE) + 1
        if seen <= PAGE_SIZE or requests <= TOO_MANY * full:
            known.unlink()
        elif not known:
            self._note_problem(
                "short",
                self.env._(
                    "Inventory Source gives about %(given)s products of %(name)s in one request, "
                    "%(asked)s were asked for: a pass took %(requests)s requests instead of "
                    "%(full)s. Nothing is missing. If the requests do not last, refresh this "
                    "catalogue less often, or ask Inventory Source for larger pages.",
                    given=round(seen / (requests - 1)),
                    name=self.name,
                    asked=PAGE_SIZE,
                    requests=requests,
                    full=full,
                ),
            )
