from datetime import timedelta

from babel.dates import format_skeleton, format_timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import babel_locale_parse, format_datetime, format_time
from odoo.tools.misc import get_lang

from ...tools.safe_html import text_html

USER = "inventory_source.group_user"
MANAGER = "inventory_source.group_manager"
# What keeps something from going on, and what to call the supplier about after it has left.
WARNING = "mail.mail_activity_data_warning"
CALL = "mail.mail_activity_data_call"


class RecordMixin(models.AbstractModel):
    """What our records share towards people: buttons, activities, messages.

    A core model that needs one of these uses the functions below, which it cannot inherit.
    """

    _name = "inventory.source.record.mixin"
    _description = "Inventory Source Record"

    # --- buttons ---

    def _checked(self, group, states):
        """Return these records in sudo for a button, after checking who presses it and when.

        :param str group: the group a person needs; sudo because nobody may write these freely
        :raise AccessError, UserError: why not
        """
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "You need the right “%(group)s” for this.", group=self.env.ref(group).full_name
                )
            )
        for record in self:
            if reason := record._refused_because(states):
                raise UserError(reason)
        # Nobody decides on a record a lane is just working on, and a lane skips what is locked.
        self.sudo().lock_for_update()
        return self.sudo()

    def _refused_because(self, states):
        """Return why a button that is for these states cannot be used on this record, or False."""
        self.ensure_one()
        if self.state in states:
            return False
        return self.env._(
            "%(name)s is in the state “%(state)s”, where this is not possible.",
            name=self.display_name,
            state=dict(self._fields["state"]._description_selection(self.env))[self.state],
        )

    # --- notifying people ---

    def _raise_activity(self, summary, note, users, **how):
        """Raise one activity, or bring the one that is there up to date: `raise_activity`."""
        raise_activity(self, summary, note, users, **how)

    def _activities_about(self, summary, kind=WARNING, done=False):
        """Return the activities about one matter: `activities_about`."""
        return activities_about(self, summary, kind, done)

    def _notify(self, message, kind="info"):
        return notification(message, kind)


def notification(message, kind="info"):
    """Return the action that shows a person a sentence and refreshes what they look at.

    It goes by itself: what is to be read longer stands on the record.
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "message": message,
            "type": kind,
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        },
    }


def raise_activity(record, summary, note, users, kind=WARNING, only_one=False):
    """Raise an activity on a record, or bring the one about the same matter up to date.

    :param note: text, of whoever it comes; HTML only as `Markup`
    :param users: for the first of them; for the administrator when there is none
    :param only_one: whatever the one of this kind that is there was about, it is this matter now
    """
    # What is done stays done, also for records that show what is archived.
    about = [("active", "=", True), *([] if only_one else [("summary", "=", summary)])]
    # Odoo takes a note for HTML: what the service said would be run through, links and pictures.
    note = text_html(note)
    if activity := record.activity_search([kind], additional_domain=about)[:1]:
        activity.write({"summary": summary, "note": note})
        return
    record.activity_schedule(
        kind,
        summary=summary,
        note=note,
        user_id=(users[:1] or record.env.ref("base.user_admin")).id,
    )


def activities_about(records, summary, kind=WARNING, done=False):
    """Return the activities about one matter on records, those to do or those that are done."""
    about = [("summary", "=", summary), ("active", "=", not done)]
    return records.activity_search([kind], additional_domain=about)


def open_records(records, action_xml_id, domain=None):
    """Return the action that opens the one record there is, else the list.

    :param domain: what the list shows; these records, when it is not given
    """
    action = records.env["ir.actions.act_window"]._for_xml_id(action_xml_id)
    if len(records) == 1:
        return {**action, "views": [(False, "form")], "res_id": records.id}
    # The action's own filters would hide some of them.
    return {**action, "domain": domain or [("id", "in", records.ids)], "context": {}}


def ago(env, moment):
    """Return how long ago something was, such as "2 minutes ago", in the language of the reader."""
    locale = babel_locale_parse(get_lang(env).code)
    return format_timedelta(moment - fields.Datetime.now(), add_direction=True, locale=locale)


def age(env, moment):
    """Return how old something is in few letters, such as "2 min"."""
    locale = babel_locale_parse(get_lang(env).code)
    return format_timedelta(fields.Datetime.now() - moment, format="short", locale=locale)


def duration(env, seconds):
    """Return how long something takes, such as "6 minutes", in the language of the reader."""
    locale = babel_locale_parse(get_lang(env).code)
    # Never "0 seconds"; and "90 minutes" rather than "2 hours".
    return format_timedelta(timedelta(seconds=max(1, seconds)), threshold=2, locale=locale)


def day_label(env, day):
    """Return a day and its month as short as the language has them, in its order: "Nov 23"."""
    return format_skeleton("MMMd", day, locale=babel_locale_parse(get_lang(env).code))


def clock(env, moment):
    """Return when something is to be: the time of day, with the date where that is not today."""
    user = env.user
    today = fields.Datetime.context_timestamp(user, fields.Datetime.now()).date()
    if fields.Datetime.context_timestamp(user, moment).date() == today:
        return format_time(env, moment, time_format="short")
    return format_datetime(env, moment, dt_format="short")
