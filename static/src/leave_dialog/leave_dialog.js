import { registry } from "@web/core/registry";

// Closes the dialog a person is in, then opens what `next` says. A list that opened the dialog by a
// press on a row reloads when it closes, and Odoo waits for that: where the list is gone by then,
// replaced by what was opened, the dialog would stay in front of it.
async function leaveDialog(env, action) {
    await env.services.action.doAction({ type: "ir.actions.act_window_close" });
    return action.params.next;
}

registry.category("actions").add("inventory_source_leave_dialog", leaveDialog);
