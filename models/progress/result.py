from typing import Any, NamedTuple

from odoo import models
from odoo.fields import Domain
from odoo.tools import formatLang

from ..sync.problem import RETRIED


class Result(NamedTuple):
    """What came of a work: a sentence and what it opens.

    `type` is that of Odoo's notification; `more` is a second way, `(button, action)`.
    """

    message: str
    action: dict[str, Any]
    button: str = ""
    type: str = "success"
    more: tuple[tuple[str, dict[str, Any]], ...] = ()


class Work(models.Model):
    """What came of a long work: a sentence, and the way to it, for whoever waited."""

    _inherit = "inventory.source.work"

    def _result_for(self, person):
        """Return what the client shows a person at the end, or None: there is nothing to say.

        A dict of `message`, its `type` and the `ways` on, each a `button` and its `action`, in the
        person's language and by the person's rights. A list that opens holds what is counted.
        """
        if self[0].kind != "download" and not sum(self.mapped("total")):
            return None
        theirs = self.connection_id.with_user(person).with_context(
            lang=person.lang, allowed_company_ids=person.company_ids.ids
        )
        if not theirs.has_access("write" if self[0].kind == "go_live" else "read"):
            return None
        result = Result(*getattr(self, f"_result_{self[0].kind}")(theirs))
        ways = ((result.button or theirs.env._("Open"), result.action), *result.more)
        return {
            "title": theirs.name,
            "type": result.type,
            "message": result.message,
            # What an action says for an empty list is long, and every message is a row.
            "ways": [
                {"button": button, "action": {key: action[key] for key in action if key != "help"}}
                for button, action in ways
            ],
        }

    # One for each kind: what came of it in words, what opens it, and what that is called.

    def _result_download(self, connection):
        if troubled := self.catalog_id.filtered(lambda each: each._not_downloaded_reason()):
            return self._result_not_downloaded(connection, troubled)
        own = Domain("catalog_id", "in", self.catalog_id.ids)
        count, action = self._list(
            connection, "product", own & Domain("discontinued_at", "=", False)
        )
        next_step = connection._goods_steps().get(connection)
        if next_step != "choose" or not connection.has_access("write"):
            return connection.env._("%(count)s products are downloaded.", count=count), action
        message = connection.env._(
            "%(count)s products are downloaded. Next: choose what to sell.", count=count
        )
        catalogs = connection.env["inventory.source.catalog"].browse(self.catalog_id.ids)
        return message, catalogs._choose(), connection.env._("Choose What to Sell")

    def _result_not_downloaded(self, connection, catalogs):
        """Say why, catalog by catalog; whatever comes later comes by itself."""
        env = connection.env
        _count, action = self._list(connection, "catalog", Domain("id", "in", catalogs.ids))
        said = [
            *(catalog._not_downloaded_reason() for catalog in catalogs.with_env(env).sudo()),
            catalogs.filtered("failing_since") and env._("It is tried again automatically."),
            catalogs != self.catalog_id and env._("The other catalogs are downloaded."),
        ]
        message = env._(
            "Not everything could be downloaded. %(reasons)s",
            reasons=" ".join(filter(None, said)),
        )
        return Result(message, action, type="warning")

    def _result_import(self, connection):
        count, action = self._imported(connection, Domain("imported_at", ">=", self._begun()))
        refused = self._refused(connection)
        if not refused:
            return connection.env._(
                "The import is done: %(count)s products are imported.", count=count
            ), action
        left, reasons = self._list(connection, "problem", Domain("id", "in", refused.ids))
        message = connection.env._(
            "The import is done: %(count)s products are imported, %(left)s could not be imported.",
            count=count,
            left=left,
        )
        more = ((connection.env._("Why Not"), reasons),)
        return Result(message, action, type="warning", more=more)

    def _begun(self):
        return min(self.mapped("begun_at"))

    def _refused(self, connection):
        """Return the problems that kept products of these from being imported."""
        problems = connection.env["inventory.source.problem"].search(
            [
                ("connection_id", "=", connection.id),
                ("kind", "=", "product"),
                ("code", "in", (*RETRIED, "unread")),
                ("last_seen", ">=", self._begun()),
                ("resolved_at", "=", False),
            ]
        )
        # What is imported has other problems, and what was not wanted too.
        offers = problems.supplier_product_id.filtered(
            lambda offer: offer.catalog_id in self.catalog_id and offer.state == "new"
        )
        return problems.filtered(lambda problem: problem.supplier_product_id in offers)

    def _result_update(self, connection):
        count, action = self._imported(connection)
        message = connection.env._("The update is done: %(count)s imported products.", count=count)
        return message, action

    def _imported(self, connection, since=Domain.TRUE):
        own = (
            Domain("catalog_id", "in", self.catalog_id.ids) & Domain("state", "=", "linked") & since
        )
        return self._list(connection, "product", own)

    def _result_order(self, connection):
        sent = Domain("connection_id", "=", connection.id) & Domain("sent_at", ">=", self._begun())
        count, action = self._list(connection, "order", sent)
        message = connection.env._("No order is due any more; %(count)s were sent.", count=count)
        return message, action

    def _result_picture(self, connection):
        there = [
            ("connection_id", "=", connection.id),
            ("state", "=", "done"),
            ("product_tmpl_id", "!=", False),
        ]
        count, action = self._list(connection, "picture", there)
        message = connection.env._("The pictures are fetched: %(count)s are in Odoo.", count=count)
        return message, action

    def _result_go_live(self, connection):
        action = connection.action_go_live()
        go_live = connection.env["inventory.source.go.live"]._of(connection)
        if not go_live.done_at:
            return connection.env._("Going live was undone."), action
        count = formatLang(connection.env, go_live.done_count, digits=0)
        return connection.env._(
            "You are live: %(count)s products are re-linked.", count=count
        ), action

    @staticmethod
    def _list(connection, model, domain):
        """Return how many there are, in words, and the action that opens the list of them."""
        count = connection.env[f"inventory.source.{model}"].search_count(domain)
        action = connection.env["ir.actions.act_window"]._for_xml_id(
            f"inventory_source.inventory_source_{model}_action"
        )
        return formatLang(connection.env, count, digits=0), {
            **action,
            "domain": list(domain),
            "context": {},
        }
