from datetime import timedelta

from odoo import fields, models, tools
from odoo.exceptions import UserError

from ..sync.lane import LANES

# What is due sooner than this does not wait for the scheduler's own look, once a minute: the pool
# would overflow meanwhile.
SOON_SECONDS = 60


class Connection(models.Model):
    """The scheduled actions of a connection: one per lane, on since it was first connected.

    Records of their own, so that connections run side by side on all cron workers and a slow
    account holds nobody up. Whether a lane may work is asked by each of its runs
    (`_blocked_reason`): nothing of ours switches one off, so nothing has to switch it on in time.
    """

    _inherit = "inventory.source.connection"

    cron_ids = fields.Many2many(
        "ir.cron",
        string="Scheduled Actions",
        copy=False,
        readonly=True,
        groups="base.group_system",
        # Switched off ones too, or connecting again would make new ones.
        context={"active_test": False},
    )

    progress = fields.Json(
        compute="_compute_progress", help="How far long works are, and how long they still take."
    )

    def _compute_progress(self):
        found = self.env["inventory.source.work"]._of_connections(self)
        for connection in self:
            connection.progress = found[connection]

    def _lane_model(self, lane):
        return self.env[f"inventory.source.lane.{lane}"]

    def _cron_lane(self, lane):
        """Run one slice of a lane; called by its scheduled action."""
        self.ensure_one()
        self._lane_model(lane)._cron_run(self)

    def _lane_cron(self, lane):
        """Return the scheduled action of a lane; empty before the first connect."""
        # sudo: scheduled actions belong to the system; the caller decided who may cause a run.
        return self.sudo().cron_ids.filtered(lambda cron: cron.code.endswith(f'("{lane}")'))

    def _switch_on(self):
        """Make the scheduled actions if they are missing, switch them on, and start them once."""
        for connection in self.sudo():
            for lane in LANES.values():
                cron = connection._lane_cron(lane.key)
                if not cron:
                    cron = self.env["ir.cron"].sudo().create(connection._prepare_cron(lane))
                    connection.cron_ids += cron
                elif not cron.active:
                    cron.active = True
                cron._trigger()

    @staticmethod
    def _remove_crons(crons):
        """Take scheduled actions away, with the server actions that Odoo leaves behind."""
        actions = crons.ir_actions_server_id
        crons.unlink()
        actions.unlink()

    def _switched_off_reason(self):
        """Return which of the scheduled actions somebody switched off, or False."""
        # sudo: see `_lane_cron`.
        off = self.sudo().cron_ids.filtered(lambda cron: not cron.active)
        return bool(off) and self.env._(
            "Scheduled actions of %(name)s were switched off, so nothing is done there: "
            "%(actions)s. Switch them on under Settings / Technical / Scheduled Actions.",
            name=self.name,
            actions=", ".join(off.mapped("name")),
        )

    def _prepare_cron(self, lane):
        return {
            "name": f"Inventory Source: {lane.label} ({self.name})",
            "model_id": self.env["ir.model"]._get_id("inventory.source.connection"),
            "state": "code",
            "code": f'model.browse({self.id})._cron_lane("{lane.key}")',
            "user_id": self.env.ref("base.user_root").id,
            "interval_number": lane.minutes,
            "interval_type": "minutes",
            # Orders before shipments before catalogs when workers are scarce.
            "priority": 3 + list(LANES).index(lane.key),
        }

    def _trigger_lane(self, lane, wait=0.0):
        """Trigger a lane in `wait` seconds (to the minute, when not soon).

        In as few statements as it takes: confirmations pay for it.
        """
        for connection in self:
            if cron_id := connection._lane_cron_id(lane):
                # sudo: scheduled actions belong to the system; the caller decided.
                cron = self.env["ir.cron"].sudo().browse(cron_id)
                if not wait:
                    cron._trigger_in_passing()
                    continue
                cron._trigger(fields.Datetime.now() + timedelta(seconds=wait))
                if wait < SOON_SECONDS:
                    cron._wake_in(wait)

    @tools.ormcache("self.id", "lane")
    def _lane_cron_id(self, lane):
        return self._lane_cron(lane).id

    def _run_lane_now(self, lane):
        """Run a lane in this process until nothing is due or the tokens are out; for buttons.

        :raise UserError: the connection cannot work now; says why
        """
        self.ensure_one()
        self._refuse_blocked(lane)
        outcome = self._lane_model(lane)._run_for_person(self)
        if outcome.wait is not None:
            self._trigger_lane(lane, outcome.wait)
        return outcome

    def action_send_orders(self):
        """Send what is queued now."""
        return self._action_lane("order")

    def action_import_shipments(self):
        """Import shipments now."""
        return self._action_lane("shipment")

    def action_import_catalog(self):
        """Read the catalogs now."""
        return self._action_lane("catalog")

    def _action_lane(self, lane):
        self.check_access("write")
        outcome = self._run_lane_now(lane)
        if outcome.failure:
            raise UserError(outcome.failure)
        sentences = self._done_sentences(outcome.counts)
        if not sentences:
            sentences = [self._lane_model(lane)._nothing_due(self)]
        elif outcome.wait is not None:
            sentences += self._how_it_continues(lane)
        return self._notify(" ".join(sentences))

    def _how_it_continues(self, lane):
        """Return how much of a lane's work is left, in sentences; who asks is told of its end."""
        # In a transaction of its own: this one shows what was there before the lane ran.
        left = self._transact(_join, lane, self.env.uid, self.env.lang)
        return [*left, self.env._("It continues automatically.")]

    def _done_sentences(self, counts):
        """Return what a slice of a lane did, in sentences; none when it did nothing.

        What came and what was made of it in Odoo are counted apart: there is more than one product
        made for a record that came, where others waited.
        """
        sentences = []
        if any(counts[name] for name in ("seen", "created", "updated", "set_aside")):
            sentences.append(
                self.env._(
                    "%(seen)s checked, %(created)s new, %(updated)s changed, %(aside)s skipped.",
                    seen=counts["seen"],
                    created=counts["created"],
                    updated=counts["updated"],
                    aside=counts["set_aside"],
                )
            )
        if counts["imported"] or counts["refreshed"]:
            sentences.append(
                self.env._(
                    "Products in Odoo: %(imported)s imported, %(refreshed)s updated.",
                    imported=counts["imported"],
                    refreshed=counts["refreshed"],
                )
            )
        return sentences


def _join(connection, lane, user_id, lang):
    # sudo: as in every transaction of ours; the person's, for words and the time of day.
    connection = connection.with_user(user_id).with_context(lang=lang).sudo()
    return connection.env["inventory.source.work"]._join(connection, lane, user_id)
