import { Component } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

// What suppliers do with what was ordered of them; the server says it all (models/shipment/block.py).
export class SupplierOrdersField extends Component {
    static template = "inventory_source.SupplierOrdersField";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
    }

    get rows() {
        return this.props.record.data[this.props.name] || [];
    }

    open(row) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "inventory.source.order",
            res_id: row.order_id,
            views: [[false, "form"]],
        });
    }

    press(button) {
        if (!button.confirm) {
            return this.run(button);
        }
        this.dialog.add(ConfirmationDialog, {
            body: button.confirm,
            confirm: () => this.run(button),
            cancel: () => {},
        });
    }

    async run({ model, id, method, context }) {
        const { record } = this.props;
        // What was typed is kept, as with every other button of the form.
        if (!(await record.save())) {
            return;
        }
        await this.action.doActionButton({
            type: "object",
            name: method,
            resModel: model,
            resId: id,
            resIds: [id],
            context,
            onClose: () => record.load(),
        });
    }
}

registry.category("fields").add("inventory_source_block", {
    component: SupplierOrdersField,
    displayName: _t("Supplier orders"),
    supportedTypes: ["json"],
});
