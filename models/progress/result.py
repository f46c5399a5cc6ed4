from odoo import models
from odoo.fields import Domain
from odoo.tools import formatLang


class Work(models.Model):
    """What came of a long work: a sentence, and the way to it, for whoever waited."""

    _inherit = "inventory.source.work"

    def _result_for(self, person):
        """Return what the client shows a person at the end, or None: there is nothing to say.

        A dict of `message`, its `type`, `button` and `action`, in the person's language and by the
        person's rights. The list that opens holds what the sentence counts.
        """
        if self[0].kind != "download" and not sum(self.mapped("total")):
            return None
        theirs = self.connection_id.with_user(person).with_context(
            lang=person.lang, allowed_company_ids=person.company_ids.ids
        )
        if not theirs.has_access("write" if self[0].kind == "go_live" else "read"):
            return None
        message, action, *button = getattr(self, f"_result_{self[0].kind}")(theirs)
        # What an action says for an empty list is long, and every message is a row.
        action = {name: value for name, value in action.items() if name != "help"}
        return {
            "title": theirs.name,
            "type": "warning" if self._not_downloaded() else "success",
            "message": message,
            "button": button[0] if button else theirs.env._("Open"),
            "action": action,
        }

    def _not_downloaded(self):
        """Return the catalogs of these, downloads, of which not all could be downloaded."""
        downloads = self.filtered(lambda work: work.kind == "download")
        return downloads.catalog_id.filtered(lambda catalog: catalog._not_downloaded_reason())

    # One for each kind: what came of it in words, what opens it, and what that is called.

    def _result_download(self, connection):
        if self._not_downloaded():
            return self._result_not_downloaded(connection)
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

    def _result_not_downloaded(self, connection):
        """Say why, catalog by catalog; whatever comes later comes by itself."""
        env, catalogs = connection.env, self._not_downloaded()
        _count, action = self._list(connection, "catalog", Domain("id", "in", catalogs.ids))
        said = [
            *(catalog._not_downloaded_reason() for catalog in catalogs.with_env(env).sudo()),
            catalogs.filtered("failing_since") and env._("It is tried again automatically."),
            catalogs != self.catalog_id and env._("The other catalogs are downloaded."),
        ]
        return env._(
            "Not everything could be downloaded. %(reasons)s",
            reasons=" ".join(filter(None, said)),
        ), action

    def _result_import(self, connection):
        count, action = self._imported(connection)
        message = connection.env._(
            "The import is done: %(count)s products are imported.", count=count
        )
        return message, action

    def _result_update(self, connection):
        count, action = self._imported(connection)
        message = connection.env._("The update is done: %(count)s imported products.", count=count)
        return message, action

    def _imported(self, connection):
        own = Domain("catalog_id", "in", self.catalog_id.ids) & Domain("state", "=", "linked")
        return self._list(connection, "product", own)

    def _result_order(self, connection):
        begun = min(self.mapped("begun_at"))
        sent = Domain("connection_id", "=", connection.id) & Domain("sent_at", ">=", begun)
        count, action = self._list(connection, "order", sent)
        message = connection.env._("No order is due any more; %(count)s were sent.", count=count)
        return message, action

    def _result_picture(self, connection):
        there = Domain("connection_id", "=", connection.id) & Domain("state", "=", "done")
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
