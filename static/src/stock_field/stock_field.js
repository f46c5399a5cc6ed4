import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

// The stock of the supplier and its age in few letters; the whole sentence stays a tooltip away.
export class SupplierStockField extends Component {
    static template = "inventory_source.SupplierStockField";
    static props = { ...standardFieldProps };
}

registry.category("fields").add("inventory_source_stock", {
    component: SupplierStockField,
    displayName: _t("Supplier stock"),
    supportedTypes: ["char"],
    fieldDependencies: [{ name: "inventory_source_stock", type: "char" }],
});
