from odoo import models
from odoo.fields import Domain
from odoo.tools import formatLang


class Work(models.Model):
    """What came of a long work: a sentence, and the way to it, for whoever waited."""

    _inherit = "inventory.source.work"

    def _result_for(self, person):
        """Return what the client shows a person at the end, or None: there is nothing to say.

        A dict of `message`, `button` and `action`, in the person's language and by the person's
        rights. The list that opens holds what the sentence counts.
        """
        if self[0].kind != "download" and not sum(self.mapped("total")):
            return None
        theirs = self.connection_id.with_user(person).with_context(
            lang=person.lang, allowed_company_ids=person.company_ids.ids
        )
        if not theirs.has_access("read"):
            return None
        message, button, action = getattr(self, f"_result_{self[0].kind}")(theirs)
        # What an action says for an empty list is long, and every message is a row.
        action = {name: value for name, value in action.items() if name != "help"}
        return {"title": theirs.name, "message": message, "button": button, "action": action}

    def _result_download(self, connection):
        _, own = connection.env._, Domain("catalog_id", "in", self.catalog_id.ids)
        offers = own & Domain("discontinued_at", "=", False)
        count, action = self._list(connection, "product", offers)
        next_step = connection._goods_steps().get(connection)
        if next_step != "choose" or not connection.has_access("write"):
            return _("%(count)s products are downloaded.", count=count), _("Open"), action
        catalogs = connection.env["inventory.source.catalog"].browse(self.catalog_id.ids)
        return (
            _("%(count)s products are downloaded. Next: choose what to sell.", count=count),
            _("Choose What to Sell"),
            catalogs._choose(),
        )

    def _result_import(self, connection):
        _ = connection.env._
        count, action = self._list(connection, "product", self._imported())
        return (
            _("The import is done: %(count)s products are imported.", count=count),
            _("Open"),
            action,
        )

    def _result_update(self, connection):
        _ = connection.env._
        count, action = self._list(connection, "product", self._imported())
        return _("The update is done: %(count)s imported products.", count=count), _("Open"), action

    def _imported(self):
        return Domain("catalog_id", "in", self.catalog_id.ids) & Domain("state", "=", "linked")

    def _result_order(self, connection):
        _, begun = connection.env._, min(self.mapped("begun_at"))
        sent = Domain("connection_id", "=", connection.id) & Domain("sent_at", ">=", begun)
        count, action = self._list(connection, "order", sent)
        return _("No order waits any more; %(count)s were sent.", count=count), _("Open"), action

    def _result_picture(self, connection):
        _ = connection.env._
        there = Domain("connection_id", "=", connection.id) & Domain("state", "=", "done")
        count, action = self._list(connection, "picture", there)
        return _("The pictures are fetched: %(count)s are in Odoo.", count=count), _("Open"), action

    def _result_go_live(self, connection):
        _, action = connection.env._, connection.action_go_live()
        go_live = connection.env["inventory.source.go.live"]._of(connection)
        if not go_live.done_at:
            return _("Going live was undone."), _("Open"), action
        count = formatLang(connection.env, go_live.done_count, digits=0)
        return _("You are live: %(count)s products are re-linked.", count=count), _("Open"), action

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
