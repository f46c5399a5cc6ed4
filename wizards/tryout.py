from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from ..client.errors import ApiError
from ..client.http import check_url
from ..client.simulator import find_account, give_access, ship_orders
from ..models.connection.authorization import OUTCOMES
from ..models.shipment.order import CHECKS_AT_ONCE
from ..models.sync.transaction import transact

# Where the README and `make serve` have the simulator, on the machine of Odoo. That of compose.yaml
# listens inside of the container of its own Odoo: no other one reaches it.
ADDRESS = "http://127.0.0.1:8070"
# A callback that a simulator takes; nobody comes back over it, the code is read from the answer.
CALLBACK = "http://127.0.0.1:8069/inventory_source/callback"


class Tryout(models.TransientModel):
    """Try everything out on a simulator, without an account.

    What becomes of it, and what may not be begun: docs/decisions/0023-a-trial-leaves-no-trace.md.
    """

    _name = "inventory.source.tryout"
    _description = "Inventory Source: Try Without an Account"
    _inherit = ["inventory.source.guard"]

    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    address = fields.Char("Simulator", required=True, default=ADDRESS)
    may_choose_address = fields.Boolean(compute="_compute_may_choose_address")
    connection_id = fields.Many2one(
        "inventory.source.connection", "Trial", compute="_compute_connection_id"
    )
    state = fields.Selection(related="connection_id.state", related_sudo=False)
    refusal = fields.Text(compute="_compute_refusal")

    @api.depends_context("company")
    def _compute_company_id(self):
        self.company_id = self.env.company

    @api.depends_context("uid")
    def _compute_may_choose_address(self):
        # Whoever may name one has this server ask whatever listens there.
        self.may_choose_address = self.env.user.has_group("base.group_system")

    @api.depends("company_id")
    def _compute_connection_id(self):
        for wizard in self:
            wizard.connection_id = _trial_of(wizard.env, wizard.company_id)

    @api.depends("company_id")
    def _compute_refusal(self):
        for wizard in self:
            wizard.refusal = wizard._refusal_reason()

    def _refusal_reason(self):
        """Return why no trial may be begun in the company, or False."""
        # sudo: what another company of the person's has counts beside this one, seen or not.
        everything = self.env["inventory.source.connection"].sudo().with_context(active_test=False)
        production = everything.search([("environment", "=", "production")])
        for connection in production:
            if connection._are_beside(self.company_id.sudo()):
                return self.env._(
                    "%(company)s has a production connection already, and what is simulated must "
                    "not stand beside what is real. Try it in another database.",
                    company=connection.company_id.name,
                )
        # sudo: a system parameter.
        if self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized"):
            return self.env._("This database is neutralized: nothing is called from it.")
        return False

    # --- begin ---

    def action_start(self):
        """Connect to the simulator, which loads its channels and catalogs; open the connection.

        A trial that has lost its access, as after the simulator was started again, is connected
        again.
        """
        self.ensure_one()
        self.check_access("write")
        if self.refusal:
            raise UserError(self.refusal)
        address = self._simulator()
        with self._asking(address):
            account = find_account(self._transport(), address)
        known = self.connection_id.id
        # Committed, for the ways of every authorization are transactions of their own.
        trial_id = transact(
            self.env(user=SUPERUSER_ID),
            _prepare,
            self.company_id.id,
            self.env.uid,
            address,
            account,
        )
        try:
            self._connect(trial_id, address, account)
        except UserError:
            if not known:
                transact(self.env(user=SUPERUSER_ID), _forget, trial_id)
            raise
        return self._opening(trial_id)

    def _simulator(self):
        """Return the address of the simulator, without a slash at its end.

        :raise UserError: it cannot be one
        """
        address = self.address.strip().rstrip("/")
        if address != ADDRESS and not self.may_choose_address:
            raise UserError(
                self.env._("Only an administrator of the settings may choose another address.")
            )
        try:
            check_url(address)
        except ValueError as error:
            raise UserError(str(error)) from None
        return address

    def _transport(self):
        return self.env["inventory.source.connection"]._transport()

    @contextmanager
    def _asking(self, address):
        """Say in plain words that no simulator answers."""
        try:
            yield
        except ApiError as error:
            raise UserError(
                self.env._(
                    "No simulator answers at %(address)s. Start it on the machine Odoo runs on, "
                    "then try again. (%(error)s)",
                    address=address,
                    error=error,
                )
            ) from None

    def _connect(self, trial_id, address, account):
        """Go the way of every authorization; the simulator's retailer agrees by itself."""
        url = self._trial(trial_id)._transact(_begin, self.env.uid)
        with self._asking(address):
            back = give_access(self._transport(), address, url, account)
        with self._afresh(trial_id) as trial:
            authorization = trial._authorizations()._find(back.state)
            outcome = authorization._finish(back.code, back.error, back.issuer)
        if outcome != "connected":
            raise UserError(self.env._(OUTCOMES[outcome]))  # pylint: disable=gettext-variable

    def _trial(self, trial_id):
        return self.env["inventory.source.connection"].browse(trial_id)

    @contextmanager
    def _afresh(self, trial_id):
        """Yield the trial in a transaction that sees what was committed since this one began."""
        with self.env.registry.cursor() as cr:
            yield self._trial(trial_id).with_env(self.env(cr=cr))

    # --- go on ---

    def action_open(self):
        """Open the connection of the trial."""
        self.ensure_one()
        return self._opening(self.connection_id.id)

    def _opening(self, trial_id):
        return {
            "type": "ir.actions.act_window",
            "res_model": "inventory.source.connection",
            "res_id": trial_id,
            "views": [(False, "form")],
        }

    def action_ship(self):
        """Have the simulated suppliers ship all that was ordered, and look at what they say."""
        self.ensure_one()
        self.check_access("write")
        trial = self.connection_id
        trial.check_access("write")
        # sudo: the address is for system administrators; the trial was made with it.
        address = trial.sudo().api_url
        with self._asking(address):
            ship_orders(self._transport(), address)
        orders = self.env["inventory.source.order"].search(
            [("connection_id", "=", trial.id), ("state", "=", "accepted")], limit=CHECKS_AT_ONCE
        )
        if not orders:
            raise UserError(
                self.env._(
                    "No order waits to be shipped. Confirm a quotation of imported products, and "
                    "give it a minute to be sent."
                )
            )
        return orders.action_check_shipments()

    def action_end(self):
        """Show what taking the trial away takes, before it is done."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "inventory_source.inventory_source_tryout_end_action"
            ),
            "context": {"default_connection_id": self.connection_id.id},
        }


def _trial_of(env, company):
    """Return the trial of a company, or none."""
    trials = env["inventory.source.connection"].with_context(active_test=False)
    return trials.search([("is_tryout", "=", True), ("company_id", "=", company.id)], limit=1)


def _prepare(env, company_id, user_id, address, account):
    """Make the connection of a trial, or have the one that is there point to a simulator."""
    company = env["res.company"].browse(company_id)
    values = {
        "client_id": account.client_id,
        "client_secret": account.client_secret,
        "authorize_url": f"{address}/authorize",
        "token_url": f"{address}/oauth/token",
        "api_url": address,
    }
    if trial := _trial_of(env, company):
        trial.write({**values, "active": True})
        return trial.id
    return (
        env["inventory.source.connection"]
        .with_company(company)
        .create(
            {
                **values,
                "name": env._("Trial (simulated)"),
                "company_id": company_id,
                "user_id": user_id,
                "environment": "sandbox",
                "redirect_uri": CALLBACK,
                # Whoever buys in a trial is perhaps a customer: no mail about what is not real.
                "shipment_template_id": False,
                "is_tryout": True,
            }
        )
        .id
    )


def _forget(env, trial_id):
    """Take away a trial that came to nothing."""
    trial = env["inventory.source.connection"].browse(trial_id)
    trial.with_context(**{MODULE_UNINSTALL_FLAG: True}).unlink()


def _begin(trial, user_id):
    """Begin an authorization for a person; return the address of the authorize page."""
    return trial.with_user(user_id)._authorizations()._start(trial, "paste")
